//! What lessons bring to the screen, and what somebody chooses himself.

use super::*;
use crate::dashboard::actions::Magnify;
use crate::input::keys::Arrow;

/// The number of no caption.
const NONE: u32 = 9;

/// The next picture, after this caption.
fn hear(dashboard: &mut Dashboard, number: u32) {
    dashboard.apply(&said(number));
    painted(|canvas| dashboard.draw(canvas).unwrap());
}

fn shown(dashboard: &Dashboard) -> (Board, MapMode) {
    (dashboard.stage.board, dashboard.mode)
}

#[test]
fn a_caption_brings_its_panels_and_its_end_takes_them_away() {
    with_dashboard(|dashboard| {
        dashboard.handle(Action::ShowBoard(Board::Time));
        dashboard.handle(Action::Show(MapMode::References));
        for (number, expected) in [
            (1, (Board::Overview, MapMode::Tags)),
            (2, (Board::Overview, MapMode::Heat)),
            (3, (Board::Heap, MapMode::Tags)),
            (NONE, (Board::Time, MapMode::References)),
        ] {
            hear(dashboard, number);
            assert_eq!(shown(dashboard), expected, "at caption {number}");
        }
    });
}

#[test]
fn what_somebody_chooses_holds_for_the_lesson() {
    with_dashboard(|dashboard| {
        hear(dashboard, 1);
        dashboard.handle(Action::ShowBoard(Board::Time));
        dashboard.handle(Action::Show(MapMode::References));
        for number in [2, 3] {
            hear(dashboard, number);
            assert_eq!(shown(dashboard), (Board::Time, MapMode::References));
        }
        hear(dashboard, NONE);
        assert_eq!(shown(dashboard), (Board::Overview, MapMode::default()));
        hear(dashboard, 3);
        assert_eq!(shown(dashboard), (Board::Heap, MapMode::Tags));
    });
}

#[test]
fn in_the_classroom_it_holds_for_the_step() {
    with_dashboard(|dashboard| {
        dashboard.info.classroom = true;
        hear(dashboard, 1);
        dashboard.handle(Action::ShowBoard(Board::Time));
        dashboard.handle(Action::Show(MapMode::References));
        hear(dashboard, 2);
        assert_eq!(shown(dashboard), (Board::Overview, MapMode::Heat));
    });
}

#[test]
fn what_somebody_looks_at_stays() {
    let own = Selection::Frames { first: 5, count: 1 };
    with_dashboard(|dashboard| {
        hear(dashboard, 2);
        let theirs = dashboard.caption().and_then(|caption| caption.selection);
        assert!(theirs.is_some() && dashboard.stage.selection == theirs);
        dashboard.select(Some(own));
        hear(dashboard, 3);
        assert_eq!(dashboard.stage.selection, Some(own));
        dashboard.handle(Action::Zoom(Magnify::Nearer));
        let zoom = dashboard.stage.zoom;
        hear(dashboard, 4);
        assert_eq!(dashboard.stage.zoom, zoom);
        dashboard.handle(Action::Zoom(Magnify::Whole));
        hear(dashboard, NONE);
        hear(dashboard, 4);
        assert_eq!(dashboard.stage.zoom.middle, 9000);
    });
}

#[test]
fn whoever_reads_the_help_is_not_disturbed() {
    with_dashboard(|dashboard| {
        hear(dashboard, 1);
        dashboard.handle(Action::Help);
        hear(dashboard, 3);
        assert_eq!(
            (dashboard.stage.board, dashboard.help),
            (Board::Overview, Some(0))
        );
        dashboard.handle(Action::Help);
        painted(|canvas| dashboard.draw(canvas).unwrap());
        assert_eq!(dashboard.stage.board, Board::Heap);
    });
}

#[test]
fn the_list_begins_with_the_lesson_that_is_on_and_has_an_end() {
    with_dashboard(|dashboard| {
        dashboard.handle(Action::Lessons);
        assert_eq!(dashboard.list, Some(0));
        dashboard.handle(Action::Back);
        hear(dashboard, 1);
        dashboard.handle(Action::Lessons);
        assert_eq!(dashboard.list, Some(1));
        dashboard.handle(Action::Move(Arrow::Down));
        assert_eq!(dashboard.list, Some(1));
        let begun = dashboard.handle(Action::Maximise);
        assert_eq!((begun, dashboard.list), (Some(Request::Lesson(1)), None));
    });
}

/// The list goes when another thing is selected.
#[test]
fn nothing_of_the_list_is_left_on_the_screen() {
    with_dashboard(|dashboard| {
        let select = |dashboard: &mut Dashboard, first| {
            dashboard.select(Some(Selection::Frames { first, count: 1 }));
        };
        let pieces = painted(|canvas| {
            select(dashboard, 3);
            dashboard.handle(Action::Lessons);
            dashboard.draw(canvas).unwrap();
            select(dashboard, 4);
            dashboard.draw(canvas).unwrap();
        });
        dashboard.redraw();
        assert!(pieces == painted(|canvas| dashboard.draw(canvas).unwrap()));
    });
}

/// Below the panels stands the shell, or nothing of theirs.
#[test]
fn the_shell_has_the_lowest_row_for_itself() {
    use crate::view::board::{BELOW, SLOTS};
    let focuses = (0..SLOTS).map(Some).chain([None]);
    for focus in focuses {
        for bits in 0..8 {
            for board in Board::ALL {
                let stage = Stage {
                    board,
                    focus,
                    maximised: bits & 1 > 0,
                    projector: bits & 2 > 0,
                    selection: (bits & 4 > 0).then_some(Selection::Refusal),
                    shell: true,
                    ..Stage::default()
                };
                let layout = Layout::new(SCREEN, stage.arrangement(), stage.projector).unwrap();
                let row = layout.bottom_row();
                for (panel, slot) in stage.shown() {
                    assert!(slot < BELOW, "{panel:?} in {stage:?}");
                    assert!(layout.slots[slot].intersection(&row).is_zero_sized());
                }
                assert_eq!(row.size.width, SCREEN.width - 2 * row.top_left.x as u32);
            }
        }
    }
}

#[test]
fn keys_lead_round_and_back() {
    with_dashboard(|dashboard| {
        let first = dashboard.styles.theme.name;
        let names = [(); Theme::ALL.len()].map(|()| {
            dashboard.handle(Action::NextPalette);
            dashboard.styles.theme.name
        });
        assert_eq!(names.last(), Some(&first));
        assert!(names[..names.len() - 1].iter().all(|name| *name != first));

        dashboard.handle(Action::Zoom(Magnify::Nearer));
        assert_ne!(dashboard.stage.zoom, Zoom::default());
        dashboard.handle(Action::Zoom(Magnify::Farther));
        assert_eq!(dashboard.stage.zoom, Zoom::default());

        dashboard.handle(Action::NextPanel);
        dashboard.handle(Action::NextPanel);
        dashboard.handle(Action::Maximise);
        assert_eq!(
            (dashboard.stage.focus, dashboard.stage.maximised),
            (Some(1), true)
        );
    });
}

/// However far the arrow keys lead, the map shows what they select.
#[test]
fn the_map_goes_with_its_cursor() {
    with_dashboard(|dashboard| {
        let first = dashboard.panels.map().grid().view.frames_of(0).end;
        dashboard.select(Some(Selection::Frames { first, count: 1 }));
        for _ in 0..4 {
            dashboard.handle(Action::Zoom(Magnify::Nearer));
        }
        dashboard.handle(Action::NextPanel);
        for _ in 0..200 {
            dashboard.handle(Action::Move(Arrow::Down));
            let Some(Selection::Frames { first, .. }) = dashboard.stage.selection else {
                panic!("{:?}", dashboard.stage.selection)
            };
            assert!(dashboard.panels.map().grid().view.cell_of(first).is_some());
        }
    });
}
