//! Every panel of every board paints all of its rectangle, and nothing outside.

use super::super::shown::{ShownPanels, Surroundings};
use super::*;
use crate::graphics::pointers::Pointers;
use crate::graphics::type_scale::TypeScale;
use crate::panels::lesson::offer::{Offer, Time};
use crate::panels::lesson::state_line::Costs;
use crate::panels::lesson::{caption, header};
use crate::panels::panel::Scene;
use crate::panels::timeline::Content;
use crate::view::ballot::Ballot;
use crate::view::board::SLOTS;
use crate::view::extent::Extent;
use crate::view::figure::Figure;
use crate::view::search::hits::Hits;
use crate::view::step::StepChanges;
use x86_64::VirtAddr;

#[test]
fn bars_are_drawn_inside() {
    with_machine(&moves(), |dashboard, _| {
        let layout = dashboard.layout;
        let Dashboard {
            styles,
            status,
            bar,
            timeline,
            ..
        } = dashboard;
        assert_inside(
            &painted(|canvas| {
                status
                    .draw(canvas, styles, layout.state, None, Costs::Shown)
                    .unwrap();
            }),
            SCREEN,
            layout.state,
        );
        let mut bar = |canvas: &mut Canvas| {
            let content = Content {
                timeline,
                hits: &Hits::new(&mut []),
                number: 1,
            };
            bar.draw(canvas, styles, content, super::caption, Extent::All)
        };
        assert_inside(
            &painted(|canvas| bar(canvas).unwrap()),
            SCREEN,
            layout.timeline,
        );
        for number in 0..=CAPTIONS.len() {
            let words = super::caption(number as u32);
            let words = words.as_ref();
            let offer = Offer::Dashboard {
                choices: 0,
                space: "play",
                time: Time::Past,
            };
            let drawn = painted(|canvas| {
                caption::draw(canvas, styles, layout.caption, words, Ballot::default()).unwrap();
            });
            assert_inside(&drawn, SCREEN, layout.caption);
            let drawn = painted(|canvas| {
                header::draw(canvas, styles, layout.header, words, offer).unwrap();
            });
            assert_inside(&drawn, SCREEN, layout.header);
        }
    });
}

/// Draws each panel of each board in its slot, with each kind of selection and each view of the
/// map.
#[test]
fn panels_are_drawn_inside() {
    with_machine(&moves(), |dashboard, _| {
        let selections = [
            None,
            Some(Selection::Frames {
                first: 40,
                count: 8,
            }),
            Some(PAGE),
        ];
        for board in Board::ALL {
            for selection in selections {
                for mode in MapMode::ALL {
                    let stage = Stage {
                        board,
                        selection,
                        ..Stage::default()
                    };
                    assert_panels_inside(dashboard, SCREEN, &stage, mode);
                }
            }
        }
    });
}

/// Draws each panel on larger screens, on its board and alone, in and out of projector mode.
#[test]
fn panels_of_every_size_are_drawn_inside() {
    let screens = [(800, 600), (1280, 800), (1366, 768), (1920, 1080)];
    with_machine(&moves(), |dashboard, _| {
        for (width, height) in screens {
            for board in Board::ALL {
                for projector in [false, true] {
                    let stage = Stage {
                        board,
                        projector,
                        ..Stage::default()
                    };
                    let alone = (0..SLOTS).map(|slot| Stage {
                        focus: Some(slot),
                        maximised: true,
                        ..stage
                    });
                    let selected = Stage {
                        selection: Some(PAGE),
                        ..stage
                    };
                    for stage in alone.chain([stage, selected]) {
                        let screen = Size::new(width, height);
                        assert_panels_inside(dashboard, screen, &stage, MapMode::References);
                    }
                }
            }
        }
    });
}

/// Draws each figure on every screen, in and out of projector mode.
#[test]
fn figures_are_drawn_inside_and_fill_most_of_the_screen() {
    let screens = [
        (800, 600),
        (1280, 800),
        (1366, 768),
        (1920, 1080),
        (3840, 2160),
    ];
    with_machine(&moves(), |dashboard, _| {
        for (width, height) in screens {
            for (figure, projector) in Figure::ALL
                .into_iter()
                .flat_map(|figure| [false, true].map(|projector| (figure, projector)))
            {
                if projector && !figure.suits_projector() {
                    continue;
                }
                let screen = Size::new(width, height);
                for selection in [None, Some(PAGE)] {
                    let stage = Stage {
                        figure: Some(figure),
                        projector,
                        selection,
                        ..Stage::default()
                    };
                    assert_panels_inside(dashboard, screen, &stage, MapMode::Tags);
                    let layout = Layout::new(screen, stage.arrangement(), projector).unwrap();
                    let Size { width, height } = layout.slots[0].size;
                    let share = u64::from(width) * u64::from(height) * 100
                        / (u64::from(screen.width) * u64::from(screen.height));
                    let least = if projector { 55 } else { 65 };
                    assert!(share >= least, "{figure:?} on {screen}: {share} %");
                }
            }
        }
    });
}

const PAGE: Selection = Selection::Page {
    space: 1,
    address: VirtAddr::new_truncate(0x40_0000),
};

/// Draws every panel of a stage by itself.
fn assert_panels_inside(dashboard: &mut Dashboard, screen: Size, stage: &Stage, mode: MapMode) {
    let layout = Layout::new(screen, stage.arrangement(), stage.projector).unwrap();
    let Dashboard {
        model,
        changes,
        timeline,
        samples,
        info,
        ..
    } = dashboard;
    let scale = TypeScale::new(screen.height, stage.projector);
    let styles = &Styles::new(info.theme, layout.text).with_scale(scale);
    let mut panels = ShownPanels::new(Surroundings {
        stage,
        layout: &layout,
        styles,
        frames: FRAMES,
        info,
    });
    changes.set_view(panels.map().grid().view, model);
    let all: Vec<_> = panels.all().collect();
    for (panel, area) in all {
        let drawn = painted_on(screen, |canvas| {
            let scene = Scene {
                styles,
                model,
                timeline,
                samples,
                mode,
                zoom: stage.zoom,
                selection: stage.selection,
                why_not: None,
                step: &StepChanges::default(),
                since: 0,
                pointers: &Pointers::default(),
            };
            panels.draw_one(panel, canvas, &scene, changes).unwrap();
        });
        assert_inside(&drawn, screen, area);
    }
}

/// Operations that give each panel content.
fn moves() -> Vec<Move> {
    [(0, 7, 39), (11, 0, 0), (12, 5, 3), (9, 1, 3), (8, 9, 70)].repeat(40)
}

/// Asserts that all pixels of the rectangle were painted, and no others.
fn assert_inside(pixels: &[u32], screen: Size, area: Rectangle) {
    let untouched = |pixels: &[u32]| pixels.iter().all(|pixel| *pixel == UNTOUCHED);
    let painted = |pixels: &[u32]| !pixels.contains(&UNTOUCHED);
    let columns = area.columns();
    let (left, right) = (columns.start as usize, columns.end as usize);
    for (y, row) in pixels.chunks(screen.width as usize).enumerate() {
        let is_inside = area.rows().contains(&(y as i32));
        let right = if is_inside { right } else { left };
        let is_good =
            untouched(&row[..left]) && painted(&row[left..right]) && untouched(&row[right..]);
        assert!(is_good, "in row {y} of {area:?} on {screen:?}");
    }
}
