//! The run that was refused: when it is told unasked, and what is told of it.

use super::*;
use mm::frame::{Run, WhyNot};
use mm::memory_map::MemoryKind::{self, Reserved, Usable};
use mm::tag::Tag;
use x86_64::PhysAddr;

fn region(frames: core::ops::Range<u64>, kind: MemoryKind) -> Event {
    event(Payload::FirmwareRegion {
        start: PhysAddr::new(frames.start * 4096),
        bytes: (frames.end - frames.start) * 4096,
        kind,
    })
}

fn allocated(frame: u64, tag: Tag) -> Event {
    event(Payload::FrameAllocate {
        first: PhysAddr::new(frame * 4096),
        frames: 1,
        tag,
    })
}

fn refused(frames: u64) -> Event {
    event(Payload::FrameRefuse {
        refused: Run::of(frames).into(),
        tag: Tag::DEVICE,
    })
}

/// What is selected in the next picture.
fn selected(dashboard: &mut Dashboard) -> Option<Selection> {
    painted(|canvas| dashboard.draw(canvas).unwrap());
    dashboard.stage.selection
}

fn told(dashboard: &mut Dashboard) -> WhyNot {
    selected(dashboard);
    *dashboard.refusal.known().expect("a refusal is looked at")
}

const REFUSAL: Option<Selection> = Some(Selection::Refusal);

#[test]
fn it_is_told_unasked_while_time_stands_still_and_not_twice() {
    with_dashboard(|dashboard| {
        dashboard.apply(&region(0..64, Usable));
        dashboard.handle(Action::PlayPause);
        assert_eq!(selected(dashboard), None);
        dashboard.apply(&refused(100));
        assert_eq!(selected(dashboard), REFUSAL);
        dashboard.apply(&allocated(3, Tag::USER));
        assert_eq!(selected(dashboard), None);
        dashboard.apply(&refused(100));
        assert_eq!(selected(dashboard), REFUSAL);
        dashboard.handle(Action::Back);
        assert_eq!(selected(dashboard), None);
        dashboard.apply(&refused(100));
        assert_eq!(selected(dashboard), REFUSAL);
    });
}

#[test]
fn whoever_reads_the_help_is_told_afterwards() {
    with_dashboard(|dashboard| {
        dashboard.handle(Action::PlayPause);
        dashboard.handle(Action::Help);
        dashboard.apply(&refused(100));
        assert_eq!((selected(dashboard), dashboard.help), (None, Some(0)));
        dashboard.handle(Action::Help);
        assert_eq!(selected(dashboard), REFUSAL);
    });
}

#[test]
fn it_is_examined_as_often_as_memory_changes() {
    with_dashboard(|dashboard| {
        for event in [
            region(0..32, Usable),
            region(32..64, Reserved),
            region(64..96, Usable),
        ] {
            dashboard.apply(&event);
        }
        dashboard.apply(&refused(40));
        dashboard.handle(Action::WhyNot);
        let why = told(dashboard);
        assert_eq!(
            (why.run.frames, why.free, why.stretches, why.in_the_way),
            (40, 64, 2, None)
        );
        dashboard.apply(&refused(30));
        let place = told(dashboard)
            .in_the_way
            .map(|place| (place.first, place.used));
        assert_eq!(place, Some((0, 0)));
        dashboard.apply(&allocated(10, Tag::PAGE_TABLE));
        dashboard.apply(&allocated(70, Tag::USER));
        let place = told(dashboard)
            .in_the_way
            .map(|place| (place.first, place.used));
        assert_eq!(place, Some((64, 1)));
        assert_eq!(told(dashboard).free, 62);
    });
}
