//! The buffers of a model, which the caller supplies, and how long each must be.

use super::{
    Accent, ArenaBlock, Cell, Fault, Frame, HeapFrame, MAX_REGIONS, Process, Region, Subtotal,
    faults, heap, processes, subtotals, tables, windows,
};
use crate::model::samples::Sample;

/// The buffers of a model. All-zero content is valid; the lengths are those of [`ModelNeeds`].
#[expect(missing_docs, reason = "each is described where it is used")]
pub struct ModelStorage<'m> {
    pub frames: &'m mut [Frame],
    pub cells: &'m mut [Cell],
    pub accents: &'m mut [Accent],
    pub dirty_cells: &'m mut [u64],
    pub subtotals: &'m mut [Subtotal],
    pub granules: &'m mut [heap::Granule],
    pub heap_frames: &'m mut [HeapFrame],
    pub dirty_heap_frames: &'m mut [u64],
    pub arena_blocks: &'m mut [ArenaBlock],
    pub faults: &'m mut [Fault],
    pub samples: &'m mut [Sample],
    pub regions: &'m mut [Region],
    pub tables: &'m mut [tables::Slot],
    pub windows: &'m mut [windows::SpaceWindow],
    pub processes: &'m mut [Process],
}

/// How many elements each buffer of [`ModelStorage`] needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in ModelStorage")]
pub struct ModelNeeds {
    pub frames: usize,
    pub cells: usize,
    pub accents: usize,
    pub dirty_cells: usize,
    pub subtotals: usize,
    pub granules: usize,
    pub heap_frames: usize,
    pub dirty_heap_frames: usize,
    pub arena_blocks: usize,
    pub faults: usize,
    pub samples: usize,
    pub regions: usize,
    pub tables: usize,
    pub windows: usize,
    pub processes: usize,
}

impl ModelNeeds {
    /// For this many frames from address 0 on, a heap of at most this many bytes, and a map of at
    /// most this many cells.
    pub const fn new(frames: usize, heap_bytes: usize, cells: usize) -> ModelNeeds {
        let heap_frames = heap_bytes / heap::FRAME_BYTES;
        ModelNeeds {
            frames,
            cells,
            accents: cells,
            dirty_cells: crate::model::dirty::words(cells),
            subtotals: subtotals::needed(frames),
            granules: heap_bytes / heap::GRANULE_BYTES,
            heap_frames,
            dirty_heap_frames: crate::model::dirty::words(heap_frames),
            arena_blocks: heap::arenas::MAX_ARENA_BLOCKS,
            faults: faults::SLOTS,
            samples: crate::model::samples::KEPT,
            regions: MAX_REGIONS,
            tables: tables::slots(frames),
            windows: windows::MAX_WINDOWS,
            processes: processes::MAX_PROCESSES,
        }
    }
}
