//! The refused run: when the dashboard shows it automatically, and what it shows.

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

/// Returns the selection of the next picture.
fn selected(dashboard: &mut Dashboard) -> Option<Selection> {
    painted(|canvas| dashboard.draw(canvas).unwrap());
    dashboard.stage.selection
}

fn why_not(dashboard: &mut Dashboard) -> WhyNot {
    selected(dashboard);
    *dashboard.refusal.known().expect("a refusal is looked at")
}

const REFUSAL: Option<Selection> = Some(Selection::Refusal);

#[test]
fn a_refusal_is_shown_once_while_time_is_paused() {
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
fn a_refusal_is_shown_after_the_help_closes() {
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
fn a_refusal_is_examined_again_only_after_a_change_of_memory() {
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
        let why = why_not(dashboard);
        assert_eq!(
            (why.run.frames, why.free, why.stretches, why.best_range),
            (40, 64, 2, None)
        );
        dashboard.apply(&refused(30));
        let place = why_not(dashboard)
            .best_range
            .map(|place| (place.first, place.used));
        assert_eq!(place, Some((0, 0)));
        dashboard.apply(&allocated(10, Tag::PAGE_TABLE));
        dashboard.apply(&allocated(70, Tag::USER));
        let place = why_not(dashboard)
            .best_range
            .map(|place| (place.first, place.used));
        assert_eq!(place, Some((64, 1)));
        assert_eq!(why_not(dashboard).free, 62);
    });
}
