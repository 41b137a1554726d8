//! The past looks as it did, and runs into the present.

use super::*;
use crate::input::Pointing;
use embedded_graphics::primitives::Rectangle;
use std::hash::{DefaultHasher, Hash, Hasher};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Back and forth, drawn step by step: the very picture, at every place on the way and at the end. Only the graphs mark
    /// where one is.
    #[test]
    fn the_past_looks_as_it_did(moves in vec(any::<Move>(), 100..200), mode in 0usize..4, board in prop::sample::select(vec![0usize, 1, 2, 4]), keys in vec(travels(), 1..30)) {
        let machine = played(&moves);
        with_dashboard(|dashboard| {
            dashboard.handle(Action::Show(MapMode::ALL[mode]));
            dashboard.handle(Action::ShowBoard(Board::ALL[board]));
            let mut wrong = None;
            painted(|canvas| {
                dashboard.handle(Action::PlayPause);
                let mut pictures = Vec::new();
                for event in &machine.events {
                    dashboard.apply(event);
                    // What is read in the header must not tell when it was drawn.
                    without_clock(dashboard, canvas);
                    pictures.push(pixels_below_header(dashboard, canvas));
                }
                for key in keys {
                    dashboard.handle(key);
                    without_clock(dashboard, canvas);
                    let cursor = dashboard.timeline.cursor() as usize;
                    let Some(expected) = cursor.checked_sub(1).map(|at| &pictures[at]) else { continue };
                    if *expected != pixels_below_header(dashboard, canvas) {
                        wrong = Some((key, cursor));
                    }
                }
            });
            prop_assert_eq!(wrong, None);
            Ok(())
        })?;
    }
}

/// What has happened happens again: as fast as it did, and then the present goes on.
#[test]
fn a_replay_runs_into_the_present() {
    with_dashboard(|dashboard| {
        (1..=10).for_each(|number| dashboard.apply(&said(number)));
        let mut now = 5_000_000_000;
        dashboard.tick(now, FrameCosts::default());
        for _ in 0..7 {
            dashboard.handle(Action::StepBack);
        }
        assert!(dashboard.is_paused());
        assert_eq!(
            (dashboard.model.caption, dashboard.timeline.behind()),
            (3, 7)
        );
        dashboard.tick(now, FrameCosts::default());
        assert_eq!(dashboard.header.time, 300_000_000);
        dashboard.handle(Action::PlayPause);
        let mut shown = Vec::new();
        for _ in 0..16 {
            now += 50_000_000;
            dashboard.tick(now, FrameCosts::default());
            shown.push(dashboard.model.caption);
        }
        assert_eq!(shown, [3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 10]);
        assert!(!dashboard.is_paused());
        assert_eq!(dashboard.header.time, now);
    });
}

/// What the mouse does is where the picture says.
#[test]
fn a_click_on_the_history_goes_there() {
    with_machine(&[(0, 5, 9); 300], |dashboard, _| {
        painted(|canvas| dashboard.draw(canvas).unwrap());
        let bar = dashboard.layout().timeline;
        let at = bar.top_left + Size::new(20, bar.size.height / 2);
        dashboard.handle(Action::Point(Pointing::At(at)));
        dashboard.handle(Action::Point(Pointing::Click(at)));
        let cursor = dashboard.timeline().cursor();
        assert!(cursor < dashboard.timeline().end() / 10, "{cursor}");
        dashboard.handle(Action::Point(Pointing::Wheel(at, 1)));
        assert_eq!(dashboard.timeline().cursor(), cursor + 1);
    });
}

#[test]
fn keys_in_the_present_are_for_the_workload() {
    with_dashboard(|dashboard| {
        assert_eq!(dashboard.handle(Action::Step), Some(Request::Step));
        assert_eq!(dashboard.handle(Action::NextStep), Some(Request::NextStep));
        assert_eq!(dashboard.handle(Action::Live), None);
        // Nothing is in the past yet, so nobody has gone there.
        assert_eq!(dashboard.handle(Action::StepBack), None);
        assert!(!dashboard.is_paused());
    });
}

fn travels() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => Just(Action::StepBack),
        2 => Just(Action::Step),
        1 => Just(Action::PreviousStep),
        1 => Just(Action::NextStep),
        1 => Just(Action::First),
        1 => Just(Action::Live),
    ]
}

fn without_clock(dashboard: &mut Dashboard, canvas: &mut Canvas) {
    dashboard.tick(0, FrameCosts::default());
    dashboard.draw(canvas).unwrap();
}

/// All panels between the header and the timeline, and the caption's words, as a number. The line of keys above the words tells
/// in the past how to come back.
fn pixels_below_header(dashboard: &Dashboard, canvas: &Canvas) -> u64 {
    let layout = dashboard.layout();
    let rows = |area: Rectangle| area.rows().start as usize..area.rows().end as usize;
    let (header, bar) = (rows(layout.header), rows(layout.timeline));
    let styles = &dashboard.styles;
    let keys = (styles.text.font.cell().height + styles.unit()) as usize;
    let rows = (header.end..bar.start).chain(bar.end + keys..SCREEN.height as usize);
    let mut hasher = DefaultHasher::new();
    rows.for_each(|y| canvas.row(y).hash(&mut hasher));
    hasher.finish()
}
