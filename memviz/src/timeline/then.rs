//! The page-table entries on the walk of a page fault, as they were when the fault started.
//!
//! ```text
//! start                                            cursor
//!  fault begins   link PT   map page   fault ends   ▼        entries on the walk of the address
//!  └◄──────────── reverted, one by one ─────────────┘        level by level, at the start
//! ```
//! The handler usually resolves the cause of a fault, so the current tables do not show why it
//! happened. This module copies the entries on the walk of the address, and reverts their later
//! changes in the copy.

use super::{LOOK_BACK, Timeline};
use crate::model::tables::{Change, DEEPEST, EntryPosition};
use crate::model::{Direction, Entry, Fault, Model};
use mm::event::{Kind, Payload};

/// The number of entries on a page walk, from CR3 on.
const WAY: usize = DEEPEST as usize + 1;

/// The page walk of a fault's address, as it was when the fault started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Then {
    /// The positions of the entries, from CR3 on.
    pub positions: [EntryPosition; WAY],
    /// The entries at these positions.
    pub entries: [Option<Entry>; WAY],
    /// The number of the event that started the fault. Without it, the fault is too far back, and
    /// the entries are those of the earliest event that was read.
    pub event: Option<u64>,
}

impl Then {
    /// Reverts the events since the fault with this number.
    pub fn of(timeline: &Timeline, model: &Model, number: u64, fault: &Fault) -> Then {
        let positions = core::array::from_fn(|depth| {
            EntryPosition::on_way(fault.space, fault.address, depth as u8)
        });
        let mut then = Then {
            positions,
            entries: positions.map(|position| model.tables.get(position)),
            event: None,
        };
        let mut space = model.space;
        let mut faults = model.faults.total();
        for (position, event) in timeline.events_back(LOOK_BACK, matters) {
            match event.payload {
                Payload::SpaceSwitch { previous, .. } => space = previous,
                Payload::FaultBegin { .. } => {
                    faults = faults.saturating_sub(1);
                    if faults == number {
                        then.event = Some(position);
                        break;
                    }
                }
                payload => {
                    if let Some((position, change)) = Change::of(space, payload, Direction::Back) {
                        then.change(position, change);
                    }
                }
            }
        }
        then
    }

    fn change(&mut self, position: EntryPosition, change: Change) {
        let Some(at) = self.positions.iter().position(|&other| other == position) else {
            return;
        };
        self.entries[at] = match change {
            Change::Put(entry) => Some(entry),
            Change::Take(_) => None,
            Change::Protect { to, .. } => self.entries[at].map(|entry| Entry {
                access: to,
                ..entry
            }),
        };
    }
}

fn matters(kind: u8) -> bool {
    let kinds = [
        Kind::Map,
        Kind::Unmap,
        Kind::Protect,
        Kind::TableLink,
        Kind::TableUnlink,
        Kind::SpaceSwitch,
        Kind::FaultBegin,
    ];
    kinds.iter().any(|&other| other as u8 == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::watched::with_model;
    use crate::testing::{Machine, Move};
    use crate::view::map::View;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(crate::testing::cases(40))]

        /// For each fault, seen from the end of a history: the entries as the model had them at its
        /// start.
        #[test]
        fn the_tables_of_then_are_those_of_then(moves in prop::collection::vec((6u8..12, any::<u32>(), any::<u16>()), 1..300)) {
            let mut machine = Machine::new(2000, 1 << 20);
            let moves: Vec<Move> = moves;
            machine.play(&moves);
            let view = View { first: 0, shift: 4, cells: 100 };
            let (mut slots, mut evicted) = (vec![[0; 4]; 4000], [Fault::default(); 256]);
            let mut timeline = Timeline::new(&mut slots, &mut evicted);
            with_model(2000, 1 << 20, view, |model| {
                let mut found = Vec::new();
                for event in &machine.events {
                    timeline.record_and_apply(event, &mut model.model, &mut model.changes);
                    if let Payload::FaultBegin { .. } = event.payload {
                        let fault = *model.faults.newest_first().next().unwrap();
                        let way = |depth| EntryPosition::on_way(fault.space, fault.address, depth);
                        found.push((timeline.end() - 1, [0, 1, 2, 3, 4].map(|depth| model.tables.get(way(depth)))));
                    }
                }
                prop_assume!(model.contradictions == 0 && found.len() <= 256);
                for (number, (event, entries)) in found.into_iter().enumerate() {
                    let fault = *model.faults.numbered(number as u64).unwrap();
                    let then = Then::of(&timeline, model, number as u64, &fault);
                    prop_assert_eq!((then.event, then.entries), (Some(event), entries));
                }
                Ok(())
            })?;
        }
    }
}
