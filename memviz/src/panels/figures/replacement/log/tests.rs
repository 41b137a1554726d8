//! The runs of a history: in the present, back in time, and after another string.

use super::*;
use crate::model::Fault;
use crate::panels::figures::followed::Followed;
use crate::testing::watched::with_model;
use crate::timeline::EVICTED_FAULTS;
use crate::timeline::Timeline;
use crate::view::map::View;

const VIEW: View = View {
    first: 0,
    shift: 2,
    cells: 75,
};

fn start(process: u32, policy: u8, frames: u16) -> Payload {
    Payload::ReplayStart {
        start: VirtAddr::new(0x1000),
        process,
        frames,
        policy,
    }
}

fn reference(page: u32, frame: u16, fault: bool) -> Payload {
    Payload::PageReference {
        page,
        accessed: 1,
        frame,
        next: u16::MAX,
        write: false,
        fault,
    }
}

/// The log after each number of these events, going forwards and then back.
fn follow(payloads: &[Payload], check: impl Fn(usize, &ReplayLog)) {
    let (mut slots, mut evicted) = (vec![[0; 4]; 400], [Fault::default(); EVICTED_FAULTS]);
    let mut timeline = Timeline::new(&mut slots, &mut evicted);
    with_model(100, 1 << 20, VIEW, |watched| {
        let mut log = Followed::<ReplayLog>::default();
        let mut logs = vec![log.content().clone()];
        for (time, &payload) in (0..).zip(payloads) {
            let event = Event {
                time,
                cpu: 0,
                site: 0,
                payload,
            };
            timeline.record_and_apply(&event, &mut watched.model, &mut watched.changes);
            log.follow(&timeline, 0);
            check(time as usize + 1, log.content());
            logs.push(log.content().clone());
        }
        for position in (0..payloads.len()).rev() {
            let changes = &mut watched.changes;
            timeline.move_model_to(position as u64, &mut watched.model, changes);
            log.follow(&timeline, 0);
            let (log, expected) = (log.content(), &logs[position]);
            assert_eq!((&log.runs, &log.counts), (&expected.runs, &expected.counts));
        }
    });
}

#[test]
fn runs_and_counts_follow_the_cursor() {
    let other = Payload::Caption {
        number: 1,
        previous: 0,
    };
    let events = [
        start(7, 0, 2),
        reference(1, 0, true),
        other,
        reference(2, 1, true),
        reference(1, 0, false),
        start(8, 1, 2),
        reference(1, 0, true),
        start(9, 0, 2),
    ];
    follow(&events, |position, log| {
        let counts: Vec<_, 8> = log.counts.iter().map(|count| count.faults).collect();
        let runs: Vec<_, 8> = log.runs.iter().map(|run| run.process).collect();
        match position {
            5 => assert_eq!((&counts[..], &runs[..]), (&[2][..], &[7][..])),
            7 => assert_eq!((&counts[..], &runs[..]), (&[2, 1][..], &[7, 8][..])),
            // The same policy and frames: the new replay takes the place of the old one.
            8 => assert_eq!((&counts[..], &runs[..]), (&[2, 1][..], &[8, 9][..])),
            _ => {}
        }
    });
}

#[test]
fn another_string_removes_the_older_runs() {
    let events = [
        start(7, 0, 2),
        reference(1, 0, true),
        start(8, 1, 2),
        reference(5, 0, true),
    ];
    follow(&events, |position, log| {
        if position == 4 {
            assert_eq!((log.runs.len(), log.counts.len()), (1, 1));
            assert_eq!(log.runs[0].process, 8);
        }
    });
}

#[test]
fn a_long_string_keeps_its_last_references() {
    let string = (0..60).map(|number| reference(number % 3, (number % 3) as u16, number < 3));
    let events: std::vec::Vec<_> = core::iter::once(start(7, 0, 3)).chain(string).collect();
    follow(&events, |position, log| {
        if position == 61 {
            let run = &log.runs[0];
            assert_eq!((run.count.references, run.count.faults), (60, 3));
            assert_eq!((run.first(), run.steps.len()), (40, COLUMNS));
            assert_eq!(run.before[..3], [Some(0), Some(1), Some(2)]);
        }
    });
}
