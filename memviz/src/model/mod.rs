//! The machine as its events tell it: a fold that runs forwards and backwards.
//!
//! ```text
//!             apply ──►                            ┌ regions    the memory map
//!  Event ───────────────►  Model ── one part each ─┤ frames     owner, references, heat of every frame
//!             ◄── revert                           │ cells      the same, summed up for what the map shows
//!                                                  │ heap       blocks, orders, live count of each heap frame
//!                                                  │ mappings   pages by size and access, windows by policy
//!                                                  └ faults     the last page faults
//! ```
//! Invariants: `revert(e)` directly after `apply(e)` gives the state before, exactly, for every event
//! that an allocator can emit (except what fell out of the bounded fault log, which a
//! [`Timeline`](crate::timeline) puts back). Everything that an event changes is marked, so that drawing costs what
//! changed and not what exists.
//!
//! The model never reads memory: [`truth`](crate::truth) compares it with the machine.

pub mod cells;
pub mod faults;
pub mod frames;
pub mod heap;
pub mod mappings;
pub mod regions;
#[cfg(test)]
pub(crate) mod tests;

pub use cells::{Cell, Cells, View};
pub use faults::{Fault, FaultLog};
pub use frames::{Frame, Frames, OWNERS};
pub use heap::{Block, Heap, HeapFrame, HeapTotals, ORDERS};
pub use mappings::Mappings;
pub use regions::{MAX_REGIONS, Region, Regions};

use mm::event::{Event, Kind, Payload};

/// The buffers of a model. All-zero content is valid; the lengths are those of [`ModelNeeds`].
#[expect(missing_docs, reason = "each is described where it is used")]
pub struct ModelStorage<'m> {
    pub frames: &'m mut [Frame],
    pub cells: &'m mut [Cell],
    pub dirty_cells: &'m mut [u64],
    pub granules: &'m mut [heap::Granule],
    pub heap_frames: &'m mut [HeapFrame],
    pub dirty_heap_frames: &'m mut [u64],
    pub faults: &'m mut [Fault],
    pub regions: &'m mut [Region],
}

/// How many elements each buffer of [`ModelStorage`] needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in ModelStorage")]
pub struct ModelNeeds {
    pub frames: usize,
    pub cells: usize,
    pub dirty_cells: usize,
    pub granules: usize,
    pub heap_frames: usize,
    pub dirty_heap_frames: usize,
    pub faults: usize,
    pub regions: usize,
}

impl ModelNeeds {
    /// For this many frames from address 0 on, a heap of at most this many bytes, and a map of at most
    /// this many cells.
    pub const fn new(frames: usize, heap_bytes: usize, cells: usize) -> ModelNeeds {
        let heap_frames = heap_bytes / heap::FRAME_BYTES;
        ModelNeeds {
            frames,
            cells,
            dirty_cells: crate::dirty::words(cells),
            granules: heap_bytes / heap::GRANULE_BYTES,
            heap_frames,
            dirty_heap_frames: crate::dirty::words(heap_frames),
            faults: faults::SLOTS,
            regions: MAX_REGIONS,
        }
    }
}

/// Which panels show something that changed since they were drawn. Cells of the maps have their
/// own marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the panels")]
pub struct Changed {
    pub regions: bool,
    pub frames: bool,
    pub heap: bool,
    pub faults: bool,
    pub mappings: bool,
    pub caption: bool,
}

/// The state of the machine's memory, as far as its events tell.
#[derive(Debug)]
pub struct Model<'m> {
    /// The memory map.
    pub regions: Regions<'m>,
    /// Every frame.
    pub frames: Frames<'m>,
    /// What the frame map shows: the frames of each cell, summed up.
    pub cells: Cells<'m>,
    /// The buddy heap.
    pub heap: Heap<'m>,
    /// Pages and windows.
    pub mappings: Mappings,
    /// The machine counted otherwise when the picture was compared with it.
    pub mappings_differ: bool,
    /// The last page faults.
    pub faults: FaultLog<'m>,
    /// Number of the caption that is shown, 0 for none.
    pub caption: u32,
    /// The process whose address space the events are about, 0 for the kernel.
    pub space: u32,
    /// Processes that live now.
    pub processes: u64,
    /// Events applied (and not reverted), by kind.
    pub totals: [u64; Kind::COUNT],
    /// Events that contradict what was known, such as a free of a free frame. The event is believed;
    /// never counted down.
    pub contradictions: u64,
    /// What to draw again.
    pub changed: Changed,
}

/// Whether an event happens or is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Back,
}

impl Direction {
    /// Counts up, or down again.
    #[inline]
    fn count(self, counter: &mut u64, by: u64) {
        *counter = match self {
            Direction::Forward => counter.wrapping_add(by),
            Direction::Back => counter.wrapping_sub(by),
        };
    }

    /// The other one: undoing an unmap maps.
    fn reversed(self) -> Direction {
        match self {
            Direction::Forward => Direction::Back,
            Direction::Back => Direction::Forward,
        }
    }

    /// What was before and what is after, seen in this direction.
    fn ordered<T>(self, from: T, to: T) -> (T, T) {
        match self {
            Direction::Forward => (from, to),
            Direction::Back => (to, from),
        }
    }
}

impl<'m> Model<'m> {
    /// A model that knows nothing yet; the buffers are overwritten.
    pub fn new(storage: ModelStorage<'m>) -> Model<'m> {
        Model {
            regions: Regions::new(storage.regions),
            frames: Frames::new(storage.frames),
            cells: Cells::new(storage.cells, storage.dirty_cells),
            heap: Heap::new(
                storage.granules,
                storage.heap_frames,
                storage.dirty_heap_frames,
            ),
            mappings: Mappings::default(),
            mappings_differ: false,
            faults: FaultLog::new(storage.faults),
            caption: 0,
            space: 0,
            processes: 0,
            totals: [0; Kind::COUNT],
            contradictions: 0,
            changed: Changed::default(),
        }
    }

    /// The event happened.
    pub fn apply(&mut self, event: &Event) {
        self.step(event, Direction::Forward);
    }

    /// The event is undone; it must be the last one that was applied and not yet undone.
    pub fn revert(&mut self, event: &Event) {
        self.step(event, Direction::Back);
    }

    /// Events applied and not reverted.
    pub fn events(&self) -> u64 {
        self.totals.iter().sum()
    }

    /// Frames of usable memory that nobody owns.
    pub fn free_frames(&self) -> u64 {
        self.regions
            .usable_frames()
            .saturating_sub(self.frames.used())
    }

    /// Shows other frames in the cells: sums them up anew.
    pub fn set_view(&mut self, view: View) {
        self.cells.set_view(view, &self.frames, &self.regions);
    }

    fn step(&mut self, event: &Event, direction: Direction) {
        let kind = event.payload.kind();
        direction.count(&mut self.totals[kind as usize], 1);
        let agrees = match event.payload {
            Payload::Region { start, bytes, kind } => {
                let region = Region { start, bytes, kind };
                self.regions.step(&mut self.cells, region, direction)
            }
            Payload::FrameAllocate { .. }
            | Payload::FrameFree { .. }
            | Payload::FrameReference { .. }
            | Payload::FrameRetag { .. }
            | Payload::FrameHeat { .. } => {
                self.frames.step(&mut self.cells, event.payload, direction)
            }
            Payload::Map { frame, size, .. } => {
                self.frames.mapped(&mut self.cells, frame, size, direction);
                self.mappings.step(event.payload, direction)
            }
            Payload::Unmap { .. }
            | Payload::Protect { .. }
            | Payload::WindowOpen { .. }
            | Payload::WindowClose { .. } => self.mappings.step(event.payload, direction),
            Payload::FaultBegin { .. } | Payload::FaultEnd { .. } => {
                self.faults.step(event, direction)
            }
            Payload::HeapGrow { .. }
            | Payload::HeapShrink { .. }
            | Payload::HeapAllocate { .. }
            | Payload::HeapFree { .. } => self.heap.step(event.payload, direction),
            Payload::FrameRefuse { .. } | Payload::HeapRefuse { .. } => true,
            Payload::Caption { number, previous } => {
                self.caption = match direction {
                    Direction::Forward => number,
                    Direction::Back => previous,
                };
                true
            }
            Payload::SpaceSwitch { number, previous } => {
                self.space = match direction {
                    Direction::Forward => number,
                    Direction::Back => previous,
                };
                true
            }
            Payload::ProcessStart { .. } => {
                direction.count(&mut self.processes, 1);
                true
            }
            Payload::ProcessEnd { .. } => {
                direction.reversed().count(&mut self.processes, 1);
                true
            }
        };
        if !agrees {
            self.contradictions += 1;
        }
        self.changed.mark(kind);
    }
}

impl Changed {
    /// Everything.
    pub const ALL: Changed = Changed {
        regions: true,
        frames: true,
        heap: true,
        faults: true,
        mappings: true,
        caption: true,
    };

    fn mark(&mut self, kind: Kind) {
        let flag = match kind {
            // Only cells change, and they have marks of their own.
            Kind::FrameHeat => return,
            Kind::Region => {
                self.frames = true;
                &mut self.regions
            }
            Kind::FrameAllocate
            | Kind::FrameFree
            | Kind::FrameReference
            | Kind::FrameRetag
            | Kind::FrameRefuse => &mut self.frames,
            Kind::Map | Kind::Unmap | Kind::Protect | Kind::WindowOpen | Kind::WindowClose => {
                &mut self.mappings
            }
            Kind::FaultBegin | Kind::FaultEnd => &mut self.faults,
            Kind::HeapGrow
            | Kind::HeapShrink
            | Kind::HeapAllocate
            | Kind::HeapFree
            | Kind::HeapRefuse => &mut self.heap,
            Kind::Caption => &mut self.caption,
            Kind::SpaceSwitch | Kind::ProcessStart | Kind::ProcessEnd => &mut self.mappings,
        };
        *flag = true;
    }
}
