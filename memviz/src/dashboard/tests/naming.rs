//! The names of bookmarks: typed, drawn, and restored from a trace.

use super::*;
use crate::input::keys::Key;
use embedded_graphics::primitives::PointsIter as _;

fn press(dashboard: &mut Dashboard, key: Key) {
    let action = dashboard.action_of(key);
    action.map(|action| dashboard.handle(action));
}

fn type_line(dashboard: &mut Dashboard, text: &str, last: Key) {
    let keys = text.chars().map(Key::from_character);
    keys.chain([last]).for_each(|key| press(dashboard, key));
}

fn named(dashboard: &Dashboard) -> Vec<(u64, String)> {
    let named = dashboard.timeline().named_bookmarks();
    named.map(|(at, name)| (at, name.into())).collect()
}

/// The machine goes on while the user types; the name belongs to the moment of the key.
#[test]
fn a_name_is_typed_for_the_moment_of_the_key() {
    with_dashboard(|dashboard| {
        dashboard.apply(&said(1));
        type_line(dashboard, "Bq /b", Key::Left);
        dashboard.apply(&said(2));
        assert!(dashboard.naming.is_open());
        press(dashboard, Key::Enter);
        assert_eq!(named(dashboard), [(1, "q /b".into())]);
        assert_eq!(dashboard.take_changed_bookmark(), Some((1, Some("q /b"))));
        assert_eq!(dashboard.take_changed_bookmark(), None);
        type_line(dashboard, "Bunused", Key::Escape);
        assert_eq!(named(dashboard), [(1, "q /b".into()), (2, String::new())]);
        press(dashboard, Key::Character('b'));
        assert_eq!(dashboard.take_changed_bookmark(), Some((2, None)));
    });
}

/// Returns the pixels of the title line and of the timeline that differ from another picture.
fn changed(dashboard: &mut Dashboard, before: &mut Vec<u32>) -> [bool; 2] {
    let now = painted(|canvas| {
        dashboard.redraw();
        dashboard.draw(canvas).unwrap();
    });
    let areas = [dashboard.layout.header, dashboard.layout.timeline];
    let has_changed = |area: Rectangle| {
        area.points().any(|point| {
            let at = point.y as usize * SCREEN.width as usize + point.x as usize;
            now[at] != before[at]
        })
    };
    let changed = areas.map(has_changed);
    *before = now;
    changed
}

#[test]
fn the_title_line_shows_the_typed_name_and_the_timeline_the_given_one() {
    with_dashboard(|dashboard| {
        for number in 0..9 {
            dashboard.apply(&said(number + 1));
        }
        dashboard.handle(Action::First);
        for _ in 0..3 {
            dashboard.handle(Action::Step);
        }
        dashboard.handle(Action::Bookmark);
        dashboard.handle(Action::Live);
        dashboard.handle(Action::NextBookmark);
        let mut picture = vec![0; (SCREEN.width * SCREEN.height) as usize];
        changed(dashboard, &mut picture);
        assert_eq!(changed(dashboard, &mut picture), [false, false]);
        press(dashboard, Key::Character('B'));
        assert_eq!(changed(dashboard, &mut picture), [true, false]);
        type_line(dashboard, "a", Key::Character('b'));
        assert_eq!(changed(dashboard, &mut picture), [true, false]);
        press(dashboard, Key::Enter);
        assert_eq!(changed(dashboard, &mut picture), [true, true]);
    });
}

#[test]
fn a_bookmark_of_a_trace_is_restored_where_the_history_is() {
    with_dashboard(|dashboard| {
        dashboard.apply(&said(1));
        dashboard.restore_bookmark(1, Some("start"));
        dashboard.restore_bookmark(2, Some("after the end"));
        assert_eq!(named(dashboard), [(1, "start".into())]);
        dashboard.restore_bookmark(1, None);
        assert_eq!(named(dashboard), []);
    });
}
