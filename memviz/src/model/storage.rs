//! The buffers of a model, which the caller supplies, and how long each must be.

use super::{
    Accent, ArenaBlock, Cell, Fault, FirmwareRegion, Frame, HeapFrame, MAX_FIRMWARE_REGIONS,
    Process, Subtotal, faults, heap, memory_regions, processes, subtotals, tables,
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
    pub firmware_map: &'m mut [FirmwareRegion],
    pub tables: &'m mut [tables::Slot],
    pub regions: &'m mut [memory_regions::SpaceRegion],
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
    pub firmware_map: usize,
    pub tables: usize,
    pub regions: usize,
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
            firmware_map: MAX_FIRMWARE_REGIONS,
            tables: tables::slots(frames),
            regions: memory_regions::MAX_REGIONS,
            processes: processes::MAX_PROCESSES,
        }
    }
}
