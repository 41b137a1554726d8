//! Counts at the last number that an event has bits for.

use super::scenarios::event;
use super::*;
use mm::event::FAULT_COUNTS;
use mm::heap::strategy::Strategy;

/// Applies events, none of which may contradict; then reverts them, which restores the state.
fn there_and_back(model: &mut Watched, payloads: &[Payload], check: impl FnOnce(&Watched)) {
    let before = snapshot(model);
    for &payload in payloads {
        model.apply(&event(1, payload));
        assert_eq!(model.contradictions, 0, "{payload:?}");
    }
    check(model);
    for &payload in payloads.iter().rev() {
        model.revert(&event(1, payload));
        assert_eq!(model.contradictions, 0, "{payload:?}");
    }
    assert_eq!(snapshot(model), before);
}

#[test]
fn the_faults_of_a_process_start_again_at_0() {
    const NUMBER: u32 = 7;
    let fault = Payload::FaultBegin {
        address: VirtAddr::new(0x40_0000),
        instruction: VirtAddr::new(0x40_0000),
        code: ErrorCode::USER,
        cause: FaultCause::DemandZero,
    };
    let start = Payload::ProcessStart {
        number: NUMBER,
        parent: 0,
        program: 1,
        started: 5,
    };
    let switch = Payload::SpaceSwitch {
        number: NUMBER,
        previous: 0,
    };
    let ended = Payload::ProcessState {
        number: NUMBER,
        from: ProcessState::Ready,
        to: ProcessState::Ended,
    };
    let end = Payload::ProcessEnd {
        number: NUMBER,
        parent: 0,
        program: 1,
        started: 5,
        faults: 1,
        by_fault: false,
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        for payload in [start, switch] {
            model.apply(&event(1, payload));
        }
        model
            .processes
            .set_faults(NUMBER, u64::from(FAULT_COUNTS) - 1);
        there_and_back(model, &[fault, fault, ended, end], |model| {
            assert_eq!(model.processes.live(), 0);
        });
    });
}

#[test]
#[cfg_attr(miri, ignore = "65,000 events")]
fn an_arena_of_more_requests_than_its_last_event_can_count_closes() {
    const REQUESTS: usize = u16::MAX as usize + 100;
    let (start, chunks, strategy) = (VirtAddr::new(0x10_0000), 1, Strategy::FirstFit);
    let open = Payload::ArenaOpen {
        start,
        chunks,
        workload: 0,
        requests: 0,
        strategy,
    };
    let refuse = Payload::HeapRefuse {
        heap: start,
        requested: 1 << 30,
        owner: Tag::USER,
    };
    let close = Payload::ArenaClose {
        start,
        chunks,
        strategy,
        served: 0,
        refused: u16::MAX,
        splits: 0,
        merges: 0,
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        let mut payloads = vec![refuse; REQUESTS + 2];
        (payloads[0], payloads[REQUESTS + 1]) = (open, close);
        there_and_back(model, &payloads, |model| assert!(model.arenas.is_empty()));
    });
}

#[test]
fn a_frame_has_more_references_than_the_model_counts() {
    let (frame, tag) = (PhysAddr::new(0x5000), Tag::USER);
    let most = u32::from(u16::MAX);
    let change = |from, to| Payload::FrameReference {
        frame,
        from,
        to,
        tag,
    };
    let allocate = Payload::FrameAllocate {
        first: frame,
        frames: 1,
        tag,
    };
    let payloads = [
        allocate,
        change(1, most - 1),
        change(most - 1, most),
        change(most, most + 1),
        change(most + 1, u32::MAX),
    ];
    with_model(FRAMES, HEAP, VIEW, |model| {
        there_and_back(model, &payloads, |model| {
            assert_eq!(model.frames.all()[5].references(), u16::MAX);
        });
    });
}
