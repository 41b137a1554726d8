//! The answers that the viewers chose: one ballot for each question of the current lesson.
//!
//! ```text
//! open question:     letter ──► choice            digits, then a letter ──► votes for that answer
//! answer:            the ballot of the step is shown beside it, and does not change any more
//! ```

use crate::view::caption::Caption;
use heapless::Vec;

/// The letters of the answers, as on the screen.
pub const LETTERS: [&str; CHOICES] = ["A", "B", "C", "D"];
/// The maximum number of answers of a question.
pub const CHOICES: usize = 4;
/// The maximum number of questions of a lesson whose ballots are kept.
const KEPT: usize = 63;
/// The maximum number of votes for an answer.
const MOST_VOTES: u16 = 999;

/// The choice and the votes for one question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ballot {
    /// The chosen answer.
    pub choice: Option<u8>,
    /// The votes of a class for each answer.
    pub votes: [Option<u16>; CHOICES],
    /// The digits before the next letter.
    pub typed: Option<u16>,
}

impl Ballot {
    /// Adds a digit to the number of votes that the next letter enters.
    pub fn digit(&mut self, digit: u8) {
        let typed = self.typed.unwrap_or_default() * 10 + u16::from(digit);
        self.typed = Some(typed.min(MOST_VOTES));
    }

    /// Chooses an answer, or enters the votes for it.
    ///
    /// # Panics
    /// If a question cannot have this many answers.
    pub fn letter(&mut self, answer: u8) {
        match self.typed.take() {
            Some(votes) => self.votes[usize::from(answer)] = Some(votes),
            None => self.choice = Some(answer),
        }
    }
}

/// The ballots of the current lesson.
#[derive(Debug, Default)]
pub struct Ballots {
    lesson: Option<&'static str>,
    kept: Vec<(u8, Ballot), KEPT>,
}

impl Ballots {
    /// Returns the ballot of the step of this caption.
    pub fn of(&self, caption: &Caption) -> Ballot {
        let is_lesson = self.lesson == Some(caption.lesson);
        let mut kept = self.kept.iter().filter(|_| is_lesson);
        let found = kept.find(|(step, _)| *step == caption.step);
        found.map_or(Ballot::default(), |&(_, ballot)| ballot)
    }

    /// Changes the ballot of the step of this caption. Removes ballots of another lesson.
    pub fn change(&mut self, caption: &Caption, change: impl FnOnce(&mut Ballot)) {
        if self.lesson != Some(caption.lesson) {
            self.forget();
            self.lesson = Some(caption.lesson);
        }
        let mut ballot = self.of(caption);
        change(&mut ballot);
        self.kept.retain(|(step, _)| *step != caption.step);
        // A lesson has at most as many steps.
        let _ = self.kept.push((caption.step, ballot));
    }

    /// Removes all ballots, because a lesson begins.
    pub fn forget(&mut self) {
        *self = Ballots::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_before_a_letter_are_votes_and_a_letter_alone_is_a_choice() {
        let mut ballot = Ballot::default();
        ballot.digit(2);
        ballot.digit(5);
        assert_eq!(ballot.typed, Some(25));
        ballot.letter(1);
        ballot.letter(2);
        assert_eq!((ballot.choice, ballot.typed), (Some(2), None));
        assert_eq!(ballot.votes, [None, Some(25), None, None]);
        (0..6).for_each(|_| ballot.digit(9));
        assert_eq!(ballot.typed, Some(999));
    }
}
