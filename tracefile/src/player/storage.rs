//! The buffers of a dashboard, on the heap.

use memviz::dashboard::{DashboardNeeds, DashboardStorage};
use memviz::model::{FirmwareRegion, ModelStorage};
use memviz::timeline::{EVICTED_FAULTS, Timeline};
use memviz::view::changes::ChangesStorage;

/// Allocates the buffers that a dashboard needs, with a history for so many events.
pub fn storage(needs: &DashboardNeeds, events: usize) -> DashboardStorage<'static> {
    let (model, changes) = (needs.model, needs.changes);
    DashboardStorage {
        model: ModelStorage {
            frames: zeroed(model.frames),
            granules: zeroed(model.granules),
            heap_frames: zeroed(model.heap_frames),
            arena_blocks: zeroed(model.arena_blocks),
            faults: zeroed(model.faults),
            firmware_map: vec![FirmwareRegion::EMPTY; model.firmware_map].leak(),
            tables: zeroed(model.tables),
            regions: zeroed(model.regions),
            processes: zeroed(model.processes),
            swap_slots: zeroed(model.swap_slots),
            swapped_pages: zeroed(model.swapped_pages),
        },
        changes: ChangesStorage {
            cells: zeroed(changes.cells),
            accents: zeroed(changes.accents),
            dirty_cells: zeroed(changes.dirty_cells),
            subtotals: zeroed(changes.subtotals),
            dirty_heap_frames: zeroed(changes.dirty_heap_frames),
        },
        samples: zeroed(needs.samples),
        matches: zeroed(events.div_ceil(64)),
    }
}

/// Allocates a history for so many events.
pub fn history(events: usize) -> Timeline<'static> {
    Timeline::new(zeroed(events), zeroed(EVICTED_FAULTS))
}

/// Allocates default values.
pub fn zeroed<T: Clone + Default>(count: usize) -> &'static mut [T] {
    vec![T::default(); count].leak()
}
