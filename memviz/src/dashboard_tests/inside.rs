//! Every panel of every board paints all of its rectangle, and nothing outside.

use super::super::panels::Scene;
use super::*;
use crate::model::Changed;
use crate::panels::Extent;
use crate::panels::caption::{self, Offer};
use embedded_graphics::geometry::Point;
use x86_64::VirtAddr;

#[test]
fn bars_are_drawn_inside() {
    with_machine(&moves(), |dashboard, _| {
        let layout = dashboard.layout;
        let Dashboard {
            styles,
            header,
            bar,
            timeline,
            ..
        } = dashboard;
        let before = Header::default();
        assert_inside(
            &painted(|canvas| {
                header
                    .draw(canvas, styles, layout.header, &before, Extent::All)
                    .unwrap();
            }),
            layout.header,
        );
        let mut bar = |canvas: &mut Canvas| bar.draw(canvas, styles, timeline, true, Extent::All);
        assert_inside(&painted(|canvas| bar(canvas).unwrap()), layout.timeline);
        for number in 0..=CAPTIONS.len() {
            let words = super::caption(number as u32);
            let area = layout.caption;
            let offer = Offer::Dashboard {
                space: "go on",
                is_past: true,
            };
            let drawn = painted(|canvas| {
                caption::draw(canvas, styles, area, words.as_ref(), offer).unwrap();
            });
            assert_inside(&drawn, area);
        }
    });
}

/// Each panel of each board alone, as it stands there.
#[test]
fn panels_are_drawn_inside() {
    with_machine(&moves(), |dashboard, _| {
        let layout = dashboard.layout;
        let Dashboard {
            model,
            styles,
            timeline,
            samples,
            info,
            ..
        } = dashboard;
        let selections = [
            None,
            Some(Selection::Frames {
                first: 40,
                count: 8,
            }),
            Some(Selection::Page {
                space: 1,
                address: VirtAddr::new(0x40_0000),
            }),
        ];
        for (board, selection) in Board::ALL
            .into_iter()
            .flat_map(|board| selections.map(|selection| (board, selection)))
        {
            for mode in MapMode::ALL {
                let stage = Stage {
                    board,
                    selection,
                    ..Stage::default()
                };
                let mut panels = Panels::new(&stage, &layout, styles, FRAMES, info);
                model.set_view(panels.map.grid().view);
                let all: Vec<_> = panels.shown().collect();
                for (panel, area) in all {
                    let drawn = painted(|canvas| {
                        let mut scene = Scene {
                            styles,
                            model,
                            timeline,
                            samples,
                            mode,
                            selection,
                            why_not: None,
                            changed: Changed::ALL,
                            extent: Extent::All,
                        };
                        panels.draw_panel(canvas, &mut scene, panel, area).unwrap();
                    });
                    assert_inside(&drawn, area);
                }
            }
        }
    });
}

/// Something of everything that there is to draw.
fn moves() -> Vec<Move> {
    [(0, 7, 39), (11, 0, 0), (12, 5, 3), (9, 1, 3), (8, 9, 70)].repeat(40)
}

/// All of the rectangle was painted, and nothing else.
fn assert_inside(pixels: &[u32], area: Rectangle) {
    for (at, pixel) in pixels.iter().enumerate() {
        let (x, y) = (at as u32 % SCREEN.width, at as u32 / SCREEN.width);
        let point = Point::new(x as i32, y as i32);
        assert_eq!(
            area.contains(point),
            *pixel != UNTOUCHED,
            "at {x}, {y} of {area:?}"
        );
    }
}
