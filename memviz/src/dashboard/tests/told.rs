//! What stands in words is so.

use super::*;
use crate::panels::caption;
use crate::panels::detail::Holder;
use mm::memory_map::MemoryKind::{KernelAndModules, Usable};
use mm::tag::Tag;
use x86_64::PhysAddr;

/// Keys that are told can be clicked, so none that the shell would get is told.
#[test]
fn no_key_of_the_dashboard_is_told_over_the_shell() {
    let told = |dashboard: &mut Dashboard| {
        painted(|canvas| dashboard.draw(canvas).unwrap());
        let area = dashboard.layout.caption;
        let line = (0..area.size.width).map(|x| area.top_left + Size::new(x, 8));
        let mut actions: Vec<_> = line
            .filter_map(|point| {
                caption::key_at(&dashboard.styles, area, dashboard.drawn_offer, point)
            })
            .collect();
        actions.dedup();
        actions
    };
    with_dashboard(|dashboard| {
        assert_eq!(told(dashboard), ["space", "l", "?", "q"]);
        dashboard.set_quit_asked(true);
        assert_eq!(told(dashboard), ["q"]);
        dashboard.set_quit_asked(false);
        assert_eq!(told(dashboard), ["space", "l", "?", "q"]);
        dashboard.set_shell(true);
        assert_eq!(told(dashboard), [""; 0]);
        dashboard.set_shell(false);
        dashboard.apply(&said(1));
        dashboard.handle(Action::StepBack);
        assert_eq!(told(dashboard), ["space", "l", "?", "end"]);
        dashboard.handle(Action::Live);
        assert_eq!(told(dashboard), ["space", "l", "?", "q"]);
    });
}

/// Faults from before the lesson are not told as its own.
#[test]
fn a_lesson_begins_with_its_first_caption() {
    with_dashboard(|dashboard| {
        for number in [3, 4, 5, 6] {
            dashboard.apply(&said(number));
        }
        let mut began = |action| {
            dashboard.handle(action);
            painted(|canvas| dashboard.draw(canvas).unwrap());
            dashboard.followed.began / 100_000_000
        };
        let steps = [
            Action::Live,
            Action::StepBack,
            Action::StepBack,
            Action::StepBack,
        ];
        assert_eq!(steps.map(&mut began), [5, 5, 3, 3]);
        assert_eq!(began(Action::Live), 5);
    });
}

/// The kernel's own image is free in the bitmap's eyes, but nobody can have it.
#[test]
fn a_frame_that_nobody_hands_out_is_not_free() {
    let region = |start, kind| {
        event(Payload::FirmwareRegion {
            start: PhysAddr::new(start),
            bytes: 0x2000,
            kind,
        })
    };
    let used = event(Payload::FrameAllocate {
        first: PhysAddr::new(0),
        frames: 1,
        tag: Tag::USER,
    });
    with_dashboard(|dashboard| {
        for event in [region(0, Usable), region(0x2000, KernelAndModules), used] {
            dashboard.apply(&event);
        }
        let holders = [0, 1, 2, 4, FRAMES].map(|number| Holder::of(&dashboard.model, number));
        let expected = [
            Holder::Owner(Tag::USER),
            Holder::Free,
            Holder::Kept(Some(KernelAndModules)),
            Holder::Kept(None),
            Holder::Unknown,
        ];
        assert_eq!(holders, expected);
    });
}
