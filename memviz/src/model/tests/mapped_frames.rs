//! The frame that the handler of a fault maps.

use super::scenarios::event;
use super::*;

/// A fault shows the frame that its handler maps, and no other, in both directions of time.
#[test]
fn a_fault_has_the_frame_that_its_handler_maps() {
    let address = VirtAddr::new(0x40_0123);
    let map = |page, frame| Payload::Map {
        page: VirtAddr::new(page),
        frame: PhysAddr::new(frame),
        size: mm::paging::PageSize::Size4KiB,
        access: Access::USER,
    };
    let cause = FaultCause::DemandZero;
    let events = [
        map(0x40_0000, 0x1000),
        Payload::FaultBegin {
            address,
            instruction: VirtAddr::new(0),
            code: mm::paging::ErrorCode::USER,
            cause,
        },
        map(0x50_0000, 0x2000),
        map(0x40_0000, 0x3000),
        map(0x40_0000, 0x4000),
        Payload::FaultEnd {
            address,
            nanoseconds: 1,
            cause,
            outcome: mm::paging::FaultOutcome::ALL[0],
        },
        map(0x40_0000, 0x5000),
    ];
    let frames = [
        None,
        None,
        None,
        Some(0x3000),
        Some(0x3000),
        Some(0x3000),
        Some(0x3000),
    ];
    let mut slots = [Fault::default(); 4];
    let mut log = FaultLog::new(&mut slots);
    let newest = |log: &FaultLog| {
        let frame = log.newest_first().next().and_then(|fault| fault.frame);
        frame.map(|frame| frame.as_u64())
    };
    for (payload, frame) in events.into_iter().zip(frames) {
        log.step(&event(1, payload), Direction::Forward);
        assert_eq!(newest(&log), frame, "after {payload:?}");
    }
    for (payload, frame) in events.into_iter().zip(frames).skip(1).rev() {
        assert_eq!(newest(&log), frame, "before {payload:?}");
        log.step(&event(1, payload), Direction::Back);
    }
    assert_eq!(log.total(), 0);
}
