//! Actions of the mouse.

use super::*;
use crate::dashboard::actions::{Magnify, Pointing};
use crate::input::keys::Arrow;
use crate::panels::PanelId;
use crate::panels::lesson::header::key_at;
use crate::view::board::CORNER;
use embedded_graphics::geometry::Point;

fn draw(dashboard: &mut Dashboard) {
    painted(|canvas| dashboard.draw(canvas).unwrap());
}

fn points() -> impl Iterator<Item = Point> {
    let across = |y| {
        (0..SCREEN.width as i32)
            .step_by(5)
            .map(move |x| Point::new(x, y))
    };
    (0..SCREEN.height as i32).step_by(5).flat_map(across)
}

/// Returns the last point of the frame map that shows frames, and the frames.
fn cell(dashboard: &Dashboard) -> (Point, Selection) {
    let shown =
        points().filter_map(|point| Some((point, dashboard.panels.map().frames_at(point)?)));
    shown.last().expect("the map shows frames")
}

#[test]
fn a_second_click_clears_the_selection() {
    with_dashboard(|dashboard| {
        draw(dashboard);
        let (point, frames) = cell(dashboard);
        let click = Action::Point(Pointing::Click(point));
        dashboard.handle(click);
        assert_eq!(dashboard.stage.selection, Some(frames));
        dashboard.handle(click);
        assert_eq!(dashboard.stage.selection, None);
    });
}

/// Each of 60 regions can be selected by a click in the list, whose pages the wheel turns.
#[test]
fn a_long_list_of_regions_is_reached_by_the_wheel() {
    with_dashboard(|dashboard| {
        for number in 0..60 {
            dashboard.apply(&event(Payload::FirmwareRegion {
                start: x86_64::PhysAddr::new(number << 32),
                bytes: 4096 << (number % 20),
                kind: mm::memory_map::MemoryKind::Reserved,
            }));
        }
        dashboard.handle(Action::ShowBoard(Board::Time));
        draw(dashboard);
        let area = dashboard.panels.area(PanelId::Regions).unwrap();
        // Below the bar, a text line and the legend.
        let below =
            points().filter(|point| area.contains(*point) && point.y > area.top_left.y + 60);
        let below: Vec<_> = below.collect();
        let mut found = std::collections::BTreeSet::new();
        for _page in 0..60 {
            for &point in &below {
                let thing = dashboard.panels.selection_at(&dashboard.scene(), point);
                if let Some(Selection::FirmwareRegion(number)) = thing {
                    found.insert(number);
                }
            }
            dashboard.handle(Action::Point(Pointing::Wheel(below[0], -1)));
            draw(dashboard);
        }
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            (0..60).collect::<Vec<_>>()
        );
        // The list stays where it is: the last page.
        let last = below.iter().find_map(|&point| {
            match dashboard.panels.selection_at(&dashboard.scene(), point)? {
                Selection::FirmwareRegion(59) => Some(point),
                _ => None,
            }
        });
        dashboard.handle(Action::Point(Pointing::Click(last.unwrap())));
        assert_eq!(
            dashboard.stage.selection,
            Some(Selection::FirmwareRegion(59))
        );
        // The marked line moves with the arrow keys, to the first region.
        dashboard.stage.focus = Some(1);
        dashboard.arrange();
        draw(dashboard);
        for _ in 0..60 {
            dashboard.handle(Action::Move(Arrow::Up));
            draw(dashboard);
        }
        assert_eq!(
            dashboard.stage.selection,
            Some(Selection::FirmwareRegion(0))
        );
    });
}

/// The wheel zooms around the pointer, not around the selection. It does nothing under the help.
#[test]
fn the_wheel_zooms_around_the_pointer() {
    with_dashboard(|dashboard| {
        draw(dashboard);
        let (point, frames) = cell(dashboard);
        let Selection::Frames { first, count } = frames else {
            panic!("{frames:?}")
        };
        assert!(count > 1);
        dashboard.select(Some(Selection::Frames { first: 0, count: 1 }));
        dashboard.handle(Action::Help);
        dashboard.handle(Action::Point(Pointing::Wheel(point, 1)));
        assert_eq!(dashboard.stage.zoom, Zoom::default());
        dashboard.handle(Action::Help);
        dashboard.handle(Action::Point(Pointing::Wheel(point, 1)));
        assert_eq!(dashboard.stage.zoom.middle, first + count / 2);
    });
}

/// The corner describes the item under the pointer, so it is no such item itself.
#[test]
fn the_corner_is_clicked_and_not_hovered() {
    with_dashboard(|dashboard| {
        dashboard.handle(Action::ShowBoard(Board::Heap));
        draw(dashboard);
        let (point, frames) = cell(dashboard);
        assert!(dashboard.layout.slots[CORNER].contains(point));
        dashboard.handle(Action::Point(Pointing::At(point)));
        assert_eq!(dashboard.stage.hover, None);
        assert_eq!(dashboard.pointer, Some(point));
        dashboard.handle(Action::Point(Pointing::Click(point)));
        assert_eq!(dashboard.stage.selection, Some(frames));
    });
}

/// The pointer moves over an item and off it, on each board.
#[test]
fn the_picture_after_hovering_equals_a_full_redraw() {
    let moves = [(0, 7, 39), (11, 0, 0), (12, 5, 3), (9, 1, 3), (8, 9, 70)].repeat(40);
    with_machine(&moves, |dashboard, _| {
        let mut hovered = 0;
        for board in Board::ALL {
            dashboard.handle(Action::ShowBoard(board));
            let pieces = painted(|canvas| {
                dashboard.draw(canvas).unwrap();
                for point in points().step_by(7) {
                    let before = dashboard.stage.hover;
                    dashboard.handle(Action::Point(Pointing::At(point)));
                    if before.is_some() != dashboard.stage.hover.is_some() {
                        dashboard.draw(canvas).unwrap();
                        hovered += 1;
                    }
                }
                dashboard.handle(Action::Point(Pointing::At(Point::zero())));
                assert_eq!(dashboard.stage.hover, None);
                dashboard.draw(canvas).unwrap();
            });
            dashboard.redraw();
            assert!(
                pieces == painted(|canvas| dashboard.draw(canvas).unwrap()),
                "{board:?}"
            );
        }
        assert!(hovered > 20, "{hovered}");
        dashboard.stage.hover = Some(Selection::Refusal);
        dashboard.handle(Action::ShowBoard(Board::Time));
        assert_eq!(dashboard.stage.hover, None);
    });
}

#[test]
fn the_wheel_over_the_history_ends_in_the_present() {
    with_dashboard(|dashboard| {
        (1..=5).for_each(|number| dashboard.apply(&said(number)));
        draw(dashboard);
        let point = dashboard.layout.timeline.center();
        let turn = |clicks| Action::Point(Pointing::Wheel(point, clicks));
        dashboard.handle(turn(1));
        assert!(!dashboard.is_paused());
        dashboard.handle(turn(-2));
        assert_eq!(
            (dashboard.timeline.cursor(), dashboard.is_paused()),
            (3, true)
        );
        dashboard.handle(turn(9));
        assert!(dashboard.timeline.is_live());
    });
}

/// In the classroom the click requests a step, in the past as well.
#[test]
fn a_click_on_the_space_hint_acts_as_space() {
    with_dashboard(|dashboard| {
        dashboard.info.classroom = true;
        (1..=3).for_each(|number| dashboard.apply(&said(number)));
        let click = |dashboard: &mut Dashboard| {
            draw(dashboard);
            let area = dashboard.layout.header;
            let offer = dashboard.drawn_offer;
            let is_space =
                |point: &Point| key_at(&dashboard.styles, area, offer, *point) == Some("space");
            let mut line = (0..area.size.width).map(|x| area.top_left + Size::new(x, 8));
            let point = line.find(is_space).expect("the hint is shown");
            dashboard.handle(Action::Point(Pointing::Click(point)))
        };
        assert_eq!(click(dashboard), Some(Request::Step));
        dashboard.handle(Action::First);
        assert_eq!((click(dashboard), dashboard.timeline.cursor()), (None, 1));
    });
}

#[test]
fn the_wheel_moves_the_mark_of_the_list() {
    with_dashboard(|dashboard| {
        dashboard.handle(Action::Lessons);
        let turn = |clicks| Action::Point(Pointing::Wheel(Point::zero(), clicks));
        let mut marked = |clicks| {
            dashboard.handle(turn(clicks));
            dashboard.list
        };
        assert_eq!([marked(-1), marked(1)], [Some(1), Some(0)]);
        dashboard.handle(Action::Move(Arrow::Down));
        assert_eq!(dashboard.list, Some(1));
        dashboard.handle(Action::Zoom(Magnify::Nearer));
        assert_eq!(dashboard.list, Some(1));
    });
}
