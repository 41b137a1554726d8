//! Answers to questions: the keys that choose them, and their usual meaning elsewhere.

use super::*;
use crate::dashboard::actions::Pointing;
use crate::input::keys::Key;
use crate::view::ballot::Ballot;
use embedded_graphics::prelude::PointsIter;

/// The caption that asks, and the caption after it.
const QUESTION: u32 = 3;

fn press(dashboard: &mut Dashboard, keys: &str) {
    for key in keys.chars() {
        let action = dashboard.action_of(Key::Character(key)).unwrap();
        dashboard.handle(action);
    }
}

fn ballot(dashboard: &Dashboard) -> Ballot {
    dashboard.ballots.of(&dashboard.caption().unwrap())
}

#[test]
fn letters_choose_while_a_question_stands_and_only_then() {
    with_dashboard(|dashboard| {
        for number in 1..QUESTION {
            dashboard.apply(&said(number));
        }
        let usual = dashboard.action_of(Key::Character('c'));
        assert_eq!(usual, Some(Action::NextPalette));
        dashboard.apply(&said(QUESTION));
        press(dashboard, "aC");
        assert_eq!(ballot(dashboard).choice, Some(2));
        // The question has three answers.
        let fourth = dashboard.action_of(Key::Character('d'));
        assert_eq!(fourth, Some(Action::Compare));
        let board = dashboard.action_of(Key::Character('7'));
        assert_eq!(board, Some(Action::ShowBoard(Board::Heap)), "no class");
        dashboard.handle(Action::StepBack);
        let usual = dashboard.action_of(Key::Character('b'));
        assert_eq!(usual, Some(Action::Bookmark), "in the past");
        dashboard.handle(Action::Live);
        dashboard.apply(&said(QUESTION + 1));
        let usual = dashboard.action_of(Key::Character('b'));
        assert_eq!(usual, Some(Action::Bookmark), "after the question");
    });
}

#[test]
fn in_a_trace_a_question_stands_in_the_past_too() {
    with_dashboard(|dashboard| {
        for number in 1..=QUESTION + 1 {
            dashboard.apply(&said(number));
        }
        let past = dashboard.timeline.end() - 1;
        dashboard.travel_to(past);
        let usual = dashboard.action_of(Key::Character('b'));
        assert_eq!(usual, Some(Action::Bookmark), "on the machine");
        dashboard.info.from_trace = true;
        press(dashboard, "b");
        assert_eq!(ballot(dashboard).choice, Some(1));
    });
}

#[test]
fn a_class_votes_with_digits_before_a_letter() {
    with_dashboard(|dashboard| {
        dashboard.info.classroom = true;
        dashboard.apply(&said(QUESTION));
        press(dashboard, "12b3a7");
        assert_eq!(ballot(dashboard).votes, [Some(3), Some(12), None, None]);
        assert_eq!(ballot(dashboard).typed, Some(7));
        dashboard.handle(Action::Back);
        assert_eq!(ballot(dashboard).typed, None);
        press(dashboard, "b");
        assert_eq!(ballot(dashboard).choice, Some(1));
    });
}

/// A picture after a choice is that of a redrawn screen, and a click chooses as a key does.
#[test]
fn a_choice_is_drawn_and_can_be_clicked() {
    with_dashboard(|dashboard| {
        dashboard.apply(&said(QUESTION));
        let before = painted(|canvas| dashboard.draw(canvas).unwrap());
        let area = dashboard.layout.caption;
        let mut corners = area.points().filter(|point| point.x % 4 == 0);
        let pill = corners.find(|&point| dashboard.choice_under(point) == Some(1));
        dashboard.point(Pointing::Click(pill.unwrap()));
        assert_eq!(ballot(dashboard).choice, Some(1));
        dashboard.redraw();
        let after = painted(|canvas| dashboard.draw(canvas).unwrap());
        assert!(before != after);
    });
}
