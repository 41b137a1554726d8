//! What stands below the picture: a lesson's words, and how the picture shall look to go with them.
//!
//! An event carries the number of a caption; whoever knows the lessons tells what it means
//! ([`crate::dashboard::Info`]).

use crate::view::board::Board;
use crate::view::map_mode::MapMode;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;

/// The longest words, in bytes.
pub const WORDS_BYTES: usize = 320;

/// A sentence or two.
pub type Words = heapless::String<WORDS_BYTES>;

/// What the words of a caption are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What will happen? Nothing has happened yet.
    Question,
    /// What is going on from now on.
    Meanwhile,
    /// What happened: the answer, where a question was asked.
    Answer,
    /// No lesson is on: one has ended, or none has begun.
    Between,
}

impl Part {
    /// One word, for scripts and names of files.
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
    /// The lesson's name, as a command line has it.
    pub lesson: &'static str,
    /// The lesson's name in words.
    pub title: &'static str,
    /// The number of the lesson's step, from 1 on.
    pub step: u8,
    /// How many there are.
    pub steps: u8,
    /// What the words are.
    pub part: Part,
    /// Figures and all.
    pub words: Words,
    /// The panels that show it.
    pub board: Board,
    /// The view of the frame map that shows it.
    pub mode: MapMode,
    /// What the words are about: lit in all panels.
    pub selection: Option<Selection>,
    /// The part of memory that the frame map shows; all of it where nothing is said.
    pub zoom: Option<Zoom>,
}

impl Caption {
    /// Whether the other one belongs to the same step of the same lesson.
    pub fn is_same_step(&self, other: &Caption) -> bool {
        (self.lesson, self.step) == (other.lesson, other.step)
    }
}

/// What somebody can choose from a list of lessons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LessonEntry {
    /// As a command line has it.
    pub name: &'static str,
    /// In words.
    pub title: &'static str,
    /// How many steps it has.
    pub steps: u8,
}
