//! Captions: the words of a lesson below the picture, and the view that goes with them.
//!
//! An event carries the number of a caption. [`crate::dashboard::Info`] returns the caption with
//! that number.

use crate::view::board::Board;
use crate::view::figure::Figure;
use crate::view::map_mode::MapMode;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;
use serde::{Deserialize, Serialize};

/// The maximum length of the words in bytes.
pub const WORDS_BYTES: usize = 320;

/// The words of a caption: one or two sentences.
pub type Words = heapless::String<WORDS_BYTES>;

/// The part of a lesson step that a caption belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// A question about an operation that has not started.
    Question,
    /// An operation that starts now.
    Meanwhile,
    /// The result: the answer, if the step has a question.
    Answer,
    /// No lesson runs.
    Between,
}

impl Part {
    /// Returns the name of the part in scripts and file names.
    pub const fn words(self) -> &'static str {
        match self {
            Part::Question => "question",
            Part::Meanwhile => "meanwhile",
            Part::Answer => "answer",
            Part::Between => "between",
        }
    }
}

/// A caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// The lesson's name on a command line.
    pub lesson: &'static str,
    /// The lesson's title.
    pub title: &'static str,
    /// The number of the lesson's step, from 1 on.
    pub step: u8,
    /// The number of steps.
    pub steps: u8,
    /// The part of the step.
    pub part: Part,
    /// The words, with their figures filled in.
    pub words: Words,
    /// The question that the words answer.
    pub question: Option<Words>,
    /// The answers to choose from: none, or two to four.
    pub choices: &'static [&'static str],
    /// The index of the right choice.
    pub right: usize,
    /// True if the words are the answer, so that the right choice is shown.
    pub is_answered: bool,
    /// The reason why the most tempting wrong answer is wrong.
    pub because: &'static str,
    /// True if the figure must not show more than the question does while the question is open.
    pub conceals: bool,
    /// The board to show.
    pub board: Board,
    /// The figure to show instead of the board.
    pub figure: Option<Figure>,
    /// The view of the frame map to show.
    pub mode: MapMode,
    /// The subject of the words, which all panels highlight.
    pub selection: Option<Selection>,
    /// The part of memory that the frame map shows; all of it if absent.
    pub zoom: Option<Zoom>,
}

impl Caption {
    /// Returns whether both captions belong to the same step of the same lesson.
    pub fn is_same_step(&self, other: &Caption) -> bool {
        (self.lesson, self.step) == (other.lesson, other.step)
    }
}

/// A lesson in the list of lessons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LessonEntry {
    /// The name on a command line.
    pub name: &'static str,
    /// The title.
    pub title: &'static str,
    /// The goal of the lesson, in a line.
    pub goal: &'static str,
    /// The number of steps.
    pub steps: u8,
    /// How long it plays by itself, in seconds.
    pub seconds: u16,
}
