//! Moving the cursor back and forth, compared with models that only went forwards.

mod search;

use super::*;
use crate::model::tests::{Snapshot, machine, moves, snapshot};
use crate::testing::watched::{Watched, with_model};
use crate::view::map::View;
use mm::event::Payload;
use proptest::collection::vec;
use proptest::prelude::*;

const FRAMES: usize = 300;
const HEAP: usize = 4 << 20;
const VIEW: View = View {
    first: 0,
    shift: 2,
    cells: 75,
};

fn with_timeline<R>(slots: usize, work: impl FnOnce(&mut Timeline, &mut Watched) -> R) -> R {
    let (mut slots, mut evicted) = (vec![[0; 4]; slots], [Fault::default(); EVICTED_FAULTS]);
    with_model(FRAMES, HEAP, VIEW, |model| {
        work(&mut Timeline::new(&mut slots, &mut evicted), model)
    })
}

/// Returns the states after 0, 1, 2, … events.
fn states(events: &[Event]) -> std::vec::Vec<Snapshot> {
    with_model(FRAMES, HEAP, VIEW, |model| {
        let mut states = vec![snapshot(model)];
        for event in events {
            model.apply(event);
            states.push(snapshot(model));
        }
        states
    })
}

/// An action of the user or of the machine.
#[derive(Clone, Copy, Debug)]
enum Travel {
    Arrive(usize),
    Back(u64),
    Forward(u64),
    First,
    Live,
    PreviousStep,
    NextStep,
    Bookmark,
    NextBookmark,
}

fn travels() -> impl Strategy<Value = std::vec::Vec<Travel>> {
    let travel = prop_oneof![
        (1usize..60).prop_map(Travel::Arrive),
        (1u64..40).prop_map(Travel::Back),
        (1u64..40).prop_map(Travel::Forward),
        Just(Travel::First),
        Just(Travel::Live),
        Just(Travel::PreviousStep),
        Just(Travel::NextStep),
        Just(Travel::Bookmark),
        Just(Travel::NextBookmark),
    ];
    vec(travel, 1..60)
}

proptest! {
    #![proptest_config(crate::testing::cases(64))]

    /// After any moves of the cursor and any new events, the model is the fold of the events before
    /// it.
    #[test]
    fn each_position_shows_its_own_state(moves in moves(), slots in 0usize..200, travels in travels()) {
        let machine = machine(&moves);
        let states = states(&machine.events);
        with_timeline(slots, |timeline, model| {
            let mut events = machine.events.iter();
            for travel in travels {
                let (before, behind) = (timeline.cursor(), timeline.behind());
                match travel {
                    Travel::Arrive(count) => {
                        events.by_ref().take(count).for_each(|event| timeline.record_and_apply(event, &mut model.model, &mut model.changes));
                        if behind == 0 {
                            prop_assert!(timeline.is_live());
                        } else {
                            prop_assert_eq!(timeline.cursor(), before.max(timeline.first()));
                        }
                    }
                    Travel::Back(count) => timeline.move_model_to(before.saturating_sub(count), &mut model.model, &mut model.changes),
                    Travel::Forward(count) => timeline.move_model_to(before + count, &mut model.model, &mut model.changes),
                    Travel::First => timeline.move_model_to(0, &mut model.model, &mut model.changes),
                    Travel::Live => timeline.move_model_to(u64::MAX, &mut model.model, &mut model.changes),
                    Travel::PreviousStep => timeline.move_model_to(timeline.previous_step(), &mut model.model, &mut model.changes),
                    Travel::NextStep => timeline.move_model_to(timeline.next_step().unwrap_or(u64::MAX), &mut model.model, &mut model.changes),
                    Travel::Bookmark => prop_assert!(timeline.toggle_bookmark()),
                    Travel::NextBookmark => {
                        if let Some(place) = timeline.next_bookmark() {
                            timeline.move_model_to(place, &mut model.model, &mut model.changes);
                            prop_assert_eq!(timeline.cursor(), place);
                        }
                    }
                }
                let arrived = machine.events.len() - events.len();
                prop_assert_eq!(timeline.end(), arrived as u64);
                prop_assert!(timeline.end() - timeline.first() <= slots as u64);
                prop_assert_eq!(&snapshot(model), &states[timeline.cursor() as usize], "after {:?}", travel);
                let shown = timeline.cursor() as usize;
                let expected = shown.checked_sub(1).filter(|&at| at as u64 >= timeline.first());
                prop_assert_eq!(timeline.current(), expected.map(|at| machine.events[at]));
                prop_assert!(timeline.bookmarks().is_sorted());
            }
            prop_assert_eq!(model.contradictions, 0);
            Ok(())
        })?;
    }

    #[test]
    fn steps_begin_after_captions(moves in moves(), at in 0u64..600) {
        let machine = machine(&moves);
        let is_step = |place: u64| {
            let event = place.checked_sub(1).map(|last| machine.events[last as usize].payload);
            matches!(event, Some(Payload::Caption { .. }))
        };
        with_timeline(2000, |timeline, model| {
            machine.events.iter().for_each(|event| timeline.record_and_apply(event, &mut model.model, &mut model.changes));
            timeline.move_model_to(at, &mut model.model, &mut model.changes);
            let (cursor, end) = (timeline.cursor(), timeline.end());
            let before = (0..cursor).rev().find(|&place| is_step(place)).unwrap_or(0);
            prop_assert_eq!(timeline.previous_step(), before);
            prop_assert_eq!(timeline.next_step(), (cursor + 1..=end).find(|&place| is_step(place)));
            let marked: std::vec::Vec<_> = timeline.steps().collect();
            let all: std::vec::Vec<_> = (0..=end).filter(|&place| is_step(place)).collect();
            prop_assert_eq!(marked, all);
            Ok(())
        })?;
    }

    #[test]
    fn the_history_of_a_frame_is_found(moves in moves(), frame in 0..FRAMES, at in 0u64..600) {
        let machine = machine(&moves);
        with_timeline(2000, |timeline, model| {
            machine.events.iter().for_each(|event| timeline.record_and_apply(event, &mut model.model, &mut model.changes));
            timeline.move_model_to(at, &mut model.model, &mut model.changes);
            let found: std::vec::Vec<_> = timeline.at_frame(frame).collect();
            prop_assert!(found.iter().rev().is_sorted_by_key(|(number, _)| *number));
            // While all events are reverted, the frame changes at these events only.
            while timeline.cursor() > 0 {
                let after = model.frames.all()[frame];
                timeline.move_model_to(timeline.cursor() - 1, &mut model.model, &mut model.changes);
                let before = model.frames.all()[frame];
                let changed = !before.same_state(&after) || before.uses() != after.uses();
                prop_assert!(!changed || found.iter().any(|(number, _)| *number == timeline.cursor()));
            }
            Ok(())
        })?;
    }
}

fn event(time: u64, payload: Payload) -> Event {
    Event {
        time,
        cpu: 0,
        site: 0,
        payload,
    }
}

fn fault(number: u64) -> Event {
    let payload = Payload::FaultBegin {
        address: x86_64::VirtAddr::new(number * 4096),
        instruction: x86_64::VirtAddr::new(0),
        code: mm::paging::ErrorCode::empty(),
        cause: mm::paging::FaultCause::DemandZero,
    };
    event(number, payload)
}

/// With more faults than the log and the history have slots, the log includes evicted faults.
#[test]
fn faults_that_the_log_has_dropped_come_back() {
    let events: std::vec::Vec<_> = (0..6000).map(fault).collect();
    with_timeline(4000, |timeline, model| {
        events.iter().for_each(|event| {
            timeline.record_and_apply(event, &mut model.model, &mut model.changes);
        });
        for place in [5999, 5000, 4100, 3000, 2001, 2000, 2300, 0, 6000] {
            timeline.move_model_to(place, &mut model.model, &mut model.changes);
            let listed: std::vec::Vec<_> = model
                .faults
                .newest_first()
                .map(|fault| fault.time)
                .collect();
            let last = place.max(2000);
            let expected: std::vec::Vec<_> = (last - KEPT as u64..last).rev().collect();
            assert_eq!(listed, expected, "at {place}");
        }
    });
}

/// After a rebuild the cursor cannot go back, but the log keeps the faults from before.
#[test]
fn faults_stay_in_the_log_after_a_rebuild() {
    with_timeline(4000, |timeline, model| {
        (0..500).for_each(|time| {
            timeline.record_and_apply(&fault(time), &mut model.model, &mut model.changes);
        });
        assert!(timeline.toggle_bookmark());
        timeline.forget(model);
        assert!(timeline.bookmarks().is_empty());
        assert_eq!((timeline.first(), timeline.cursor()), (500, 500));
        (500..2500).for_each(|time| {
            timeline.record_and_apply(&fault(time), &mut model.model, &mut model.changes);
        });
        timeline.move_model_to(0, &mut model.model, &mut model.changes);
        let listed: std::vec::Vec<_> = model
            .faults
            .newest_first()
            .map(|fault| fault.time)
            .collect();
        let expected: std::vec::Vec<_> = (500 - KEPT as u64..500).rev().collect();
        assert_eq!((timeline.cursor(), listed), (500, expected));
    });
}

#[test]
fn without_a_history_there_is_only_the_present() {
    with_timeline(0, |timeline, model| {
        timeline.record_and_apply(&fault(0), &mut model.model, &mut model.changes);
        assert!(timeline.toggle_bookmark());
        timeline.record_and_apply(&fault(1), &mut model.model, &mut model.changes);
        assert!(timeline.bookmarks().is_empty());
        timeline.move_model_to(0, &mut model.model, &mut model.changes);
        assert_eq!((timeline.cursor(), model.faults.total()), (2, 2));
    });
}

#[test]
fn an_event_that_contradicts_the_model_is_not_reverted() {
    let free = Payload::FrameFree {
        first: x86_64::PhysAddr::new(0x5000),
        frames: 1,
        tag: mm::tag::Tag::USER,
    };
    with_timeline(100, |timeline, model| {
        timeline.record_and_apply(&fault(1), &mut model.model, &mut model.changes);
        timeline.record_and_apply(&event(2, free), &mut model.model, &mut model.changes);
        assert_eq!(
            (timeline.first(), timeline.cursor(), timeline.end()),
            (2, 2, 2)
        );
        timeline.record_and_apply(&fault(3), &mut model.model, &mut model.changes);
        timeline.move_model_to(0, &mut model.model, &mut model.changes);
        assert_eq!(timeline.cursor(), 2);
        assert_eq!(model.faults.total(), 1);
    });
}

#[test]
fn a_bookmark_is_set_found_and_taken_away() {
    with_timeline(100, |timeline, model| {
        (0..50).for_each(|number| {
            timeline.record_and_apply(&fault(number), &mut model.model, &mut model.changes);
        });
        for place in [30, 10, 20] {
            timeline.move_model_to(place, &mut model.model, &mut model.changes);
            assert!(timeline.toggle_bookmark());
        }
        assert_eq!(timeline.bookmarks(), [10, 20, 30]);
        let mut visited = std::vec::Vec::new();
        for _ in 0..4 {
            timeline.move_model_to(
                timeline.next_bookmark().unwrap(),
                &mut model.model,
                &mut model.changes,
            );
            visited.push(timeline.cursor());
        }
        assert_eq!(visited, [30, 10, 20, 30]);
        assert!(timeline.toggle_bookmark());
        assert_eq!(timeline.bookmarks(), [10, 20]);
        (0..65).for_each(|number| {
            timeline.record_and_apply(&fault(number), &mut model.model, &mut model.changes);
        });
        assert_eq!((timeline.first(), timeline.bookmarks()), (15, &[20][..]));
        (0..5).for_each(|number| {
            timeline.record_and_apply(&fault(number), &mut model.model, &mut model.changes);
        });
        assert_eq!((timeline.first(), timeline.bookmarks()), (20, &[20][..]));
        timeline.record_and_apply(&fault(0), &mut model.model, &mut model.changes);
        assert!(timeline.bookmarks().is_empty());
    });
}

/// A step whose caption was evicted is not marked.
#[test]
fn steps_of_evicted_events_are_not_marked() {
    let caption = Payload::Caption {
        number: 2,
        previous: 1,
    };
    with_timeline(10, |timeline, model| {
        (0..40).for_each(|time| {
            let other = fault(time);
            let is_step = time % 5 == 0;
            timeline.record_and_apply(
                &if is_step { event(time, caption) } else { other },
                &mut model.model,
                &mut model.changes,
            );
            let marked: std::vec::Vec<_> = timeline.steps().collect();
            let kept = timeline.first() + 1..=timeline.end();
            let expected: std::vec::Vec<_> = kept.filter(|place| place % 5 == 1).collect();
            assert_eq!(marked, expected);
        });
    });
}
