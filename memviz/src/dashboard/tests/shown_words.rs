//! Hints, titles and descriptions agree with the state.

use super::*;
use crate::panels::detail::frames::FrameOwner;
use crate::panels::lesson::header::key_at;
use crate::panels::lesson::offer::Notice;
use mm::memory_map::MemoryKind::{KernelAndModules, Usable};
use mm::tag::Tag;
use x86_64::PhysAddr;

/// Key hints can be clicked. The shell gets all keys while it is open, so no hint is shown then.
#[test]
fn an_open_shell_hides_the_key_hints() {
    let hints = |dashboard: &mut Dashboard| {
        painted(|canvas| dashboard.draw(canvas).unwrap());
        let area = dashboard.layout.header;
        let line = (0..area.size.width).map(|x| area.top_left + Size::new(x, 8));
        let mut actions: Vec<_> = line
            .filter_map(|point| key_at(&dashboard.styles, area, dashboard.drawn_offer, point))
            .collect();
        actions.dedup();
        actions
    };
    with_dashboard(|dashboard| {
        assert_eq!(hints(dashboard), ["space", "l", "?", "q"]);
        dashboard.set_notice(Some(Notice::Quit));
        assert_eq!(hints(dashboard), ["q"]);
        dashboard.set_keyboard(KeyboardLayout::French);
        assert_eq!(hints(dashboard), [""; 0]);
        dashboard.set_notice(None);
        assert_eq!(hints(dashboard), ["space", "l", "?", "q"]);
        dashboard.set_shell(true);
        assert_eq!(hints(dashboard), [""; 0]);
        dashboard.set_shell(false);
        dashboard.apply(&said(1));
        dashboard.handle(Action::StepBack);
        assert_eq!(hints(dashboard), ["space", "l", "?", "end"]);
        dashboard.handle(Action::Live);
        assert_eq!(hints(dashboard), ["space", "l", "?", "q"]);
    });
}

/// What happened before the lesson does not count as part of it. Its first step has no question, so
/// the step acted before the first caption: the lesson begins after the caption before that.
#[test]
fn a_lesson_begins_where_the_one_before_ended() {
    with_dashboard(|dashboard| {
        for number in 1..=6 {
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
        assert_eq!(steps.map(&mut began), [4, 4, 0, 0]);
        assert_eq!(began(Action::Live), 4);
    });
}

/// The bitmap has the kernel image as free, but the allocator never allocates it.
#[test]
fn a_frame_that_cannot_be_allocated_is_not_shown_as_free() {
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
        let owners = [0, 1, 2, 4, FRAMES].map(|number| FrameOwner::of(&dashboard.model, number));
        let expected = [
            FrameOwner::Owner(Tag::USER),
            FrameOwner::Free,
            FrameOwner::NotAllocatable(Some(KernelAndModules)),
            FrameOwner::NotAllocatable(None),
            FrameOwner::Unknown,
        ];
        assert_eq!(owners, expected);
    });
}
