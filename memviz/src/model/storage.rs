//! The buffers of a model, which the caller supplies, and their lengths.

use super::faults::{self, Fault, FaultLog};
use super::firmware_map::{FirmwareMap, FirmwareRegion, MAX_FIRMWARE_REGIONS};
use super::fold::Model;
use super::frames::{Frame, Frames};
use super::heap::arenas::{self, ArenaBlock, Arenas};
use super::heap::{self, Heap, HeapFrame};
use super::mappings::Mappings;
use super::memory_regions::{self, Regions};
use super::processes::{self, Process, Processes};
use super::swap::{self, StoredPage, Swap};
use super::tables::{self, Tables};
use super::watched_bytes::WatchedBytes;
use mm::event::Kind;

/// The buffers of a model. All-zero content is valid; the lengths are those of [`ModelNeeds`].
#[expect(missing_docs, reason = "each is described where it is used")]
pub struct ModelStorage<'m> {
    pub frames: &'m mut [Frame],
    pub granules: &'m mut [heap::Granule],
    pub heap_frames: &'m mut [HeapFrame],
    pub arena_blocks: &'m mut [ArenaBlock],
    pub faults: &'m mut [Fault],
    pub firmware_map: &'m mut [FirmwareRegion],
    pub tables: &'m mut [tables::Slot],
    pub swapped_pages: &'m mut [tables::Slot],
    pub swap_slots: &'m mut [StoredPage],
    pub regions: &'m mut [memory_regions::SpaceRegion],
    pub processes: &'m mut [Process],
}

/// The number of elements that each buffer of [`ModelStorage`] needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in ModelStorage")]
pub struct ModelNeeds {
    pub frames: usize,
    pub granules: usize,
    pub heap_frames: usize,
    pub arena_blocks: usize,
    pub faults: usize,
    pub firmware_map: usize,
    pub tables: usize,
    pub swapped_pages: usize,
    pub swap_slots: usize,
    pub regions: usize,
    pub processes: usize,
}

impl ModelNeeds {
    /// Computes the needs of `frames` frames from address 0 on, and a heap of at most `heap_bytes`
    /// bytes.
    pub const fn new(frames: usize, heap_bytes: usize) -> ModelNeeds {
        ModelNeeds {
            frames,
            granules: heap_bytes / heap::GRANULE_BYTES,
            heap_frames: heap_bytes / heap::FRAME_BYTES,
            arena_blocks: arenas::MAX_ARENA_BLOCKS,
            faults: faults::SLOTS,
            firmware_map: MAX_FIRMWARE_REGIONS,
            tables: tables::slots(frames),
            swapped_pages: swap::page_slots(frames),
            swap_slots: frames,
            regions: memory_regions::MAX_REGIONS,
            processes: processes::MAX_PROCESSES,
        }
    }
}

impl<'m> Model<'m> {
    /// Creates an empty model. Overwrites the buffers.
    pub fn new(storage: ModelStorage<'m>) -> Model<'m> {
        Model {
            firmware_map: FirmwareMap::new(storage.firmware_map),
            frames: Frames::new(storage.frames),
            heap: Heap::new(storage.granules, storage.heap_frames),
            arenas: Arenas::new(storage.arena_blocks),
            mappings: Mappings::default(),
            tables: Tables::new(storage.tables),
            swap: Swap::new(storage.swapped_pages, storage.swap_slots),
            regions: Regions::new(storage.regions),
            mappings_differ: false,
            faults: FaultLog::new(storage.faults),
            bytes: WatchedBytes::new(),
            caption: 0,
            space: 0,
            processes: Processes::new(storage.processes),
            totals: [0; Kind::COUNT],
            contradictions: 0,
        }
    }
}
