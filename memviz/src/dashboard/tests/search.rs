//! The search: keys, matches, and the way to them.

use super::*;
use crate::input::keys::Key;
use crate::view::search::state::SearchLine;
use crate::view::selection::Selection;
use mm::tag::Tag;
use x86_64::PhysAddr;

fn frames(first: u64, frames: u64) -> Event {
    event(Payload::FrameAllocate {
        first: PhysAddr::new(first),
        frames,
        tag: Tag::USER,
    })
}

fn press(dashboard: &mut Dashboard, key: Key) {
    let action = dashboard.action_of(key);
    action.map(|action| dashboard.handle(action));
    dashboard.tick(0, FrameCosts::default());
}

fn type_line(dashboard: &mut Dashboard, text: &str) {
    let keys = text.chars().map(Key::from_character);
    keys.for_each(|key| press(dashboard, key));
    press(dashboard, Key::Enter);
}

fn line(dashboard: &Dashboard) -> SearchLine {
    dashboard.search_line().unwrap()
}

/// Ten runs of frames with a caption after each.
fn with_ten<R>(work: impl FnOnce(&mut Dashboard) -> R) -> R {
    with_dashboard(|dashboard| {
        for number in 0..10 {
            dashboard.apply(&frames(number * 0x3000, 2));
            dashboard.apply(&said(number as u32 + 1));
        }
        work(dashboard)
    })
}

#[test]
fn keys_lead_from_match_to_match_and_select_them() {
    with_ten(|dashboard| {
        type_line(dashboard, "/frame allocate");
        // From the present, the search goes back.
        assert_eq!(dashboard.timeline().cursor(), 19);
        assert_eq!((line(dashboard).count, line(dashboard).at), (10, Some(10)));
        let cursor = |dashboard: &mut Dashboard, key| {
            press(dashboard, Key::Character(key));
            dashboard.timeline().cursor()
        };
        assert_eq!(cursor(dashboard, 'N'), 17);
        assert_eq!(cursor(dashboard, 'n'), 19);
        assert_eq!(
            cursor(dashboard, 'n'),
            1,
            "after the last match comes the first"
        );
        assert_eq!(cursor(dashboard, 'N'), 19);
        let first = 27;
        assert_eq!(
            dashboard.stage.selection,
            Some(Selection::Frames { first, count: 2 })
        );
        press(dashboard, Key::Escape);
        assert_eq!(
            (dashboard.search_line(), dashboard.timeline().cursor()),
            (None, 19)
        );
        press(dashboard, Key::Escape);
        assert_eq!(dashboard.stage.selection, None);
    });
}

#[test]
fn letters_are_typed_and_not_performed() {
    with_ten(|dashboard| {
        press(dashboard, Key::Character('/'));
        for letter in ['q', 's', ':', 'l', '?', '1'] {
            assert_eq!(
                dashboard.action_of(Key::Character(letter)),
                Some(Action::Type(Key::Character(letter)))
            );
        }
        press(dashboard, Key::Character('z'));
        assert_eq!(
            (line(dashboard).cursor, line(dashboard).count),
            (Some(1), 0)
        );
        press(dashboard, Key::Enter);
        assert!(dashboard.timeline().is_live(), "no match, no way");
        assert_eq!(dashboard.action_of(Key::Character('q')), Some(Action::Quit));
    });
}

/// New events are searched, evicted ones are forgotten.
#[test]
fn the_matches_follow_the_history() {
    with_ten(|dashboard| {
        dashboard.search_for("0x3000");
        dashboard.tick(0, FrameCosts::default());
        assert_eq!(line(dashboard).count, 1);
        let free = |first: u64| {
            event(Payload::FrameFree {
                first: PhysAddr::new(first),
                frames: 2,
                tag: Tag::USER,
            })
        };
        dashboard.apply(&free(0x3000));
        dashboard.tick(0, FrameCosts::default());
        assert_eq!(line(dashboard).count, 2);
        for _ in 0..HISTORY {
            dashboard.apply(&said(1));
        }
        dashboard.tick(0, FrameCosts::default());
        assert_eq!(line(dashboard).count, 0);
    });
}

/// The search draws only the title line and the timeline, and its end restores them.
#[test]
fn its_end_restores_the_picture() {
    with_ten(|dashboard| {
        dashboard.handle(Action::PlayPause);
        let pieces = painted(|canvas| {
            dashboard.draw(canvas).unwrap();
            for key in "/caption".chars() {
                press(dashboard, Key::Character(key));
                dashboard.draw(canvas).unwrap();
            }
            press(dashboard, Key::Enter);
            dashboard.draw(canvas).unwrap();
            press(dashboard, Key::Escape);
            press(dashboard, Key::End);
            dashboard.draw(canvas).unwrap();
        });
        dashboard.redraw();
        let whole = painted(|canvas| dashboard.draw(canvas).unwrap());
        assert!(pieces == whole);
    });
}
