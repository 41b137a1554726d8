//! The intervals of a history: in the present, and back in time to the first event.

use super::*;
use crate::model::Fault;
use crate::testing::watched::with_model;
use crate::timeline::EVICTED_FAULTS;
use crate::view::map::View;
use mm::paging::FaultOutcome;
use x86_64::VirtAddr;

const VIEW: View = View {
    first: 0,
    shift: 2,
    cells: 75,
};

fn enter(number: u32, previous: u32) -> Payload {
    Payload::SpaceSwitch { number, previous }
}

fn fault(cause: FaultCause) -> [Payload; 2] {
    let address = VirtAddr::new(0x5000);
    [
        Payload::FaultBegin {
            address,
            instruction: VirtAddr::new(0x1000),
            code: ErrorCode::USER,
            cause,
        },
        Payload::FaultEnd {
            address,
            nanoseconds: 30,
            cause,
            outcome: FaultOutcome::Mapped,
        },
    ]
}

fn measured(process: u32, used: u32) -> Payload {
    Payload::WorkingSet {
        process,
        nanoseconds: 100,
        used,
        resident: 7,
        limit: 0,
    }
}

/// What a log shows: its number of intervals, and for each process of the last one its number, its
/// pages, its faults from swap, its other faults, and its own work.
type Seen = (u64, std::vec::Vec<(u32, u32, u32, u32, u64)>);

fn seen(log: &WorkingSetLog) -> Seen {
    let members = log.intervals.last().map(|last| last.members.clone());
    let members = members.unwrap_or_default().into_iter().map(|member| {
        let Faults {
            hard,
            soft,
            nanoseconds,
        } = member.faults;
        let own = u64::from(member.ran) - nanoseconds;
        (member.process, member.used, hard, soft, own)
    });
    (log.total, members.collect())
}

/// Returns what the log shows after each number of these events. Going back must show the same.
fn follow(payloads: &[Payload], since: u64) -> std::vec::Vec<Seen> {
    let (mut slots, mut evicted) = (vec![[0; 4]; 400], [Fault::default(); EVICTED_FAULTS]);
    let mut timeline = Timeline::new(&mut slots, &mut evicted);
    let mut all = vec![(0, vec![])];
    with_model(100, 1 << 20, VIEW, |watched| {
        let mut log = WorkingSetLog::default();
        let mut logs = vec![log.intervals.clone()];
        for (time, &payload) in (0..).zip(payloads) {
            let event = Event {
                time,
                cpu: 0,
                site: 0,
                payload,
            };
            timeline.record_and_apply(&event, &mut watched.model, &mut watched.changes);
            log.follow(&timeline, since);
            all.push(seen(&log));
            logs.push(log.intervals.clone());
        }
        for position in (0..payloads.len()).rev() {
            timeline.move_model_to(position as u64, &mut watched.model, &mut watched.changes);
            log.follow(&timeline, since);
            assert_eq!(log.intervals, logs[position], "after {position} events");
            assert_eq!(seen(&log), all[position], "after {position} events");
        }
        // Forwards again.
        let end = payloads.len();
        timeline.move_model_to(end as u64, &mut watched.model, &mut watched.changes);
        log.follow(&timeline, since);
        assert_eq!(log.intervals, logs[end]);
    });
    all
}

#[test]
fn faults_belong_to_their_process_and_interval() {
    let mut events = vec![enter(5, 0)];
    events.extend(fault(FaultCause::DemandZero));
    events.extend(fault(FaultCause::Swapped));
    events.push(enter(6, 5));
    events.extend(fault(FaultCause::Swapped));
    events.extend([Payload::WorkingSets { frames: 9 }, measured(5, 3)]);
    events.push(measured(6, 4));
    events.extend(fault(FaultCause::CopyOnWrite));
    events.extend([Payload::WorkingSets { frames: 9 }, measured(6, 2)]);
    let all = follow(&events, 0);
    assert_eq!(all[11], (1, vec![(5, 3, 1, 1, 40), (6, 4, 1, 0, 70)]));
    assert_eq!(all[events.len()], (2, vec![(6, 2, 0, 1, 70)]));
}

#[test]
fn events_before_the_lesson_do_not_count() {
    let mut events = vec![enter(5, 0)];
    events.extend(fault(FaultCause::DemandZero));
    events.extend(fault(FaultCause::DemandZero));
    events.extend([Payload::WorkingSets { frames: 9 }, measured(5, 3)]);
    let all = follow(&events, 3);
    assert_eq!(all[events.len()], (1, vec![(5, 3, 0, 1, 70)]));
}

#[test]
fn the_newest_intervals_are_kept_and_dropped_ones_come_back() {
    let measurements = (0..30).flat_map(|number| {
        let begin = Payload::WorkingSets { frames: 9 };
        fault(FaultCause::Swapped)
            .into_iter()
            .chain([begin, measured(5, number)])
    });
    let events: std::vec::Vec<_> = [enter(5, 0)].into_iter().chain(measurements).collect();
    let all = follow(&events, 0);
    assert_eq!(all[events.len()], (30, vec![(5, 29, 1, 0, 70)]));
}
