//! A model and its observer, with their own buffers.

use crate::model::{
    Fault, FirmwareRegion, Frame, HeapFrame, Model, ModelNeeds, ModelStorage, heap,
};
use crate::view::changes::{Changes, ChangesNeeds, ChangesStorage};
use crate::view::map::{Cell, Subtotal, View};
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
            frames: &mut vec![Frame::default(); needs.frames],
            granules: &mut vec![heap::Granule::default(); needs.granules],
            heap_frames: &mut vec![HeapFrame::default(); needs.heap_frames],
            arena_blocks: &mut vec![Default::default(); needs.arena_blocks],
            faults: &mut vec![Fault::default(); 2000],
            firmware_map: &mut vec![FirmwareRegion::EMPTY; needs.firmware_map],
            tables: &mut vec![Default::default(); needs.tables],
            swapped_pages: &mut vec![Default::default(); needs.swapped_pages],
            swap_slots: &mut vec![Default::default(); needs.swap_slots],
            regions: &mut vec![Default::default(); needs.regions],
            processes: &mut vec![Default::default(); needs.processes],
        }),
        Changes::new(
            ChangesStorage {
                cells: &mut vec![Cell::default(); watch.cells],
                accents: &mut vec![Default::default(); watch.accents],
                dirty_cells: &mut vec![0; watch.dirty_cells],
                subtotals: &mut vec![Subtotal::default(); watch.subtotals],
                dirty_heap_frames: &mut vec![0; watch.dirty_heap_frames],
            },
            frames,
        ),
    )
}
