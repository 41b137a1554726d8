//! Captions: one event each, with a number that identifies the words.

use super::failure::Failure;
use super::scripts::LESSONS;
use super::stage::Stage;
use super::words::{self, StoredCaption};
use crate::memory::trace;
use memviz::view::caption::{Caption, Part};

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
pub fn say(lesson: usize, step: usize, part: Part, stage: &Stage) -> Result<bool, Failure> {
    let script = &LESSONS[lesson].steps[step];
    let Some(template) = script.template(part) else {
        return Ok(false);
    };
    let words = words::fill(template, stage.notes());
    let question = match part {
        Part::Meanwhile | Part::Answer => script.template(Part::Question),
        Part::Question | Part::Between => None,
    };
    let serial = words::store(StoredCaption {
        words,
        question: question.map(|template| words::fill(template, stage.notes())),
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

/// Returns the caption with this number, for the dashboard.
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
        question: stored.as_ref().and_then(|stored| stored.question.clone()),
        choices: step.choices,
        right: step.right,
        is_answered: step.reveals(id.part),
        because: step.because,
        conceals: step.conceals,
        figure: step.figure,
        words: stored.map_or_else(
            || words::fill(template, &words::Notes::new()),
            |stored| stored.words,
        ),
        board: step.board,
        mode: step.mode,
    })
}
