//! Answers to a question: the keys that choose them while the question is open.
//!
//! | Where | a to d | digits |
//! |---|---|---|
//! | a question is open, in the present | choose an answer | in class: votes for the next letter |
//! | elsewhere | their usual meaning | their usual meaning |
//!
//! In a trace, every question is open, in the past too.

use super::Dashboard;
use super::actions::{self, Action};
use crate::input::keys::Key;
use crate::panels::lesson;
use crate::view::ballot::Ballot;
use crate::view::caption::{Caption, Part};
use embedded_graphics::geometry::Point;

impl Dashboard<'_> {
    /// Returns the action of a key on this screen.
    pub fn action_of(&self, key: Key) -> Option<Action> {
        let special = self.search_action_of(key).or_else(|| self.answer_of(key));
        special.or_else(|| actions::action(key))
    }

    /// Returns the answer that a key gives to the open question.
    fn answer_of(&self, key: Key) -> Option<Action> {
        let Key::Character(character) = key else {
            return None;
        };
        let choices = self.open_choices();
        let letter = u32::from(character.to_ascii_lowercase()).checked_sub(u32::from('a'));
        let answer = letter.and_then(|letter| u8::try_from(letter).ok());
        let digit = character
            .to_digit(10)
            .filter(|_| self.info.classroom && choices > 0);
        match (answer.filter(|&answer| answer < choices), digit) {
            (Some(answer), _) => Some(Action::Choose(answer)),
            (None, digit) => digit.map(|digit| Action::Vote(digit as u8)),
        }
    }

    /// Returns the number of answers to choose from now; 0 if no question is open.
    pub(super) fn open_choices(&self) -> u8 {
        let caption = self.open_question();
        caption.map_or(0, |caption| caption.choices.len() as u8)
    }

    /// Returns the caption of the question that is open in the present, or in a trace.
    fn open_question(&self) -> Option<Caption> {
        let is_now = self.timeline.is_live() || self.info.from_trace;
        let is_open = is_now && self.help.is_none() && self.list.is_none();
        let caption = self.caption().filter(|_| is_open)?;
        (caption.part == Part::Question).then_some(caption)
    }

    /// Returns the answer at a point of the caption, while its question is open.
    pub(super) fn choice_under(&self, point: Point) -> Option<u8> {
        let caption = self.open_question()?;
        let (styles, area) = (&self.styles, self.layout.caption);
        let ballot = self.ballots.of(&caption);
        lesson::caption::choice_at(styles, area, &caption, ballot, point)
    }

    /// Changes the ballot of the open question.
    pub(super) fn vote(&mut self, change: impl FnOnce(&mut Ballot)) {
        if let Some(caption) = self.open_question() {
            self.ballots.change(&caption, change);
            self.changes.panels.caption = true;
        }
    }

    /// Returns whether digits wait for the letter of an answer.
    pub(super) fn has_typed_votes(&self) -> bool {
        let ballot = self
            .open_question()
            .map(|caption| self.ballots.of(&caption));
        ballot.is_some_and(|ballot| ballot.typed.is_some())
    }
}
