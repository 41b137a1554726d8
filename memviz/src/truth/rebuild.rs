//! Rebuilding the model from the machine after a loss of events.

use super::ground::GroundTruth;
use crate::model::heap::block_bytes;
use crate::model::{EntryPosition, Model, Observer};

impl Model<'_> {
    /// Copies the state of the machine into the model. Counts of uses and of events keep their
    /// values.
    pub fn rebuild(&mut self, truth: &impl GroundTruth, observer: &mut impl Observer) {
        observer.begin(None);
        self.firmware_map.clear(observer);
        for region in (0..).map_while(|number| truth.firmware_region(number)) {
            self.firmware_map.add(region, observer);
        }
        for number in 0..self.frames.len() {
            self.frames.correct(observer, number, &truth.frame(number));
        }
        self.rebuild_heap(truth, observer);
        self.arenas.clear();
        self.mappings = truth.mappings();
        self.mappings_differ = false;
        self.bytes.clear();
        truth.watched_bytes(&mut |word| self.bytes.put(word));
        self.firmware_map.differing = 0;
        self.rebuild_spaces(truth);
        observer.rebuilt();
    }

    /// Copies the heap of the machine, block by block.
    fn rebuild_heap(&mut self, truth: &impl GroundTruth, observer: &mut impl Observer) {
        let (start, bytes) = truth.heap();
        self.heap.reset(start, bytes);
        let end = self.heap.totals().bytes;
        let mut offset = 0;
        while let Some(block) = truth.heap_block(offset).filter(|_| offset < end) {
            self.heap
                .put(block.offset, block.order, block.state, observer);
            offset = block.offset + block_bytes(block.order);
        }
    }

    /// Copies page tables, regions and processes of the machine.
    fn rebuild_spaces(&mut self, truth: &impl GroundTruth) {
        self.space = truth.space();
        self.faults.set_space(self.space);
        let kernel = self.processes.get(0).map_or(0, |kernel| kernel.faults);
        self.processes.clear();
        self.processes.set_faults(0, kernel);
        truth.processes(&mut |process| self.processes.add(process));
        self.regions.clear();
        truth.regions(&mut |space, region| {
            self.regions.put(space, *region);
        });
        self.tables.clear();
        let rest = truth.entries(
            EntryPosition::default(),
            usize::MAX,
            &mut |position, entry| {
                self.tables.put(position, entry);
                self.count_entry(position, &entry);
            },
        );
        debug_assert_eq!(rest, None, "all entries were requested");
        self.swap.clear();
        truth.swapped_pages(&mut |space, page, slot| self.swap.add_page(space, page, slot));
        truth.swap_slots(&mut |number, stored| {
            self.swap.set_slot(number, stored);
        });
        (self.tables.differing, self.regions.differing) = (0, 0);
        self.processes.differing = 0;
    }
}
