//! The changes of the model since the last picture. With them the cost of drawing depends on the
//! changes and not on the size of memory.
//!
//! ```text
//! model ──Observer──► Changes ─┬─ cells         frames summed up for the map, and which cells to draw
//!                              ├─ heap_frames   frames of the heap to draw
//!                              └─ panels        the panels whose content changed
//! ```

use crate::model::firmware_map::frames_of;
use crate::model::heap::FRAME_BYTES;
use crate::model::{Direction, FirmwareRegion, Frame, Model, Observer, changes_frames};
use crate::view::changed::Changed;
use crate::view::dirty::{self, DirtySet};
use crate::view::map::{Accent, Cell, CellStorage, Cells, Subtotal, View, needed};
use core::ops::Range;
use mm::event::{Event, Kind};

/// The buffers of [`Changes`]. All-zero content is valid; the lengths are those of
/// [`ChangesNeeds`].
#[expect(missing_docs, reason = "each is described where it is used")]
pub struct ChangesStorage<'m> {
    pub cells: &'m mut [Cell],
    pub accents: &'m mut [Accent],
    pub dirty_cells: &'m mut [u64],
    pub subtotals: &'m mut [Subtotal],
    pub dirty_heap_frames: &'m mut [u64],
}

/// The number of elements that each buffer of [`ChangesStorage`] needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in ChangesStorage")]
pub struct ChangesNeeds {
    pub cells: usize,
    pub accents: usize,
    pub dirty_cells: usize,
    pub subtotals: usize,
    pub dirty_heap_frames: usize,
}

impl ChangesNeeds {
    /// Computes the needs of `frames` frames, a heap of at most `heap_bytes` bytes, and a map of at
    /// most `cells` cells.
    pub const fn new(frames: usize, heap_bytes: usize, cells: usize) -> ChangesNeeds {
        ChangesNeeds {
            cells,
            accents: cells,
            dirty_cells: dirty::words(cells),
            subtotals: needed(frames),
            dirty_heap_frames: dirty::words(heap_bytes / FRAME_BYTES),
        }
    }
}

/// The changes since the last picture.
#[derive(Debug)]
pub struct Changes<'m> {
    /// The sums over the frames of each cell of the map, and the cells to redraw.
    pub cells: Cells<'m>,
    /// The heap frames to redraw: those in which a block changed its owner, or in which a block
    /// starts that was split or merged.
    pub heap_frames: DirtySet<'m>,
    /// The panels whose content changed.
    pub panels: Changed,
}

impl<'m> Changes<'m> {
    /// Creates an empty record for a machine with `frames` frames. Overwrites the buffers.
    pub fn new(storage: ChangesStorage<'m>, frames: usize) -> Changes<'m> {
        let cells = CellStorage {
            cells: storage.cells,
            accents: storage.accents,
            dirty: storage.dirty_cells,
            subtotals: storage.subtotals,
        };
        Changes {
            cells: Cells::new(cells, frames),
            heap_frames: DirtySet::new(storage.dirty_heap_frames),
            panels: Changed::default(),
        }
    }

    /// Shows other frames in the cells, and computes their sums.
    pub fn set_view(&mut self, view: View, model: &Model) {
        self.cells
            .set_view(view, &model.frames, &model.firmware_map);
    }

    /// Returns the sum over the frames with these numbers.
    pub fn sum(&mut self, model: &Model, frames: Range<usize>) -> Cell {
        let mut sum = self.cells.sum(model.frames.all(), frames.clone());
        for region in model.firmware_map.all() {
            let of = frames_of(region);
            let start = of.start.max(frames.start as u64);
            let end = of.end.min(frames.end as u64);
            sum.kinds[region.kind as usize] += end.saturating_sub(start) as u32;
        }
        sum
    }
}

impl Observer for Changes<'_> {
    #[inline]
    fn begin(&mut self, event: Option<&Event>) {
        match event {
            Some(event) => {
                let is_seen = changes_frames(event.payload.kind() as u8);
                self.cells.happen(event.time, is_seen);
            }
            None => self.cells.ignore(),
        }
    }

    #[inline]
    fn frame(&mut self, number: usize, before: &Frame, after: &Frame) {
        self.cells.change(number, before, after);
    }

    fn firmware_region(&mut self, region: &FirmwareRegion, direction: Direction) {
        self.cells.region(region, direction);
    }

    #[inline]
    fn heap_frame(&mut self, number: usize) {
        self.heap_frames.insert(number);
    }

    #[inline]
    fn end(&mut self, kind: Kind) {
        self.panels.mark(kind);
    }

    fn compared(&mut self, frames: &[Frame], numbers: Range<usize>, differ: bool) {
        self.panels.frames |= differ;
        self.cells.sum_up(frames, numbers);
    }

    fn rebuilt(&mut self) {
        self.panels = Changed::ALL;
    }
}
