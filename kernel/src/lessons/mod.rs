//! Lessons: scripts of captioned steps over the real memory subsystem.
//!
//! ```text
//! lesson ─┬─ step ── question? ── during? ── act, act, … ── check ── answer?
//!         ├─ step    │            │          │              │        └ what happened, with the figures of this machine
//!         └─ …       │            │          │              └ the facts of the step: they must hold, always
//!                    │            │          └ once for each beat
//!                    │            └ what is going on meanwhile
//!                    └ to be predicted: nothing has happened yet
//! ```
//! The same script is the live demo, a lesson in the classroom, a test and the pictures of a
//! report: see [`player`] and [`recital`]; they are in `scripts/`. Nothing here draws: what is seen
//! are the events of the allocators. `docs/lessons.md` tells how to write one.

mod failure;
pub mod player;
pub mod recital;
mod scripts;
mod stage;
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
use words::Said;

/// A lesson.
pub struct Lesson {
    /// What it is called on a command line.
    pub name: &'static str,
    /// What it is called on the screen.
    pub title: &'static str,
    /// What it consists of, one to 63.
    pub steps: &'static [Step],
    /// Whether this kernel has what it shows.
    pub is_possible: fn() -> bool,
    /// What comes before the first step: figures that its question needs.
    prepare: fn(&mut Stage) -> Outcome,
}

/// One step of a lesson.
pub struct Step {
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

/// What is said between two lessons, and before the first.
const BETWEEN: &str = "{before}Next: “{next}”. Space begins it, and l shows all lessons.";

/// A step that says this when it has happened. In braces stand figures that the stage noted.
pub const fn step(answer: &'static str) -> Step {
    Step {
        answer: Some(answer),
        ..Step::SILENT
    }
}

/// A step that says this, and then happens.
pub const fn during(words: &'static str) -> Step {
    Step {
        during: Some(words),
        ..Step::SILENT
    }
}

impl Step {
    const SILENT: Step = Step {
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

    /// Says this while it happens, where that takes more than a moment and no question stands.
    pub const fn meanwhile(self, words: &'static str) -> Step {
        let during = Some(words);
        Step { during, ..self }
    }

    /// Lets the room predict what will happen.
    pub const fn asks(self, question: &'static str) -> Step {
        let question = Some(question);
        Step { question, ..self }
    }

    /// Is best seen on this board, with this view of the frame map.
    pub const fn on(self, board: Board, mode: MapMode) -> Step {
        Step {
            board,
            mode,
            ..self
        }
    }

    /// Happens.
    pub const fn acts(self, act: fn(&mut Stage) -> Outcome) -> Step {
        Step { act, ..self }
    }

    /// Happens in so many parts, thirty a second: the stage tells which one is on.
    pub const fn beats(self, beats: u32) -> Step {
        let says = self.question.is_some() || self.during.is_some();
        assert!(says, "what the step before said would stand meanwhile");
        Step { beats, ..self }
    }

    /// Has happened as it should if this says so.
    pub const fn holds(self, check: fn(&Stage) -> Outcome) -> Step {
        Step { check, ..self }
    }

    /// Is about this, as soon as it is known.
    pub const fn selects(self, selects: fn(&Stage) -> Option<Selection>) -> Step {
        Step { selects, ..self }
    }

    /// Shows this part of memory on the frame map, as soon as it is known where that is.
    pub const fn near(self, near: fn(&Stage) -> Option<Zoom>) -> Step {
        Step { near, ..self }
    }

    /// Is left out where this says so.
    pub const fn only_if(self, is_possible: fn() -> bool) -> Step {
        Step {
            is_possible,
            ..self
        }
    }

    /// Is left out on a CPU that lacks these features.
    pub const fn needs(self, needs: Features) -> Step {
        Step { needs, ..self }
    }

    /// The features that the CPU lacks for it.
    fn missing(&self) -> Features {
        self.needs - cpu::features()
    }

    /// What is said at this part of it.
    fn template(&self, part: Part) -> Option<&'static str> {
        match part {
            Part::Question => self.question,
            Part::Meanwhile => self.during,
            Part::Answer => self.answer,
            Part::Between => Some(BETWEEN),
        }
    }
}

/// The lesson with this name.
pub fn number(name: &str) -> Option<usize> {
    LESSONS.iter().position(|lesson| lesson.name == name)
}

/// Says that there is no such lesson, and which there are.
pub fn complain_about(name: &str) {
    log::error!(target: "kernel::lessons", "there is no lesson \"{name}\" here; there are:");
    for lesson in LESSONS.iter().filter(|lesson| (lesson.is_possible)()) {
        log::info!(target: "kernel::lessons", "  {:<16} {}", lesson.name, lesson.title);
    }
}

/// What the list on the screen shows.
pub fn entry(at: usize) -> Option<LessonEntry> {
    let lesson = LESSONS.get(at)?;
    Some(LessonEntry {
        name: lesson.name,
        title: lesson.title,
        steps: lesson.steps.len() as u8,
    })
}

/// A caption's place, packed into the number of its event.
///
/// ```text
///  31 30 29      24 23          16 15            0
/// +-----+----------+--------------+---------------+
/// | part|   step   |  lesson + 1  |    serial     |     0 is no caption
/// +-----+----------+--------------+---------------+
/// ```
#[derive(Clone, Copy)]
struct Place {
    lesson: usize,
    step: usize,
    part: Part,
    serial: u16,
}

impl Place {
    const PARTS: [Part; 4] = [Part::Question, Part::Meanwhile, Part::Answer, Part::Between];

    fn pack(self) -> u32 {
        (self.part as u32) << 30
            | (self.step as u32) << 24
            | (self.lesson as u32 + 1) << 16
            | u32::from(self.serial)
    }

    fn unpack(number: u32) -> Option<Place> {
        Some(Place {
            part: *Place::PARTS.get((number >> 30) as usize)?,
            step: (number >> 24 & 63) as usize,
            lesson: (number >> 16 & 255).checked_sub(1)? as usize,
            serial: number as u16,
        })
    }
}

/// Says what is going on. Nothing is said where the step has no words for it: false then.
///
/// # Errors
/// A figure was never noted; it is said all the same.
fn say(lesson: usize, step: usize, part: Part, stage: &Stage) -> Result<bool, Failure> {
    let script = &LESSONS[lesson].steps[step];
    let Some(template) = script.template(part) else {
        return Ok(false);
    };
    let words = words::fill(template, stage.notes());
    let serial = words::keep(Said {
        words,
        selection: (script.selects)(stage),
        zoom: (script.near)(stage),
    });
    let place = Place {
        lesson,
        step,
        part,
        serial,
    };
    trace::caption(place.pack());
    if let Some(name) = words::missing(template, stage.notes()) {
        let words = part.words();
        return Err(Failure::wrong(format_args!(
            "nobody noted {name} for the {words}"
        )));
    }
    Ok(true)
}

/// What the number of a caption event means: for the dashboard.
pub fn caption(number: u32) -> Option<Caption> {
    let place = Place::unpack(number)?;
    let lesson = LESSONS.get(place.lesson)?;
    let step = lesson.steps.get(place.step)?;
    let template = step.template(place.part)?;
    let said = words::kept(place.serial);
    Some(Caption {
        lesson: lesson.name,
        title: lesson.title,
        step: place.step as u8 + 1,
        steps: lesson.steps.len() as u8,
        part: place.part,
        selection: said.as_ref().and_then(|said| said.selection),
        zoom: said.as_ref().and_then(|said| said.zoom),
        words: said.map_or_else(
            || words::fill(template, &words::Notes::new()),
            |said| said.words,
        ),
        board: step.board,
        mode: step.mode,
    })
}
