//! Travel in time: the past looks as it did, and a replay continues into the present.

use super::*;
use crate::dashboard::actions::Pointing;
use crate::input::keys::Arrow;
use mm::heat::Level;
use mm::tag::Tag;
use std::hash::{DefaultHasher, Hash, Hasher};
use x86_64::PhysAddr;

proptest! {
    #![proptest_config(crate::testing::cases(8))]

    /// Travel back and forth, drawn step by step, gives the same picture as a full redraw. This
    /// holds at every index on the way and at the end, on every board.
    #[test]
    fn the_past_looks_as_it_did(moves in vec(any::<Move>(), 100..200), mode in 0usize..4, board in 0usize..Board::ALL.len(), keys in vec(travels(), 1..30)) {
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
                    dashboard.tick(event.time, FrameCosts::default());
                    dashboard.draw(canvas).unwrap();
                    pictures.push(pixels_below_header(dashboard, canvas));
                }
                // A sample after the last event belongs to the present. It must not change a
                // picture of the past.
                let later = machine.events.last().map_or(0, |event| event.time) + 1_000_000_000;
                dashboard.tick(later, FrameCosts::default());
                dashboard.draw(canvas).unwrap();
                if let Some(present) = pictures.last_mut() {
                    *present = pixels_below_header(dashboard, canvas);
                }
                for key in keys {
                    dashboard.handle(key);
                    dashboard.tick(later, FrameCosts::default());
                    dashboard.draw(canvas).unwrap();
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

/// The arrows pass over samples of heat, which nothing requested; comma and full stop do not.
#[test]
fn arrows_step_over_what_can_be_seen() {
    let heat = |from: u8, to| Payload::FrameHeat {
        first: PhysAddr::new(0x3000),
        frames: 1,
        from: Level::new(from).unwrap(),
        to: Level::new(to).unwrap(),
    };
    with_dashboard(|dashboard| {
        let allocate = Payload::FrameAllocate {
            first: PhysAddr::new(0x3000),
            frames: 1,
            tag: Tag::USER,
        };
        let events = [allocate, heat(0, 3), heat(3, 2)].map(event);
        events.iter().for_each(|event| dashboard.apply(event));
        dashboard.apply(&said(1));
        let mut press = |action| {
            dashboard.handle(action);
            dashboard.timeline.cursor()
        };
        assert_eq!(press(Action::Move(Arrow::Left)), 3, "the caption");
        assert_eq!(press(Action::Move(Arrow::Left)), 0, "the frame");
        assert_eq!(press(Action::Move(Arrow::Right)), 1);
        assert_eq!(press(Action::Step), 2, "a sample of heat");
        assert_eq!(press(Action::StepBack), 1);
        assert_eq!(press(Action::Move(Arrow::Right)), 4, "the caption");
    });
}

/// A replay shows the events at their original rate, and then follows the present.
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
        assert_eq!(dashboard.status.time, 300_000_000);
        dashboard.handle(Action::PlayPause);
        let mut shown = Vec::new();
        for _ in 0..16 {
            now += 50_000_000;
            dashboard.tick(now, FrameCosts::default());
            shown.push(dashboard.model.caption);
        }
        assert_eq!(shown, [3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 10]);
        assert!(!dashboard.is_paused());
        assert_eq!(dashboard.status.time, now);
    });
}

/// The step after the last lesson step is the present. The number of bookmarks is limited.
#[test]
fn the_last_step_leads_to_the_present() {
    with_dashboard(|dashboard| {
        dashboard.apply(&said(1));
        (0..40).for_each(|_| dashboard.apply(&changed(0, 1)));
        dashboard.handle(Action::First);
        dashboard.handle(Action::NextStep);
        assert_eq!(dashboard.timeline.cursor(), 1);
        dashboard.handle(Action::NextStep);
        assert!(dashboard.timeline.is_live());
        for place in 0..crate::timeline::BOOKMARKS {
            assert_eq!(dashboard.handle(Action::Bookmark), None, "{place}");
            dashboard.handle(Action::StepBack);
        }
        let full = dashboard.handle(Action::Bookmark);
        assert!(matches!(full, Some(Request::Warn(_))), "{full:?}");
    });
}

/// A replay shortens long waits between events.
#[test]
fn a_replay_shortens_long_waits() {
    with_dashboard(|dashboard| {
        dashboard.apply(&said(1));
        dashboard.apply(&said(400));
        dashboard.handle(Action::StepBack);
        dashboard.handle(Action::PlayPause);
        for now in [0, 300, 600].map(|milliseconds| milliseconds * 1_000_000) {
            dashboard.tick(now, FrameCosts::default());
        }
        assert!(dashboard.timeline.is_live());
    });
}

/// The past is shown, but neither sampled nor compared with the machine.
#[test]
fn the_past_is_neither_sampled_nor_compared() {
    let nothing = Machine::new(FRAMES, HEAP as u64);
    let truth = super::truth::Truth::of(&nothing, Default::default());
    with_dashboard(|dashboard| {
        (0..10).for_each(|number| dashboard.apply(&changed(number, 1)));
        dashboard.tick(0, FrameCosts::default());
        dashboard.handle(Action::StepBack);
        let samples = dashboard.samples.all().total();
        dashboard.tick(5_000_000_000, FrameCosts::default());
        assert_eq!(
            (dashboard.samples.all().total(), dashboard.status.behind),
            (samples, 1)
        );
        assert!(dashboard.verify(&truth, 1, |difference| panic!("{difference:?}")));
        assert_eq!(dashboard.model.mismatches(), 0);
        dashboard.handle(Action::Live);
        while !dashboard.verify(&truth, FRAMES, |_| {}) {}
        dashboard.tick(5_000_000_000, FrameCosts::default());
        assert!(dashboard.status.mismatches > 0);
    });
}

/// A rebuild returns to the present, and counts all events.
#[test]
fn a_rebuild_is_in_the_present() {
    let machine = played(&[(0, 5, 9), (9, 1, 3), (9, 2, 3)]);
    let truth = super::truth::Truth::of(&machine, Default::default());
    with_dashboard(|dashboard| {
        machine
            .events
            .iter()
            .for_each(|event| dashboard.apply(event));
        dashboard.handle(Action::First);
        dashboard.rebuild(&truth);
        assert_eq!(dashboard.model.events(), machine.events.len() as u64);
        assert_eq!(
            (dashboard.model.faults.total(), dashboard.model.mismatches()),
            (2, 0)
        );
        painted(|canvas| dashboard.draw(canvas).unwrap());
        assert_eq!(fresh(dashboard), 0);
    });
}

/// Changes by evicted events are not visible as ages.
#[test]
fn evicted_changes_have_no_age() {
    with_dashboard(|dashboard| {
        (0..HISTORY as u64).for_each(|number| dashboard.apply(&changed(number, 1)));
        dashboard.handle(Action::First);
        dashboard.apply(&changed(0, 1));
        painted(|canvas| dashboard.draw(canvas).unwrap());
        assert_eq!((dashboard.timeline.cursor(), fresh(dashboard)), (1, 0));
    });
    with_dashboard(|dashboard| {
        let pieces = painted(|canvas| {
            dashboard.apply(&changed(5, 1));
            dashboard.draw(canvas).unwrap();
            assert_eq!(fresh(dashboard), 1);
            dashboard.apply(&changed(FRAMES as u64, 1));
            dashboard.draw(canvas).unwrap();
        });
        assert_eq!((dashboard.model.contradictions, fresh(dashboard)), (1, 0));
        dashboard.redraw();
        assert!(pieces == painted(|canvas| dashboard.draw(canvas).unwrap()));
    });
}

/// Returns an event that retags frames without a change.
fn changed(frame: u64, frames: u32) -> Event {
    let tag = mm::tag::Tag::empty();
    event(Payload::FrameRetag {
        first: x86_64::PhysAddr::new(frame * 4096),
        frames,
        from: tag,
        to: tag,
    })
}

/// Returns the number of cells that are drawn as recently changed.
fn fresh(dashboard: &Dashboard) -> usize {
    let cells = &dashboard.changes.cells;
    (0..cells.view().cells)
        .filter(|&cell| cells.accents.age(cell).is_some())
        .count()
}

/// A click on the history bar moves the cursor to the clicked event.
#[test]
fn a_click_on_the_history_moves_the_cursor() {
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
fn keys_in_the_present_control_the_workload() {
    with_dashboard(|dashboard| {
        assert_eq!(dashboard.handle(Action::Step), Some(Request::Step));
        assert_eq!(dashboard.handle(Action::NextStep), Some(Request::NextStep));
        assert_eq!(dashboard.handle(Action::Live), None);
        // No event is in the past yet.
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

/// Returns a hash of the panels and of the caption. The keys above them and the state below them
/// differ in the past.
fn pixels_below_header(dashboard: &Dashboard, canvas: &Canvas) -> u64 {
    let layout = dashboard.layout();
    let rows = layout.header.rows().end as usize..layout.state.rows().start as usize;
    let mut hasher = DefaultHasher::new();
    rows.for_each(|y| canvas.row(y).hash(&mut hasher));
    hasher.finish()
}
