//! The figures of the log against those of the player, forwards and back.

use super::lane::Difference;
use super::log::{LANES, WorkloadLog};
use crate::model::Fault;
use crate::testing::watched::with_model;
use crate::testing::workloads::{Recorder, play, requests};
use crate::timeline::{EVICTED_FAULTS, Timeline};
use crate::view::map::View;
use mm::event::Event;
use mm::heap::strategy::Strategy;
use mm::heap::workload::{Outcome, Request};

const VIEW: View = View {
    first: 0,
    shift: 2,
    cells: 75,
};

/// The logs after each of these events. They must be the same when the cursor goes back.
fn followed(events: &[Event]) -> Vec<WorkloadLog> {
    let mut slots = vec![[0; 4]; events.len() + 1];
    let mut evicted = [Fault::default(); EVICTED_FAULTS];
    let mut timeline = Timeline::new(&mut slots, &mut evicted);
    with_model(100, 1 << 20, VIEW, |watched| {
        let mut log = WorkloadLog::default();
        let mut logs = vec![log.clone()];
        for event in events {
            timeline.record_and_apply(event, &mut watched.model, &mut watched.changes);
            log.follow(&timeline);
            logs.push(log.clone());
        }
        assert_eq!(watched.model.contradictions, 0);
        for position in (0..events.len()).rev() {
            let changes = &mut watched.changes;
            timeline.move_model_to(position as u64, &mut watched.model, changes);
            log.follow(&timeline);
            assert_eq!(log.lanes, logs[position].lanes, "at event {position}");
        }
        logs
    })
}

fn check(log: &WorkloadLog, at: usize, outcome: Outcome) {
    let lane = &log.lanes[at];
    let counts = &lane.counts;
    let name = lane.strategy.key();
    let first = counts.first_refusal.map_or(0, |refusal| refusal.number);
    let found = [
        counts.requests.into(),
        counts.refused.into(),
        first.into(),
        counts.corruptions.into(),
        counts.moves.into(),
        counts.peak_requested,
        counts.peak_heap,
    ];
    let expected = [
        outcome.requests,
        outcome.failures,
        outcome.first_failure,
        outcome.corruptions,
        outcome.moves,
        outcome.peak_requested,
        outcome.peak_heap,
    ];
    assert_eq!(found, expected, "{name}");
    assert_eq!(counts.ticks_a_request(), 100, "{name}");
}

#[test]
fn figures_from_events_are_those_of_the_player() {
    for seed in 0..6 {
        let requests = requests(seed, 50);
        let recorder = Recorder::default();
        let strategies = &Strategy::ALL[..Strategy::ALL.len().min(LANES)];
        let last = strategies.len() - 1;
        let outcomes = strategies.iter().enumerate();
        let outcomes: Vec<Outcome> = outcomes
            .map(|(at, &strategy)| play(&recorder, strategy, &requests, at < last))
            .collect();
        let logs = followed(&recorder.0.borrow());
        let log = logs.last().unwrap();
        assert_eq!(log.lanes.len(), strategies.len());
        for (at, &outcome) in outcomes.iter().enumerate() {
            check(log, at, outcome);
        }
    }
}

#[test]
fn another_workload_removes_the_arenas() {
    let recorder = Recorder::default();
    play(&recorder, Strategy::FirstFit, &requests(1, 10), true);
    play(&recorder, Strategy::BestFit, &requests(1, 10), true);
    play(&recorder, Strategy::BestFit, &requests(1, 11), true);
    let logs = followed(&recorder.0.borrow());
    let lanes = &logs.last().unwrap().lanes;
    assert_eq!(lanes.len(), 1);
    assert_eq!(lanes[0].counts.requests, 11);
}

#[test]
fn the_first_different_placement_and_the_point_of_failure_are_found() {
    let allocate = |block, bytes| Request::Allocate { block, bytes };
    let free = |block| Request::Free { block };
    // A large hole, then a small one: first fit takes the first, best fit the second.
    let mut all = vec![allocate(0, 4096), allocate(1, 16), allocate(2, 64)];
    all.extend([allocate(3, 16), free(0), free(2), allocate(4, 64)]);
    all.push(allocate(5, 2 << 20));
    let recorder = Recorder::default();
    play(&recorder, Strategy::FirstFit, &all, true);
    play(&recorder, Strategy::BestFit, &all, true);
    let logs = followed(&recorder.0.borrow());
    let lanes = &logs.last().unwrap().lanes;
    let expected = Difference {
        number: 7,
        offsets: [Some(0), Some(4112)],
    };
    assert_eq!(lanes[1].difference, Some(expected));
    assert_eq!(lanes[0].difference, None);
    let refusal = lanes[0].counts.first_refusal.unwrap();
    let found = (refusal.number, refusal.requested, refusal.largest);
    assert_eq!(found, (8, 2 << 20, (1 << 20) - 4096 - 16 - 64 - 16));
    let classes: Vec<_> = lanes[0].lifetimes.classes().collect();
    let means = classes.iter().map(|(bytes, class)| (*bytes, class.mean()));
    assert_eq!(means.collect::<Vec<_>>(), [(64, 3), (4096, 4)]);
}
