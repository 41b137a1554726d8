//! Lessons: scripts of captioned steps over the real memory subsystem.
//!
//! ```text
//! lesson ─┬─ step ── question? ── during? ── act, act, … ── check ── answer?
//!         ├─ step    │            │          │              │        └ the result, in figures
//!         └─ …       │            │          │              └ the facts that must hold
//!                    │            │          └ once for each beat
//!                    │            └ the caption while the step acts
//!                    └ a prediction: nothing has happened yet
//! ```
//! The same script is the live demo, a lesson in the classroom, a test and the pictures of a
//! report: see [`player`] and [`unattended`]. The scripts are in `scripts/`. Nothing here draws:
//! the picture comes from the events of the allocators. `docs/lessons.md` explains how to write a
//! lesson.

mod failure;
pub mod player;
mod scripts;
mod stage;
pub mod unattended;
mod words;

pub use failure::{Failure, Outcome};
pub use player::Player;
pub use scripts::LESSONS;

use crate::machine::cpu::{self, Features};
use crate::memory::trace;
use failure::fact;
use memviz::view::board::Board;
use memviz::view::caption::{Caption, LessonEntry, Part};
use memviz::view::map_mode::MapMode;
use memviz::view::selection::Selection;
use memviz::view::zoom::Zoom;
use stage::Stage;
use words::StoredCaption;

/// A lesson.
pub struct Lesson {
    /// The name on a command line.
    pub name: &'static str,
    /// The title on the screen.
    pub title: &'static str,
    /// The steps, 1 to 63.
    pub steps: &'static [LessonStep],
    /// Returns whether this kernel has the features that the lesson shows.
    pub is_possible: fn() -> bool,
    /// Runs before the first step: notes the figures that its question needs.
    prepare: fn(&mut Stage) -> Outcome,
}

/// One step of a lesson: its captions, its actions, and the facts that they lead to.
pub struct LessonStep {
    question: Option<&'static str>,
    during: Option<&'static str>,
    answer: Option<&'static str>,
    board: Board,
    mode: MapMode,
    beats: u32,
    act: fn(&mut Stage) -> Outcome,
    check: fn(&Stage) -> Outcome,
    selects: fn(&Stage) -> Option<Selection>,
    near: fn(&Stage) -> Option<Zoom>,
    is_possible: fn() -> bool,
    needs: Features,
}

/// The caption between two lessons, and before the first.
const BETWEEN: &str = "{before}Next: “{next}”. Space starts it, and l lists all lessons.";

/// A step with this caption after it acted. Names in braces stand for figures that the stage noted.
pub const fn step(answer: &'static str) -> LessonStep {
    LessonStep {
        answer: Some(answer),
        ..LessonStep::SILENT
    }
}

/// A step with this caption while it acts.
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

    /// Leaves the step out where this function returns false.
    pub const fn only_if(self, is_possible: fn() -> bool) -> LessonStep {
        LessonStep {
            is_possible,
            ..self
        }
    }

    /// Leaves the step out on a CPU that lacks these features.
    pub const fn needs(self, needs: Features) -> LessonStep {
        LessonStep { needs, ..self }
    }

    /// The features that the step needs and the CPU lacks.
    fn missing(&self) -> Features {
        self.needs - cpu::features()
    }

    /// The caption of this part of the step, with names of figures in braces.
    fn template(&self, part: Part) -> Option<&'static str> {
        match part {
            Part::Question => self.question,
            Part::Meanwhile => self.during,
            Part::Answer => self.answer,
            Part::Between => Some(BETWEEN),
        }
    }
}

/// The number of the lesson with this name.
pub fn number(name: &str) -> Option<usize> {
    LESSONS.iter().position(|lesson| lesson.name == name)
}

/// Logs that no lesson has this name, and lists all lessons.
pub fn report_unknown(name: &str) {
    log::error!(target: "kernel::lessons", "there is no lesson \"{name}\"; the lessons are:");
    for lesson in LESSONS.iter().filter(|lesson| (lesson.is_possible)()) {
        log::info!(target: "kernel::lessons", "  {:<16} {}", lesson.name, lesson.title);
    }
}

/// An entry of the list of lessons on the screen.
pub fn entry(at: usize) -> Option<LessonEntry> {
    let lesson = LESSONS.get(at)?;
    Some(LessonEntry {
        name: lesson.name,
        title: lesson.title,
        steps: lesson.steps.len() as u8,
    })
}

/// Identifies a caption; packed into the number that its event carries.
///
/// ```text
///  31 30 29      24 23          16 15            0
/// +-----+----------+--------------+---------------+
/// | part|   step   |  lesson + 1  |    serial     |     0 is no caption
/// +-----+----------+--------------+---------------+
/// ```
#[derive(Clone, Copy)]
struct CaptionId {
    lesson: usize,
    step: usize,
    part: Part,
    serial: u16,
}

impl CaptionId {
    const PARTS: [Part; 4] = [Part::Question, Part::Meanwhile, Part::Answer, Part::Between];

    fn pack(self) -> u32 {
        (self.part as u32) << 30
            | (self.step as u32) << 24
            | (self.lesson as u32 + 1) << 16
            | u32::from(self.serial)
    }

    fn unpack(number: u32) -> Option<CaptionId> {
        Some(CaptionId {
            part: *CaptionId::PARTS.get((number >> 30) as usize)?,
            step: (number >> 24 & 63) as usize,
            lesson: (number >> 16 & 255).checked_sub(1)? as usize,
            serial: number as u16,
        })
    }
}

/// Shows the caption of this part of the step. Returns false if the step has no caption for it.
///
/// # Errors
/// The caption has a figure that the stage never noted. It is shown nevertheless.
fn say(lesson: usize, step: usize, part: Part, stage: &Stage) -> Result<bool, Failure> {
    let script = &LESSONS[lesson].steps[step];
    let Some(template) = script.template(part) else {
        return Ok(false);
    };
    let words = words::fill(template, stage.notes());
    let serial = words::store(StoredCaption {
        words,
        selection: (script.selects)(stage),
        zoom: (script.near)(stage),
    });
    let id = CaptionId {
        lesson,
        step,
        part,
        serial,
    };
    trace::caption(id.pack());
    if let Some(name) = words::missing(template, stage.notes()) {
        let words = part.words();
        return Err(Failure::wrong(format_args!(
            "the lesson never noted {name} for the {words}"
        )));
    }
    Ok(true)
}

/// The caption with this number, for the dashboard.
pub fn caption(number: u32) -> Option<Caption> {
    let id = CaptionId::unpack(number)?;
    let lesson = LESSONS.get(id.lesson)?;
    let step = lesson.steps.get(id.step)?;
    let template = step.template(id.part)?;
    let stored = words::stored(id.serial);
    Some(Caption {
        lesson: lesson.name,
        title: lesson.title,
        step: id.step as u8 + 1,
        steps: lesson.steps.len() as u8,
        part: id.part,
        selection: stored.as_ref().and_then(|stored| stored.selection),
        zoom: stored.as_ref().and_then(|stored| stored.zoom),
        words: stored.map_or_else(
            || words::fill(template, &words::Notes::new()),
            |stored| stored.words,
        ),
        board: step.board,
        mode: step.mode,
    })
}
