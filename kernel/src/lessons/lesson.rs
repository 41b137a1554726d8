//! Lessons: steps, their captions, their actions, and the facts that must hold.

use super::failure::Outcome;
use super::stage::Stage;
use crate::machine::cpu::{self, Features};
use memviz::view::board::Board;
use memviz::view::caption::Part;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use memviz::view::selection::Selection;
use memviz::view::zoom::Zoom;

/// A lesson.
pub struct Lesson {
    /// The name on a command line.
    pub name: &'static str,
    /// The title on the screen.
    pub title: &'static str,
    /// The goal of the lesson, in a line of at most 70 characters.
    pub goal: &'static str,
    /// The steps, 1 to 63.
    pub steps: &'static [LessonStep],
    /// Returns whether this kernel has the features that the lesson shows.
    pub is_possible: fn() -> bool,
    /// Runs before the first step: notes the figures that its question needs.
    pub(super) prepare: fn(&mut Stage) -> Outcome,
}

/// One step of a lesson: its captions, its actions, and the facts that they lead to.
pub struct LessonStep {
    pub(super) question: Option<&'static str>,
    pub(super) during: Option<&'static str>,
    pub(super) answer: Option<&'static str>,
    pub(super) choices: &'static [&'static str],
    pub(super) right: usize,
    pub(super) because: &'static str,
    pub(super) conceals: bool,
    pub(super) figure: Option<Figure>,
    pub(super) board: Board,
    pub(super) mode: MapMode,
    pub(super) beats: u32,
    pub(super) act: fn(&mut Stage) -> Outcome,
    pub(super) check: fn(&Stage) -> Outcome,
    pub(super) selects: fn(&Stage) -> Option<Selection>,
    pub(super) near: fn(&Stage) -> Option<Zoom>,
    pub(super) is_possible: fn() -> bool,
    pub(super) needs: Features,
}

/// The caption between two lessons, and before the first.
const BETWEEN: &str = "{before}Next: “{next}”. Space starts it, and l lists all lessons.";

/// Returns a step with this caption after it acted. Names in braces stand for figures that the
/// stage noted. A [mark](memviz::graphics::pointers::MARKS) before a number points at the place
/// where the figure shows it.
pub const fn step(answer: &'static str) -> LessonStep {
    LessonStep {
        answer: Some(answer),
        ..LessonStep::SILENT
    }
}

/// Returns a step with this caption while it acts.
pub const fn during(words: &'static str) -> LessonStep {
    LessonStep {
        during: Some(words),
        ..LessonStep::SILENT
    }
}

impl LessonStep {
    const SILENT: LessonStep = LessonStep {
        question: None,
        during: None,
        answer: None,
        choices: &[],
        right: 0,
        because: "",
        conceals: false,
        figure: None,
        board: Board::Overview,
        mode: MapMode::Tags,
        beats: 1,
        act: |_| Ok(()),
        check: |_| Ok(()),
        selects: |_| None,
        near: |_| None,
        is_possible: || true,
        needs: Features::empty(),
    };

    /// Adds a caption for the time while the step acts; for a step of several beats and no
    /// question.
    pub const fn meanwhile(self, words: &'static str) -> LessonStep {
        let during = Some(words);
        LessonStep { during, ..self }
    }

    /// Adds a question, so that the viewers predict the result.
    pub const fn asks(self, question: &'static str) -> LessonStep {
        let question = Some(question);
        LessonStep { question, ..self }
    }

    /// Adds two to four answers to choose from, and the index of the right one.
    pub const fn choices(self, choices: &'static [&'static str], right: usize) -> LessonStep {
        assert!(self.question.is_some(), "choices answer a question");
        assert!(choices.len() >= 2 && choices.len() <= 4 && right < choices.len());
        LessonStep {
            choices,
            right,
            ..self
        }
    }

    /// Adds the reason why the most tempting wrong answer is wrong.
    pub const fn because(self, because: &'static str) -> LessonStep {
        LessonStep { because, ..self }
    }

    /// Hides the content of the figure while the question is open, because it would show the
    /// answer.
    pub const fn conceals(self) -> LessonStep {
        let conceals = true;
        LessonStep { conceals, ..self }
    }

    /// Sets the figure that shows the step. It fills the screen above the caption.
    pub const fn figure(self, figure: Figure) -> LessonStep {
        let figure = Some(figure);
        LessonStep { figure, ..self }
    }

    /// Sets the board and the view of the frame map that show the step best.
    pub const fn on(self, board: Board, mode: MapMode) -> LessonStep {
        LessonStep {
            board,
            mode,
            ..self
        }
    }

    /// Sets the function that acts.
    pub const fn acts(self, act: fn(&mut Stage) -> Outcome) -> LessonStep {
        LessonStep { act, ..self }
    }

    /// Splits the action into this many beats, thirty a second. The stage holds the beat's number.
    pub const fn beats(self, beats: u32) -> LessonStep {
        let says = self.question.is_some() || self.during.is_some();
        assert!(says, "the caption of the step before would stay meanwhile");
        LessonStep { beats, ..self }
    }

    /// Sets the check of the facts that must hold after the action.
    pub const fn holds(self, check: fn(&Stage) -> Outcome) -> LessonStep {
        LessonStep { check, ..self }
    }

    /// Sets the selection, which applies as soon as the function returns one.
    pub const fn selects(self, selects: fn(&Stage) -> Option<Selection>) -> LessonStep {
        LessonStep { selects, ..self }
    }

    /// Sets the part of memory that the frame map shows, as soon as the function returns one.
    pub const fn near(self, near: fn(&Stage) -> Option<Zoom>) -> LessonStep {
        LessonStep { near, ..self }
    }

    /// Omits the step if this function returns false.
    pub const fn only_if(self, is_possible: fn() -> bool) -> LessonStep {
        LessonStep {
            is_possible,
            ..self
        }
    }

    /// Omits the step on a CPU that lacks these features.
    pub const fn needs(self, needs: Features) -> LessonStep {
        LessonStep { needs, ..self }
    }

    /// Returns the features that the step needs and the CPU lacks.
    pub(super) fn missing(&self) -> Features {
        self.needs - cpu::features()
    }

    /// Returns whether the caption of this part holds the answer. A step without an answer reveals
    /// it while it acts.
    pub(super) fn reveals(&self, part: Part) -> bool {
        match part {
            Part::Question | Part::Between => false,
            Part::Meanwhile => self.answer.is_none(),
            Part::Answer => true,
        }
    }

    /// Returns the caption of this part of the step, with names of figures in braces.
    pub(super) fn template(&self, part: Part) -> Option<&'static str> {
        match part {
            Part::Question => self.question,
            Part::Meanwhile => self.during,
            Part::Answer => self.answer,
            Part::Between => Some(BETWEEN),
        }
    }
}
