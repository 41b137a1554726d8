//! A model and its observer, with their own buffers.

use crate::model::{FirmwareRegion, Model, ModelNeeds, ModelStorage};
use crate::testing::defaults;
use crate::view::changes::{Changes, ChangesNeeds, ChangesStorage};
use crate::view::map::View;
use core::ops::{Deref, DerefMut};
use mm::event::Event;

/// A model, and the record of its changes.
pub struct Watched<'m> {
    pub model: Model<'m>,
    pub changes: Changes<'m>,
}

impl Watched<'_> {
    /// Applies an event.
    pub fn apply(&mut self, event: &Event) {
        self.model.apply(event, &mut self.changes);
    }

    /// Reverts an event.
    pub fn revert(&mut self, event: &Event) {
        self.model.revert(event, &mut self.changes);
    }

    /// Shows other frames in the cells.
    pub fn set_view(&mut self, view: View) {
        self.changes.set_view(view, &self.model);
    }
}

impl<'m> Deref for Watched<'m> {
    type Target = Model<'m>;

    fn deref(&self) -> &Model<'m> {
        &self.model
    }
}

impl DerefMut for Watched<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.model
    }
}

/// Calls `work` with a new model.
pub fn with_model<R>(
    frames: usize,
    heap: usize,
    view: View,
    work: impl FnOnce(&mut Watched) -> R,
) -> R {
    let needs = ModelNeeds::new(frames, heap);
    let watch = ChangesNeeds::new(frames, heap, view.cells);
    let work = |model, changes| {
        let mut watched = Watched { model, changes };
        watched.set_view(view);
        work(&mut watched)
    };
    work(
        Model::new(ModelStorage {
            frames: &mut defaults(needs.frames),
            granules: &mut defaults(needs.granules),
            heap_frames: &mut defaults(needs.heap_frames),
            arena_blocks: &mut defaults(needs.arena_blocks),
            faults: &mut defaults(2000),
            firmware_map: &mut vec![FirmwareRegion::EMPTY; needs.firmware_map],
            tables: &mut defaults(needs.tables),
            swapped_pages: &mut defaults(needs.swapped_pages),
            swap_slots: &mut defaults(needs.swap_slots),
            regions: &mut defaults(needs.regions),
            processes: &mut defaults(needs.processes),
        }),
        Changes::new(
            ChangesStorage {
                cells: &mut defaults(watch.cells),
                accents: &mut defaults(watch.accents),
                dirty_cells: &mut vec![0; watch.dirty_cells],
                subtotals: &mut defaults(watch.subtotals),
                dirty_heap_frames: &mut vec![0; watch.dirty_heap_frames],
            },
            frames,
        ),
    )
}
