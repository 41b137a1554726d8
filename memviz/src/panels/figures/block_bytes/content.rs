//! What the figure shows: the block, its bytes, and the report of this step.

use super::life::{Life, Moment};
use crate::model::Model;
use crate::model::watched_bytes::{WATCHED_WORDS, WORD_BYTES};
use crate::timeline::Timeline;
use crate::view::step::StepChanges;
use heapless::Vec;
use mm::event::{Kind, Payload};
use mm::heap::corruption::CorruptionKind;
use x86_64::VirtAddr;

/// The bytes of a row.
pub const ROW: usize = 16;
/// The most bytes of the figure.
pub const BYTES: usize = WATCHED_WORDS * WORD_BYTES as usize;

/// A byte of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Byte {
    pub value: u8,
    /// The value that it must have.
    pub pattern: Option<u8>,
}

impl Byte {
    /// Returns whether the byte differs from its pattern.
    pub fn is_wrong(self) -> bool {
        self.pattern.is_some_and(|pattern| pattern != self.value)
    }
}

/// A report of this step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    pub kind: CorruptionKind,
    pub address: VirtAddr,
    /// The number of bytes that differed from their pattern.
    pub count: u32,
}

/// What the figure shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub life: Option<Life>,
    /// The offset of the first byte in the block, and the bytes.
    pub first: u64,
    pub bytes: Vec<Byte, BYTES>,
    /// The block was freed when it had these bytes.
    pub is_freed: bool,
    /// The last report of this step.
    pub report: Option<Report>,
    balance: [i64; 6],
    pub is_question: bool,
}

impl Content {
    /// The content at the cursor.
    pub fn new(model: &Model, timeline: &Timeline, step: &StepChanges) -> Content {
        let mut content = Content {
            balance: step.balance(),
            is_question: step.is_question,
            ..Content::default()
        };
        let Some(start) = model.bytes.start() else {
            return content;
        };
        let Some(life) = Life::of(timeline, start) else {
            return content;
        };
        let reported = report_since(timeline, step.start());
        content.report = reported.map(|(_, report)| report);
        let found = reported.filter(|(_, report)| report.count > 0);
        let (then, bytes) = bytes_at(model, timeline, start, found.map(|(number, _)| number));
        content.is_freed = life.is_freed_at(then);
        content.first = start - life.start;
        for (offset, value) in (content.first..).zip(bytes) {
            let pattern = life.pattern(offset, content.is_freed);
            // There is room for all bytes of all words.
            let _ = content.bytes.push(Byte { value, pattern });
        }
        content.life = Some(life);
        content
    }

    /// The offset of the first wrong byte, and the byte.
    pub fn wrong(&self) -> Option<(u64, Byte)> {
        let mut bytes = (self.first..).zip(self.bytes.iter().copied());
        bytes.find(|(_, byte)| byte.is_wrong())
    }

    /// Returns whether the bytes are those of an earlier moment: the check has repaired them.
    pub fn is_past(&self) -> bool {
        self.report.is_some_and(|report| report.count > 0)
    }

    /// Returns whether the block was freed, at the cursor.
    pub fn is_freed_now(&self) -> bool {
        let entries = self.life.iter().flat_map(|life| &life.entries);
        entries.copied().any(|entry| entry.moment == Moment::Freed)
    }
}

/// The last report since a position, with the number of its event.
fn report_since(timeline: &Timeline, start: u64) -> Option<(u64, Report)> {
    let since = timeline.cursor().saturating_sub(start);
    let mut reports = timeline.events_back(since, |kind| kind == Kind::Corruption as u8);
    let (number, event) = reports.next()?;
    let Payload::Corruption {
        address,
        kind,
        count,
        ..
    } = event.payload
    else {
        return None;
    };
    let report = Report {
        kind,
        address,
        count,
    };
    Some((number, report))
}

/// The watched bytes from `start` on, when the event with this number was recorded: later events
/// are undone. Without a number, the bytes at the cursor.
fn bytes_at(
    model: &Model,
    timeline: &Timeline,
    start: VirtAddr,
    number: Option<u64>,
) -> (u64, Vec<u8, BYTES>) {
    let then = number.unwrap_or(timeline.cursor());
    let values = (0..BYTES as u64).map_while(|at| model.bytes.byte(start + at));
    let mut bytes: Vec<u8, BYTES> = values.collect();
    let since = timeline.cursor() - then;
    for (_, event) in timeline.events_back(since, |kind| kind == Kind::WatchedBytes as u8) {
        let Payload::WatchedBytes { address, from, .. } = event.payload else {
            continue;
        };
        let at = address.as_u64().wrapping_sub(start.as_u64()) as usize;
        if let Some(word) = bytes.get_mut(at..at.saturating_add(WORD_BYTES as usize)) {
            word.copy_from_slice(&from.to_le_bytes());
        }
    }
    (then, bytes)
}
