//! Comparison of picture and machine: it finds every difference and nothing else, and a rebuild
//! removes all of them.

use super::*;
use crate::model::heap::BlockState;
use crate::model::swap::StoredPage;
use crate::model::{Entry, EntryPosition, Mappings, WatchedWord};
use crate::testing::{CACHED, HEAP_START};
use crate::truth::TrueBlock;
use mm::heat::Level;
use mm::paging::{Access, Region, RegionPolicy};
use mm::tag::Tag;
use x86_64::VirtAddr;

proptest! {
    #![proptest_config(crate::testing::cases(24))]

    #[test]
    fn a_difference_is_found_and_nothing_else(moves in moves(), frame in 0..FRAMES) {
        with_machine(&moves, |dashboard, machine| {
            let mut truth = Truth::of(machine, dashboard.model.mappings);
            let mut found = Vec::new();
            while !dashboard.verify(&truth, 9_999, |difference| found.push(*difference)) {}
            prop_assert_eq!(&found, &[]);

            truth.wrong_frame = Some(frame);
            truth.wrong_block = machine.blocks.iter().find(|(_, block)| block.1.is_some_and(|live| live != CACHED)).map(|(&at, _)| at);
            truth.mappings.add_region(RegionPolicy::Guard, 4096);
            truth.wrong_slot = machine.slots.keys().next().copied();
            truth.wrong_entry = machine.entries.last_key_value().map(|(&place, _)| place);
            truth.wrong_bytes = machine.watched.keys().next().map(|&at| VirtAddr::new(at));
            while !dashboard.verify(&truth, 9_999, |difference| found.push(*difference)) {}
            // A live block that is falsified as free also changes the requested bytes.
            let wrong = |is: bool| u64::from(is);
            let expected = 3
                + 2 * wrong(truth.wrong_block.is_some())
                + wrong(truth.wrong_bytes.is_some())
                + wrong(truth.wrong_slot.is_some());
            prop_assert_eq!((found.len() as u64, dashboard.model.mismatches()), (expected, expected));

            dashboard.rebuild(&truth);
            found.clear();
            while !dashboard.verify(&truth, 9_999, |difference| found.push(*difference)) {}
            prop_assert_eq!((&found[..], dashboard.model.mismatches()), (&[][..], 0));
            Ok(())
        })?;
    }

    /// After a rebuild the picture shows the machine, whichever events were lost.
    #[test]
    fn a_rebuild_removes_all_differences(moves in moves(), lost in 0usize..300) {
        let machine = played(&moves);
        let mut rebuilt = Vec::new();
        let mut all = Vec::new();
        for (lost, into) in [(lost, &mut rebuilt), (0, &mut all)] {
            with_dashboard(|dashboard| {
                let kept = machine.events.len() - lost.min(machine.events.len());
                machine.events[..kept].iter().for_each(|event| dashboard.apply(event));
                dashboard.rebuild(&Truth::of(&machine, Mappings::default()));
                dashboard.handle(Action::Show(MapMode::Tags));
                let model = &dashboard.model;
                into.extend_from_slice(dashboard.changes.cells.all());
                let blocks: Vec<_> = model.heap.blocks().collect();
                assert_eq!(blocks.len(), machine.blocks.len());
            });
        }
        prop_assert!(rebuilt == all);
    }
}

/// The machine of the tests as the ground truth. One frame and one block can be falsified.
pub struct Truth<'a> {
    machine: &'a Machine,
    mappings: Mappings,
    wrong_frame: Option<usize>,
    wrong_block: Option<u64>,
    wrong_entry: Option<EntryPosition>,
    wrong_bytes: Option<VirtAddr>,
    wrong_slot: Option<u32>,
}

impl<'a> Truth<'a> {
    /// Returns the unchanged machine.
    pub fn of(machine: &'a Machine, mappings: Mappings) -> Truth<'a> {
        Truth {
            machine,
            mappings,
            wrong_frame: None,
            wrong_block: None,
            wrong_entry: None,
            wrong_bytes: None,
            wrong_slot: None,
        }
    }

    fn falsified_entry(&self, place: EntryPosition, entry: Entry) -> Entry {
        match self.wrong_entry == Some(place) {
            true => Entry {
                access: entry.access ^ Access::WRITE,
                ..entry
            },
            false => entry,
        }
    }
}

impl GroundTruth for Truth<'_> {
    fn firmware_region(&self, number: usize) -> Option<FirmwareRegion> {
        self.machine.regions().get(number).copied()
    }

    fn frame(&self, number: usize) -> Frame {
        let (tag, references) = self.machine.frames[number];
        let heat = self.machine.heat[number];
        match (self.wrong_frame == Some(number), number % 2) {
            (false, _) => Frame::known(tag, references).with_heat(heat),
            (true, 0) => Frame::known(tag | Tag::DEVICE, references + 1).with_heat(heat),
            (true, _) => {
                let other = Level::new(heat.number() ^ 5).expect("seven bits stay seven bits");
                Frame::known(tag, references).with_heat(other)
            }
        }
    }

    fn heap(&self) -> (VirtAddr, u64) {
        (VirtAddr::new(HEAP_START), self.machine.heap_bytes)
    }

    fn heap_block(&self, offset: u64) -> Option<TrueBlock> {
        let (&offset, &(order, state)) = self.machine.blocks.range(..=offset).next_back()?;
        let state = match state {
            _ if self.wrong_block == Some(offset) => BlockState::Free,
            None => BlockState::Free,
            Some(CACHED) => BlockState::Cached,
            Some((owner, requested)) => BlockState::Live(owner, requested),
        };
        Some(TrueBlock {
            offset,
            order,
            state,
        })
    }

    fn mappings(&self) -> Mappings {
        self.mappings
    }

    fn entries(
        &self,
        from: EntryPosition,
        most: usize,
        visit: &mut dyn FnMut(EntryPosition, Entry),
    ) -> Option<EntryPosition> {
        let mut rest = self.machine.entries.range(from..);
        for (&place, &entry) in rest.by_ref().take(most) {
            visit(place, self.falsified_entry(place, entry));
        }
        rest.next().map(|(&place, _)| place)
    }

    fn entry(&self, place: EntryPosition) -> Option<Entry> {
        let entry = *self.machine.entries.get(&place)?;
        Some(self.falsified_entry(place, entry))
    }

    fn regions(&self, visit: &mut dyn FnMut(u32, &Region)) {
        for (&(space, _), region) in &self.machine.regions {
            visit(space, region);
        }
    }

    fn processes(&self, visit: &mut dyn FnMut(&Process)) {
        self.machine.processes.iter().for_each(visit);
    }

    fn watched_bytes(&self, visit: &mut dyn FnMut(WatchedWord)) {
        for (&address, &bytes) in &self.machine.watched {
            let address = VirtAddr::new(address);
            let bytes = bytes ^ u32::from(self.wrong_bytes == Some(address));
            visit(WatchedWord { address, bytes });
        }
    }

    fn swapped_pages(&self, visit: &mut dyn FnMut(u32, VirtAddr, u32)) {
        for (&(space, page), &slot) in &self.machine.swapped {
            visit(space, VirtAddr::new(page), slot);
        }
    }

    fn swap_slots(&self, visit: &mut dyn FnMut(u32, StoredPage)) {
        for (&number, &stored) in &self.machine.slots {
            let wrong = u16::from(self.wrong_slot == Some(number));
            let users = stored.users + wrong;
            visit(number, StoredPage { users, ..stored });
        }
    }

    fn space(&self) -> u32 {
        self.machine.space
    }
}
