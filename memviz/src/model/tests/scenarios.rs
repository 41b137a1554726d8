//! The model after events that a test names one by one: faults, contradictions, processes.

use super::*;

#[test]
fn a_full_fault_log_keeps_the_newest() {
    let mut slots = [Fault::default(); 3];
    let mut log = FaultLog::new(&mut slots);
    for time in 1..=5 {
        let payload = Payload::FaultBegin {
            address: VirtAddr::new(time * 4096),
            instruction: VirtAddr::new(0),
            code: mm::paging::ErrorCode::empty(),
            cause: FaultCause::Null,
        };
        let event = Event {
            time,
            cpu: 0,
            site: 0,
            payload,
        };
        assert!(log.step(&event, Direction::Forward));
    }
    assert_eq!(
        log.newest_first()
            .map(|fault| fault.time)
            .collect::<Vec<_>>(),
        [5, 4, 3]
    );
    assert_eq!((log.total(), log.by_cause(FaultCause::Null)), (5, 5));
}

pub(super) fn event(time: u64, payload: Payload) -> Event {
    Event {
        time,
        cpu: 0,
        site: 0,
        payload,
    }
}

#[test]
fn events_that_contradict_are_counted() {
    let (frames, tag) = (1, Tag::USER);
    let first = PhysAddr::new(0x5000);
    let beyond = PhysAddr::new(FRAMES as u64 * 4096);
    let twice = Payload::FrameAllocate { first, frames, tag };
    let beyond = Payload::FrameAllocate {
        first: beyond,
        frames,
        tag,
    };
    let not_shared = Payload::FrameReference {
        frame: first,
        from: 2,
        to: 3,
        tag,
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        model.apply(&event(1, Payload::FrameFree { first, frames, tag }));
        assert_eq!(model.contradictions, 1);
        model.apply(&event(2, twice));
        assert_eq!(model.contradictions, 1);
        model.apply(&event(3, twice));
        model.apply(&event(4, beyond));
        model.apply(&event(5, not_shared));
        assert_eq!(model.contradictions, 4);
    });
}

/// The event names the state before it, which undoing it would restore.
#[test]
fn a_switch_from_another_state_contradicts() {
    let caption = |previous, number| Payload::Caption { number, previous };
    let switch = |previous, number| Payload::SpaceSwitch { number, previous };
    with_model(FRAMES, HEAP, VIEW, |model| {
        for payload in [caption(0, 3), switch(0, 7), caption(3, 4), switch(7, 0)] {
            model.apply(&event(1, payload));
            assert_eq!(model.contradictions, 0, "{payload:?}");
        }
        model.apply(&event(2, caption(3, 5)));
        assert_eq!((model.contradictions, model.caption), (1, 5));
        model.apply(&event(3, switch(7, 9)));
        assert_eq!((model.contradictions, model.space), (2, 9));
    });
}

#[test]
fn an_event_after_a_contradiction_can_be_undone_without_another() {
    let (page, frame) = (VirtAddr::new(0x5000), PhysAddr::new(0x7000));
    let (size, access) = (mm::paging::PageSize::Size4KiB, Access::WRITE);
    let unmap = Payload::Unmap {
        page,
        frame,
        size,
        access,
    };
    let map = Payload::Map {
        page,
        frame,
        size,
        access,
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        model.apply(&event(1, unmap));
        assert_eq!(model.contradictions, 1);
        model.apply(&event(2, map));
        model.revert(&event(2, map));
        assert_eq!(model.contradictions, 1);
    });
}

/// An entry of a page table has no low bits of the address.
#[test]
fn an_address_inside_a_frame_is_the_frame() {
    let map = Payload::Map {
        page: VirtAddr::new(0x5123),
        frame: PhysAddr::new(0x7123),
        size: mm::paging::PageSize::Size4KiB,
        access: Access::WRITE,
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        let before = snapshot(model);
        model.apply(&event(1, map));
        model.revert(&event(1, map));
        assert_eq!((snapshot(model), model.contradictions), (before, 0));
    });
}

#[test]
fn a_change_of_an_unexpected_state_contradicts() {
    let (page, size) = (
        VirtAddr::new(0xffff_d000_0000_0000),
        mm::paging::PageSize::Size4KiB,
    );
    let protect = |from, to| Payload::Protect {
        page,
        size,
        from,
        to,
    };
    let turn = |from, to| Payload::ProcessState {
        number: 7,
        from,
        to,
    };
    let start = Payload::ProcessStart {
        number: 7,
        parent: 0,
        program: 0,
        started: 5,
    };
    let map = Payload::Map {
        page,
        frame: PhysAddr::new(0x5000),
        size,
        access: Access::WRITE,
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        let mut contradicts = |payload| {
            let before = model.contradictions;
            model.apply(&event(1, payload));
            model.contradictions > before
        };
        assert!(!contradicts(map) && !contradicts(start));
        assert!(!contradicts(protect(Access::WRITE, Access::USER)));
        assert!(contradicts(protect(Access::WRITE, Access::EXECUTE)));
        assert!(!contradicts(turn(
            ProcessState::Ready,
            ProcessState::Asleep
        )));
        assert!(contradicts(turn(ProcessState::Ready, ProcessState::Ended)));
    });
}

/// A fault of ring 3 in the kernel's half counts for the process, and counts wrap around where the
/// field of the event does.
#[test]
fn a_fault_counts_for_the_space_that_it_happens_in() {
    let fault = |code| Payload::FaultBegin {
        address: VirtAddr::new(0xffff_d000_0000_0000),
        instruction: VirtAddr::new(0),
        code,
        cause: FaultCause::UserTouchedKernel,
    };
    let switch = Payload::SpaceSwitch {
        number: 7,
        previous: 0,
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        model.apply(&event(1, switch));
        model.apply(&event(2, fault(ErrorCode::USER)));
        model.apply(&event(3, fault(ErrorCode::empty())));
        let spaces: Vec<_> = model
            .faults
            .newest_first()
            .map(|fault| fault.space)
            .collect();
        assert_eq!(spaces, [0, 7]);
        let faults =
            |model: &Model, number| model.processes.get(number).map(|process| process.faults);
        assert_eq!((faults(model, 0), faults(model, 7)), (Some(1), Some(1)));
        model.processes.set_faults(7, (1 << 24) - 1);
        model.apply(&event(4, fault(ErrorCode::USER)));
        assert_eq!(faults(model, 7).unwrap_or(0), 0);
        model.revert(&event(4, fault(ErrorCode::USER)));
        assert_eq!(faults(model, 7), Some((1 << 24) - 1));
    });
}

#[test]
fn faults_have_numbers_while_they_are_in_the_log() {
    let touch = Payload::FaultBegin {
        address: VirtAddr::new(0x1000),
        instruction: VirtAddr::new(0),
        code: ErrorCode::empty(),
        cause: FaultCause::Null,
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        (0..300).for_each(|time| model.apply(&event(time, touch)));
        let time = |number| model.faults.numbered(number).map(|fault| fault.time);
        let times = [300 - KEPT - 1, 300 - KEPT, 299, 300].map(time);
        assert_eq!(times, [None, Some(300 - KEPT), Some(299), None]);
        const KEPT: u64 = faults::KEPT as u64;
    });
}

/// The panels that draw a space rely on its version.
#[test]
fn a_region_changes_its_space() {
    let region = |start| Payload::RegionOpen {
        start: VirtAddr::new(start),
        bytes: 4096,
        policy: RegionPolicy::Guard,
        owner: Tag::STACK,
    };
    let switch = Payload::SpaceSwitch {
        number: 7,
        previous: 0,
    };
    let link = Payload::TableLink {
        table: PhysAddr::new(0x5000),
        base: VirtAddr::zero(),
        level: mm::paging::TableLevel::Pml4,
        access: Access::empty(),
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        for payload in [link, switch, link] {
            model.apply(&event(1, payload));
        }
        let versions =
            |model: &Model| [0, 7].map(|number| model.processes.get(number).unwrap().version);
        let before = versions(model);
        model.apply(&event(2, region(0x40_0000)));
        let between = versions(model);
        model.apply(&event(3, region(0xffff_d000_0000_0000)));
        let after = versions(model);
        assert!(before[0] == between[0] && before[1] != between[1]);
        assert!(between[0] != after[0] && between[1] == after[1]);
    });
}

#[test]
fn live_bytes_of_any_granules_are_those_of_each() {
    let moves: Vec<Move> = (0..60)
        .map(|n| (11 + n as u8 % 5, n * 977, n as u16 * 331))
        .collect();
    let machine = machine(&moves);
    with_model(FRAMES, HEAP, VIEW, |model| {
        machine.events.iter().for_each(|event| model.apply(event));
        let live: Vec<_> = model
            .heap
            .blocks()
            .filter(|block| block.owner.is_some())
            .collect();
        assert!(live.len() > 5);
        let is_live = |granule: &usize| live.iter().any(|block| block.granules().contains(granule));
        let sparse = if cfg!(miri) { 10 } else { 1 };
        for first in (0..700).step_by(13 * sparse) {
            for end in (first..700).step_by(31 * sparse) {
                let expected = (first..end).filter(is_live).count() as u64 * 64;
                assert_eq!(
                    model.heap.live_bytes_in(first..end),
                    expected,
                    "{first}..{end}"
                );
            }
        }
    });
}

#[test]
fn a_new_reference_is_a_use_and_its_release_is_not() {
    let (frame, tag) = (PhysAddr::new(0x5000), Tag::USER);
    let change = |from, to| Payload::FrameReference {
        frame,
        from,
        to,
        tag,
    };
    let uses = |model: &Model| model.frames.all()[5].uses();
    with_model(FRAMES, HEAP, VIEW, |model| {
        let (first, frames) = (frame, 1);
        model.apply(&event(1, Payload::FrameAllocate { first, frames, tag }));
        model.apply(&event(2, change(1, 2)));
        assert_eq!(uses(model), 2);
        model.apply(&event(3, change(2, 1)));
        assert_eq!(uses(model), 2);
        model.revert(&event(3, change(2, 1)));
        model.revert(&event(2, change(1, 2)));
        assert_eq!(uses(model), 1);
    });
}

/// A fault in the handler of a fault at the same address, both ended at the same time with the same
/// figures.
#[test]
fn faults_that_look_alike_end_and_reopen_in_order() {
    let (address, cause) = (VirtAddr::new(0x1000), FaultCause::Unmapped);
    let begin = Payload::FaultBegin {
        address,
        instruction: VirtAddr::new(0),
        code: mm::paging::ErrorCode::empty(),
        cause,
    };
    let end = Payload::FaultEnd {
        address,
        nanoseconds: 5,
        cause,
        outcome: mm::paging::FaultOutcome::Fatal,
    };
    let open = |model: &Model| {
        let faults = model.faults.newest_first();
        faults.map(|fault| fault.end.is_none()).collect::<Vec<_>>()
    };
    with_model(FRAMES, HEAP, VIEW, |model| {
        for payload in [begin, begin, end] {
            model.apply(&event(7, payload));
        }
        assert_eq!(open(model), [false, true]);
        model.apply(&event(7, end));
        assert_eq!(open(model), [false, false]);
        model.revert(&event(7, end));
        assert_eq!(open(model), [false, true]);
        model.revert(&event(7, end));
        assert_eq!(open(model), [true, true]);
    });
}
