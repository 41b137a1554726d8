//! What changed in the current lesson step: a fold over its events, up to the cursor.
//!
//! ```text
//!        step begins                     cursor
//! ──caption──│── allocate ── map ── protect ─▼─ …      the same events give the same balance,
//!            └────────── balance ────────────┘         in the present and in the past
//! ```
//! The step begins after its question, or after the caption of the step before. Events that are
//! not in the history any more are not counted.

pub mod happened;

use crate::model::Model;
use crate::timeline::Timeline;
use crate::timeline::kinds::is_periodic;
use crate::view::caption::{Caption, Part};
use happened::Happened;
use heapless::Vec;
use mm::event::{Event, Kind, Payload};
use x86_64::{PhysAddr, VirtAddr};

/// The most pages and frames whose old state is kept.
const KEPT: usize = 32;
/// The most events of a step that are counted.
const EVENTS: u64 = 8_192;

/// A page whose frame changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The address space.
    pub space: u32,
    /// The page.
    pub page: VirtAddr,
    /// The frame that it had at the start of the step.
    pub from: PhysAddr,
}

/// The changes of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepChanges {
    /// The position after the event that begins the step.
    start: u64,
    /// The position up to which events are counted.
    end: u64,
    /// The address space that the next event is about.
    space: u32,
    /// A question stands: the figure must not show its answer.
    pub is_question: bool,
    /// The figure must not show more than the question does.
    pub is_concealed: bool,
    /// Frames allocated, less frames freed.
    pub frames: i64,
    /// Page tables linked, less page tables unlinked.
    pub tables: i64,
    /// Pages mapped, less pages unmapped.
    pub pages: i64,
    /// Page faults.
    pub faults: i64,
    /// Heap blocks allocated, less blocks freed.
    pub blocks: i64,
    /// Heap corruptions reported.
    pub corruptions: i64,
    /// The number of events of each kind.
    pub happened: Happened,
    /// Pages that were unmapped, or that have another frame.
    pub moved: Vec<Moved, KEPT>,
    /// Pages whose access rights changed.
    pub protected: Vec<(u32, VirtAddr), KEPT>,
    /// Frames whose reference count changed, with the count at the start of the step.
    pub references: Vec<(PhysAddr, u32), KEPT>,
}

impl StepChanges {
    /// Follows the cursor. `caption` returns the caption with a number.
    pub fn follow(
        &mut self,
        timeline: &Timeline,
        model: &Model,
        caption: impl Fn(u32) -> Option<Caption>,
    ) {
        let cursor = timeline.cursor();
        if self.end == cursor && self.end > 0 {
            return;
        }
        let Some((start, last)) = start_of_step(timeline, caption) else {
            // No lesson: events are not counted, as that costs each picture.
            *self = StepChanges {
                start: cursor,
                end: cursor,
                ..StepChanges::default()
            };
            return;
        };
        let is_question = last.part == Part::Question;
        let is_concealed = is_question && last.conceals;
        (self.is_question, self.is_concealed) = (is_question, is_concealed);
        let is_later = self.start == start && self.end <= cursor && self.end >= timeline.first();
        if !is_later {
            let start_now = start.max(cursor.saturating_sub(EVENTS));
            *self = StepChanges {
                start,
                end: start_now.max(timeline.first()),
                space: space_at(timeline, model, start_now),
                is_question,
                is_concealed,
                ..StepChanges::default()
            };
        }
        while self.end < cursor {
            if let Some(event) = timeline.get_if(self.end, |kind| !is_periodic(kind)) {
                self.count(&event);
            }
            self.end += 1;
        }
    }

    /// The position at which the step begins.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The counts of the step that changed.
    pub fn balance(&self) -> [i64; 6] {
        [
            self.frames,
            self.tables,
            self.pages,
            self.faults,
            self.blocks,
            self.corruptions,
        ]
    }

    /// The old reference count of a frame, if it changed in this step.
    pub fn references_before(&self, frame: PhysAddr) -> Option<u32> {
        let found = self.references.iter().find(|(other, _)| *other == frame);
        found.map(|&(_, count)| count)
    }

    /// The frame that a page had before, if it changed in this step.
    pub fn frame_before(&self, space: u32, page: VirtAddr) -> Option<PhysAddr> {
        let is_it = |moved: &&Moved| (moved.space, moved.page) == (space, page);
        self.moved.iter().find(is_it).map(|moved| moved.from)
    }

    /// Returns whether the access rights of a page changed in this step.
    pub fn is_protected(&self, space: u32, page: VirtAddr) -> bool {
        self.protected.contains(&(space, page))
    }

    fn count(&mut self, event: &Event) {
        self.happened.count(event.payload.kind());
        let owner = |page: VirtAddr, space: u32| if page.as_u64() >> 63 == 0 { space } else { 0 };
        match event.payload {
            Payload::FrameAllocate { frames, .. } => self.frames += frames as i64,
            Payload::FrameFree { frames, .. } => self.frames -= frames as i64,
            Payload::FrameReference { frame, from, .. }
                if self.references_before(frame).is_none() =>
            {
                // Beyond its capacity, the list keeps the first changes.
                let _ = self.references.push((frame, from));
            }
            Payload::Map { .. } => self.pages += 1,
            Payload::Unmap { page, frame, .. } => {
                self.pages -= 1;
                let space = owner(page, self.space);
                if self.frame_before(space, page).is_none() {
                    let from = frame;
                    let _ = self.moved.push(Moved { space, page, from });
                }
            }
            Payload::Protect { page, .. } => {
                let _ = self.protected.push((owner(page, self.space), page));
            }
            Payload::TableLink { .. } => self.tables += 1,
            Payload::TableUnlink { .. } => self.tables -= 1,
            Payload::FaultBegin { .. } => self.faults += 1,
            Payload::HeapAllocate { .. } => self.blocks += 1,
            Payload::HeapFree { .. } => self.blocks -= 1,
            Payload::Corruption { .. } => self.corruptions += 1,
            Payload::SpaceSwitch { number, .. } => self.space = number,
            _ => {}
        }
    }
}

/// The position at which the step of the last caption begins, and that caption, if there is one.
fn start_of_step(
    timeline: &Timeline,
    caption: impl Fn(u32) -> Option<Caption>,
) -> Option<(u64, Caption)> {
    let mut said = timeline
        .caption_positions_back()
        .filter_map(|(position, number)| Some((position, caption(number)?)));
    let (mut start, last) = said.next()?;
    let mut is_announced = last.part != Part::Answer;
    for (position, earlier) in said {
        if !earlier.is_same_step(&last) {
            // A step without a question acts before its only caption.
            start = if is_announced { start } else { position };
            break;
        }
        is_announced |= earlier.part != Part::Answer;
        start = position;
    }
    Some((start, last))
}

/// The address space that the event at a position is about.
fn space_at(timeline: &Timeline, model: &Model, position: u64) -> u32 {
    let since = timeline.cursor().saturating_sub(position);
    let is_switch = |kind| kind == Kind::SpaceSwitch as u8;
    let earliest = timeline.events_back(since, is_switch).last();
    match earliest.map(|(_, event)| event.payload) {
        Some(Payload::SpaceSwitch { previous, .. }) => previous,
        _ => model.space,
    }
}

#[cfg(test)]
mod tests;
