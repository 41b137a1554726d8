//! Boards and views that lessons show, and those that the user chooses.

use super::*;
use crate::dashboard::actions::Magnify;
use crate::input::keys::Arrow;

/// A number without a caption.
const NONE: u32 = 9;

/// Applies a caption, and draws the next picture.
fn show_caption(dashboard: &mut Dashboard, number: u32) {
    dashboard.apply(&said(number));
    painted(|canvas| dashboard.draw(canvas).unwrap());
}

fn shown(dashboard: &Dashboard) -> (Board, MapMode) {
    (dashboard.stage.board, dashboard.mode)
}

#[test]
fn a_caption_shows_its_board_and_its_end_restores_the_users() {
    with_dashboard(|dashboard| {
        dashboard.handle(Action::ShowBoard(Board::Time));
        dashboard.handle(Action::Show(MapMode::References));
        for (number, expected) in [
            (1, (Board::Overview, MapMode::Tags)),
            (2, (Board::Overview, MapMode::Heat)),
            (3, (Board::Heap, MapMode::Tags)),
            (NONE, (Board::Time, MapMode::References)),
        ] {
            show_caption(dashboard, number);
            assert_eq!(shown(dashboard), expected, "at caption {number}");
        }
    });
}

#[test]
fn the_users_choice_holds_for_the_lesson() {
    with_dashboard(|dashboard| {
        show_caption(dashboard, 1);
        dashboard.handle(Action::ShowBoard(Board::Time));
        dashboard.handle(Action::Show(MapMode::References));
        for number in [2, 3] {
            show_caption(dashboard, number);
            assert_eq!(shown(dashboard), (Board::Time, MapMode::References));
        }
        show_caption(dashboard, NONE);
        assert_eq!(shown(dashboard), (Board::Overview, MapMode::default()));
        show_caption(dashboard, 3);
        assert_eq!(shown(dashboard), (Board::Heap, MapMode::Tags));
    });
}

#[test]
fn in_the_classroom_the_users_choice_holds_for_the_step() {
    with_dashboard(|dashboard| {
        dashboard.info.classroom = true;
        show_caption(dashboard, 1);
        dashboard.handle(Action::ShowBoard(Board::Time));
        dashboard.handle(Action::Show(MapMode::References));
        show_caption(dashboard, 2);
        assert_eq!(shown(dashboard), (Board::Overview, MapMode::Heat));
    });
}

#[test]
fn the_users_selection_and_zoom_stay() {
    let own = Selection::Frames { first: 5, count: 1 };
    with_dashboard(|dashboard| {
        show_caption(dashboard, 2);
        let theirs = dashboard.caption().and_then(|caption| caption.selection);
        assert!(theirs.is_some() && dashboard.stage.selection == theirs);
        dashboard.select(Some(own));
        show_caption(dashboard, 3);
        assert_eq!(dashboard.stage.selection, Some(own));
        dashboard.handle(Action::Zoom(Magnify::Nearer));
        let zoom = dashboard.stage.zoom;
        show_caption(dashboard, 4);
        assert_eq!(dashboard.stage.zoom, zoom);
        dashboard.handle(Action::Zoom(Magnify::Whole));
        show_caption(dashboard, NONE);
        show_caption(dashboard, 4);
        assert_eq!(dashboard.stage.zoom.middle, 9000);
    });
}

#[test]
fn a_caption_does_not_close_the_help() {
    with_dashboard(|dashboard| {
        show_caption(dashboard, 1);
        dashboard.handle(Action::Help);
        show_caption(dashboard, 3);
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
fn the_list_marks_the_current_lesson_and_stops_at_its_ends() {
    with_dashboard(|dashboard| {
        dashboard.handle(Action::Lessons);
        assert_eq!(dashboard.list, Some(0));
        dashboard.handle(Action::Back);
        show_caption(dashboard, 1);
        dashboard.handle(Action::Lessons);
        assert_eq!(dashboard.list, Some(1));
        dashboard.handle(Action::Move(Arrow::Down));
        assert_eq!(dashboard.list, Some(1));
        let begun = dashboard.handle(Action::Maximise);
        assert_eq!((begun, dashboard.list), (Some(Request::Lesson(1)), None));
    });
}

/// The list closes when another item is selected.
#[test]
fn closing_the_list_redraws_the_panels() {
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

/// The lowest row shows the shell, or panels if the shell is closed.
#[test]
fn an_open_shell_covers_the_lowest_row() {
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
fn tab_and_arrow_keys_return_to_their_start() {
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

/// The map shows the frames that the arrow keys select, at every zoom.
#[test]
fn the_map_follows_its_cursor() {
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
