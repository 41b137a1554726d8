//! The hard fault of a history: in the present, and back in time.

use super::*;
use crate::model::Fault;
use crate::panels::figures::followed::Followed;
use crate::testing::watched::with_model;
use crate::timeline::EVICTED_FAULTS;
use crate::timeline::Timeline;
use crate::view::map::View;
use mm::paging::{FaultOutcome, PageSize};

const VIEW: View = View {
    first: 0,
    shift: 2,
    cells: 75,
};

const ONE: VirtAddr = VirtAddr::new(0x5000);
const TWO: VirtAddr = VirtAddr::new(0x6000);

const OLD: PhysAddr = PhysAddr::new(0x9000);
const NEW: PhysAddr = PhysAddr::new(0x8000);

fn map(page: VirtAddr, frame: PhysAddr) -> Payload {
    let (size, access) = (PageSize::Size4KiB, Access::WRITE);
    Payload::Map {
        page,
        frame,
        size,
        access,
    }
}

fn unmap(page: VirtAddr, frame: PhysAddr) -> Payload {
    let (size, access) = (PageSize::Size4KiB, Access::WRITE);
    Payload::Unmap {
        page,
        frame,
        size,
        access,
    }
}

fn out(page: VirtAddr, slot: u32) -> Payload {
    Payload::PageOut {
        page,
        slot,
        forked: false,
    }
}

/// Page 1 goes to slot 3. Then a fault reads it back, for which page 2 leaves. `stored` says
/// whether that page is stored.
fn events(stored: bool) -> std::vec::Vec<Payload> {
    let mut events = vec![
        Payload::SpaceSwitch {
            number: 7,
            previous: 0,
        },
        map(ONE, OLD),
        map(TWO, NEW),
        Payload::SlotAllocate { slot: 3, bytes: 40 },
        unmap(ONE, OLD),
        out(ONE, 3),
        Payload::FaultBegin {
            address: ONE + 8,
            instruction: VirtAddr::new(0x1000),
            code: ErrorCode::USER,
            cause: FaultCause::Swapped,
        },
    ];
    if stored {
        events.push(Payload::SlotAllocate { slot: 4, bytes: 50 });
    }
    events.extend([
        unmap(TWO, NEW),
        out(TWO, 4),
        Payload::PageIn {
            page: ONE,
            slot: 3,
            dropped: false,
        },
        map(ONE, NEW),
        Payload::FaultEnd {
            address: ONE + 8,
            nanoseconds: 90,
            cause: FaultCause::Swapped,
            outcome: FaultOutcome::SwappedIn,
        },
        // A page that leaves after the fault is another story.
        unmap(ONE, NEW),
        out(ONE, 3),
    ]);
    events
}

/// Returns the log after each number of these events. Going back must give the same.
fn follow(payloads: &[Payload]) -> std::vec::Vec<HardFaultLog> {
    let (mut slots, mut evicted) = (vec![[0; 4]; 400], [Fault::default(); EVICTED_FAULTS]);
    let mut timeline = Timeline::new(&mut slots, &mut evicted);
    let mut logs = vec![HardFaultLog::default()];
    with_model(100, 1 << 20, VIEW, |watched| {
        let mut log = Followed::<HardFaultLog>::default();
        for (time, &payload) in (0..).zip(payloads) {
            let event = Event {
                time,
                cpu: 0,
                site: 0,
                payload,
            };
            timeline.record_and_apply(&event, &mut watched.model, &mut watched.changes);
            log.follow(&timeline, 0);
            logs.push(log.content().clone());
        }
        for position in (0..payloads.len()).rev() {
            timeline.move_model_to(position as u64, &mut watched.model, &mut watched.changes);
            log.follow(&timeline, 0);
            let (log, expected) = (log.content(), &logs[position]);
            assert_eq!((log.fault, log.out), (expected.fault, expected.out));
        }
    });
    logs
}

#[test]
fn a_fault_has_its_slot_frame_and_victim() {
    let events = events(true);
    let logs = follow(&events);
    let fault = logs[events.len()].fault.unwrap();
    let stored = fault.stored.unwrap();
    assert_eq!((stored.space, stored.page, stored.slot), (7, ONE, 3));
    assert_eq!(stored.bytes, Some(40));
    let victim = Victim {
        page: TWO,
        slot: Some(4),
        stored: Some(50),
    };
    assert_eq!((fault.victims, fault.victim), (1, Some((victim, 9))));
    assert_eq!(fault.read, Some(10));
    let mapped = (NEW, Access::WRITE, 11);
    assert_eq!((fault.mapped, fault.end), (Some(mapped), Some((90, 12))));
}

#[test]
fn a_clean_page_leaves_without_being_stored() {
    let events = events(false);
    let fault = follow(&events)[events.len()].fault.unwrap();
    let victim = fault.victim.unwrap().0;
    assert_eq!((victim.slot, victim.stored), (Some(4), None));
}

#[test]
fn before_a_fault_the_subject_is_the_page_that_left() {
    let logs = follow(&events(true));
    assert_eq!(logs[5].subject(), None);
    assert_eq!(logs[6].subject().map(|stored| stored.slot), Some(3));
    // The fault has begun; which slot it reads is not known yet.
    assert_eq!(logs[7].subject(), None);
    assert_eq!(logs[11].subject().map(|stored| stored.page), Some(ONE));
}
