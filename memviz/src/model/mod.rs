//! The machine as its events tell it: a fold that runs forwards and backwards.
//!
//! ```text
//!             apply ──►                            ┌ firmware_map  the memory map
//!  Event ───────────────►  Model ── one part each ─┤ frames     owner, references, heat of every frame
//!             ◄── revert                           │ cells      the same, summed up for what the map shows
//!                                                  │ heap       blocks, orders, live count of each heap frame
//!                                                  │ arenas     heaps beside it, racing
//!                                                  │ mappings   pages by size and access, regions by policy
//!                                                  │ tables     every entry of the page tables; walk: an address's way
//!                                                  │ regions    which ranges mean what
//!                                                  │ processes  who lives, and what its space holds
//!                                                  └ faults     the last page faults
//! ```
//! Invariants: `revert(e)` directly after `apply(e)` gives the state before, exactly, for every
//! event that an allocator can emit (except what fell out of the bounded fault log, which a
//! [`Timeline`](crate::timeline) puts back). Everything that an event changes is marked, so that
//! drawing costs what changed and not what exists.
//!
//! The model never reads memory: [`truth`](crate::truth) compares it with the machine.

pub mod accents;
pub mod cells;
mod changed;
mod direction;
pub mod dirty;
pub mod faults;
pub mod firmware_map;
pub mod frames;
pub mod heap;
pub mod mappings;
pub mod memory_regions;
pub mod processes;
pub mod samples;
mod storage;
pub mod subtotals;
pub mod tables;
#[cfg(test)]
pub(crate) mod tests;
pub mod walk;

pub use accents::{Accent, Marks};
pub use cells::{Cell, CellStorage, Cells, View};
pub use changed::Changed;
pub(crate) use direction::Direction;
pub use faults::{Fault, FaultLog};
pub use firmware_map::{FirmwareMap, FirmwareRegion, MAX_FIRMWARE_REGIONS};
pub use frames::{Frame, Frames, OWNERS};
pub use heap::arenas::{Arena, ArenaBlock, Arenas};
pub use heap::{Block, Heap, HeapFrame, HeapTotals, ORDERS};
pub use mappings::Mappings;
pub use memory_regions::Regions;
pub use processes::{Process, Processes};
pub use storage::{ModelNeeds, ModelStorage};
pub use subtotals::Subtotal;
pub use tables::{Entry, Place, Tables};
pub use walk::Walk;

use mm::event::{Event, Kind, Payload};
use mm::paging::{Access, PageSize};
use tables::Change;
use x86_64::PhysAddr;

/// The state of the machine's memory, as far as its events tell.
#[derive(Debug)]
pub struct Model<'m> {
    /// The memory map.
    pub firmware_map: FirmwareMap<'m>,
    /// Every frame.
    pub frames: Frames<'m>,
    /// What the frame map shows: the frames of each cell, summed up.
    pub cells: Cells<'m>,
    /// The buddy heap.
    pub heap: Heap<'m>,
    /// Heaps beside it that race.
    pub arenas: Arenas<'m>,
    /// Pages and regions in numbers.
    pub mappings: Mappings,
    /// Every entry of the page tables.
    pub tables: Tables<'m>,
    /// Ranges with a meaning.
    pub regions: Regions<'m>,
    /// The machine counted otherwise when the picture was compared with it.
    pub mappings_differ: bool,
    /// The last page faults.
    pub faults: FaultLog<'m>,
    /// Number of the caption that is shown, 0 for none.
    pub caption: u32,
    /// The process whose address space the events are about, 0 for the kernel.
    pub space: u32,
    /// Processes that live now, and the kernel.
    pub processes: Processes<'m>,
    /// Events applied (and not reverted), by kind.
    pub totals: [u64; Kind::COUNT],
    /// Events that contradict what was known, such as a free of a free frame. The event is
    /// believed; never counted down.
    pub contradictions: u64,
    /// What to draw again.
    pub changed: Changed,
}

impl<'m> Model<'m> {
    /// A model that knows nothing yet; the buffers are overwritten.
    pub fn new(storage: ModelStorage<'m>) -> Model<'m> {
        let frames = storage.frames.len();
        let cells = CellStorage {
            cells: storage.cells,
            accents: storage.accents,
            dirty: storage.dirty_cells,
            subtotals: storage.subtotals,
        };
        Model {
            firmware_map: FirmwareMap::new(storage.firmware_map),
            frames: Frames::new(storage.frames),
            cells: Cells::new(cells, frames),
            heap: Heap::new(
                storage.granules,
                storage.heap_frames,
                storage.dirty_heap_frames,
            ),
            arenas: Arenas::new(storage.arena_blocks),
            mappings: Mappings::default(),
            tables: Tables::new(storage.tables),
            regions: Regions::new(storage.regions),
            mappings_differ: false,
            faults: FaultLog::new(storage.faults),
            caption: 0,
            space: 0,
            processes: Processes::new(storage.processes),
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
        self.firmware_map
            .usable_frames()
            .saturating_sub(self.frames.used())
    }

    /// The frames with these numbers in numbers.
    pub fn sum(&mut self, frames: core::ops::Range<usize>) -> Cell {
        let mut sum = self.cells.sum(&self.frames, frames.clone());
        for region in self.firmware_map.all() {
            let of = firmware_map::frames_of(region);
            let start = of.start.max(frames.start as u64);
            let end = of.end.min(frames.end as u64);
            sum.kinds[region.kind as usize] += end.saturating_sub(start) as u32;
        }
        sum
    }

    /// Shows other frames in the cells: sums them up anew.
    pub fn set_view(&mut self, view: View) {
        self.cells.set_view(view, &self.frames, &self.firmware_map);
    }

    fn step(&mut self, event: &Event, direction: Direction) {
        let kind = event.payload.kind();
        direction.count(&mut self.totals[kind as usize], 1);
        match direction {
            Direction::Forward => self.cells.happen(event.time, changes_frames(kind as u8)),
            Direction::Back => self.cells.accents.ignore(),
        }
        let agrees = match event.payload {
            Payload::FirmwareRegion { start, bytes, kind } => {
                let region = FirmwareRegion { start, bytes, kind };
                self.firmware_map.step(&mut self.cells, region, direction)
            }
            Payload::FrameReference { frame, .. } => {
                let is_shared = |frames: &Frames| frames.is_shared(frame);
                let before = is_shared(&self.frames);
                let agrees = self.frames.step(&mut self.cells, event.payload, direction);
                let after = is_shared(&self.frames);
                if before != after {
                    self.pages_shared(frame, after);
                }
                agrees
            }
            Payload::FrameAllocate { .. }
            | Payload::FrameFree { .. }
            | Payload::FrameRetag { .. }
            | Payload::FrameHeat { .. } => {
                self.frames.step(&mut self.cells, event.payload, direction)
            }
            Payload::Map { frame, size, .. } => {
                self.frames.mapped(&mut self.cells, frame, size, direction);
                self.tables_changed(event.payload, direction)
            }
            Payload::Unmap { .. }
            | Payload::Protect { .. }
            | Payload::TableLink { .. }
            | Payload::TableUnlink { .. } => self.tables_changed(event.payload, direction),
            Payload::RegionOpen { start, .. } | Payload::RegionClose { start, .. } => {
                self.processes
                    .touch(memory_regions::whose(self.space, start));
                self.mappings.step(event.payload, direction)
                    & self.regions.step(self.space, event.payload, direction)
            }
            Payload::FaultBegin { address, code, .. } => {
                let space = faults::space_of(self.space, address, code);
                self.processes.fault(space, direction);
                self.faults.step(event, direction)
            }
            Payload::FaultEnd { .. } => self.faults.step(event, direction),
            Payload::HeapGrow { .. }
            | Payload::HeapShrink { .. }
            | Payload::HeapAllocate { .. }
            | Payload::HeapFree { .. }
            | Payload::HeapRefuse { .. }
            | Payload::ArenaOpen { .. }
            | Payload::ArenaClose { .. }
            | Payload::ArenaAllocate { .. }
            | Payload::ArenaFree { .. } => match self.arenas.step(&event.payload, direction) {
                Some(fits) => fits,
                None => self.heap.step(event.payload, direction),
            },
            // What they tell stands in the history: nothing of the picture changes.
            Payload::FrameRefuse { .. }
            | Payload::HeapQuarantine { .. }
            | Payload::Corruption { .. } => true,
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
                self.faults.step(event, direction)
            }
            Payload::ProcessStart { .. }
            | Payload::ProcessEnd { .. }
            | Payload::ProcessState { .. } => self.processes.step(event.payload, direction),
        };
        if !agrees {
            self.contradictions += 1;
        }
        self.changed.mark(kind);
    }

    /// An entry of the page tables came, went or changed.
    fn tables_changed(&mut self, payload: Payload, direction: Direction) -> bool {
        let Some((place, change)) = Change::of(self.space, payload, direction) else {
            return true;
        };
        match change {
            Change::Put(entry) => self.count(place, &entry, Direction::Forward),
            Change::Take(entry) => self.count(place, &entry, Direction::Back),
            Change::Protect { from, to } => {
                let is_copied = |access: Access| access.contains(Access::COPY_ON_WRITE).into();
                self.processes.change(place.space, |process| {
                    Direction::Back.count(&mut process.copy_on_write, is_copied(from));
                    Direction::Forward.count(&mut process.copy_on_write, is_copied(to));
                });
            }
        }
        self.mappings.step(payload, direction) & self.tables.change(place, change)
    }

    /// Counts an entry that the machine has.
    pub(crate) fn count_entry(&mut self, place: Place, entry: &Entry) {
        self.count(place, entry, Direction::Forward);
    }

    /// Counts an entry in, or out again.
    fn count(&mut self, place: Place, entry: &Entry, direction: Direction) {
        let is_small = place.page_size() == Some(PageSize::Size4KiB);
        let is_shared = is_small && self.frames.is_shared(entry.frame);
        let is_copied = entry.access.contains(Access::COPY_ON_WRITE);
        self.processes.change(place.space, |process| {
            if entry.is_table {
                return direction.count(&mut process.tables, 1);
            }
            direction.count(&mut process.pages, 1);
            direction.count(&mut process.shared, is_shared.into());
            direction.count(&mut process.copy_on_write, is_copied.into());
        });
    }

    /// All pages that a frame is mapped by are shared from now on, or no more.
    fn pages_shared(&mut self, frame: PhysAddr, shared: bool) {
        let direction = match shared {
            true => Direction::Forward,
            false => Direction::Back,
        };
        for (place, entry) in self.tables.leading_to(frame) {
            if place.page_size() == Some(PageSize::Size4KiB) && !entry.is_table {
                self.processes.change(place.space, |process| {
                    direction.count(&mut process.shared, 1);
                });
            }
        }
    }
}

/// Events of this kind change what frames are: that is to be seen on the map. Heat has a view of
/// its own.
#[inline]
pub(crate) fn changes_frames(kind: u8) -> bool {
    const KINDS: u64 = 1 << Kind::FrameAllocate as u8
        | 1 << Kind::FrameFree as u8
        | 1 << Kind::FrameReference as u8
        | 1 << Kind::FrameRetag as u8;
    kind < 64 && KINDS >> kind & 1 != 0
}
