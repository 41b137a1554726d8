//! The last events of a frame, or of a heap allocation.
//!
//! The result of a search is kept, so the next search reads only newer events. A search reads at
//! most [`REACH`] events, which bounds the cost of a jump in time.

use super::lines::Lines;
use crate::timeline::Timeline;
use heapless::Vec;
use mm::units::Moment;
use x86_64::VirtAddr;

/// The number of events before the cursor that a search reads.
const REACH: u64 = if cfg!(test) { 50 } else { 20_000 };
/// The maximum number of events that are listed.
const MOST: usize = 8;

/// The subject of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// A frame by its number.
    Frame(usize),
    /// The allocation that starts here.
    Allocation(VirtAddr),
}

/// The result of a search, and its position in the history.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    searched: Option<Searched>,
    cursor: u64,
    /// The numbers of the events, the newest first.
    numbers: Vec<u64, MOST>,
}

impl Recent {
    /// Adds the last events of the subject, as many as fit.
    pub fn add_events(&mut self, lines: &mut Lines, timeline: &Timeline, searched: Searched) {
        self.look(timeline, searched);
        if self.numbers.is_empty() {
            lines.add("", "no recent event");
        }
        let room = lines.rest();
        for &number in self.numbers.iter().take(room) {
            if let Some(event) = timeline.get(number) {
                lines.add(format_args!("{:.3}", Moment(event.time)), event.payload);
            }
        }
    }

    fn look(&mut self, timeline: &Timeline, searched: Searched) {
        let cursor = timeline.cursor();
        let earliest = timeline.first().max(cursor.saturating_sub(REACH));
        let goes_on = self.searched == Some(searched) && self.cursor <= cursor;
        let from = if goes_on { self.cursor } else { earliest };
        let mut found = Vec::new();
        let since = from.max(earliest);
        match searched {
            Searched::Frame(frame) => {
                let new = timeline.at_frame_since(frame, since);
                found.extend(new.map(|(number, _)| number).take(MOST));
            }
            Searched::Allocation(start) => {
                let new = timeline.at_allocation_since(start, since);
                found.extend(new.map(|(number, _)| number).take(MOST));
            }
        }
        if goes_on {
            let known = self.numbers.iter().copied();
            let known = known.filter(|&number| number >= earliest);
            found.extend(known.take(MOST - found.len()));
        }
        (self.searched, self.cursor, self.numbers) = (Some(searched), cursor, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fault;
    use crate::model::tests::{machine, moves};
    use crate::testing::HEAP_START;
    use crate::testing::watched::with_model;
    use crate::view::map::View;
    use mm::event::{Event, Payload};
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn searches() -> impl Strategy<Value = Searched> {
        prop_oneof![
            (0usize..40).prop_map(Searched::Frame),
            (0u64..16).prop_map(|at| Searched::Allocation(VirtAddr::new(HEAP_START + at * 64))),
        ]
    }

    /// Returns the allocation that an event of the naive machine concerns.
    fn allocation(event: &Event) -> Option<VirtAddr> {
        match event.payload {
            Payload::HeapAllocate { block, .. }
            | Payload::HeapFree { block, .. }
            | Payload::HeapCache { block, .. }
            | Payload::HeapReuse { block, .. }
            | Payload::HeapReturn { block, .. } => Some(block),
            _ => None,
        }
    }

    proptest! {
        #![proptest_config(crate::testing::cases(32))]

        /// At every cursor position and with every selection, the list equals one that reads all
        /// events again.
        #[test]
        fn the_kept_list_equals_a_new_search(moves in moves(), steps in vec((searches(), any::<u64>()), 1..20)) {
            let machine = machine(&moves);
            let frames = machine.frames.len();
            with_model(frames, 4 << 20, View::default(), |model| {
                let (mut slots, mut evicted) = (vec![[0; 4]; 200], [Fault::default(); 8]);
                let mut timeline = Timeline::new(&mut slots, &mut evicted);
                let mut recent = Recent::default();
                let mut events = machine.events.iter();
                for (searched, step) in steps {
                    events.by_ref().take(step as usize % 50).for_each(|event| timeline.record_and_apply(event, &mut model.model, &mut model.changes));
                    if step % 3 == 0 {
                        timeline.move_model_to(step % (timeline.end() + 1), &mut model.model, &mut model.changes);
                    }
                    recent.look(&timeline, searched);
                    let numbers = (timeline.first()..timeline.cursor()).rev().take(REACH as usize);
                    let here = numbers.filter(|&number| {
                        let event = timeline.get(number).unwrap();
                        match searched {
                            Searched::Frame(frame) => timeline.at_frame(frame).any(|(other, _)| other == number),
                            Searched::Allocation(start) => allocation(&event) == Some(start),
                        }
                    });
                    let last: Vec<u64, MOST> = here.take(MOST).collect();
                    prop_assert_eq!(&recent.numbers, &last);
                }
                Ok(())
            })?;
        }
    }
}
