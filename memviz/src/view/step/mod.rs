//! What changed in the current lesson step: a fold over its events, up to the cursor.
//!
//! ```text
//!        step begins                     cursor
//! ──caption──│── allocate ── map ── protect ─▼─ …      the same events give the same balance,
//!            └────────── balance ────────────┘         in the present and in the past
//! ```
//! The step begins after its question, or after the caption of the step before. The balance can
//! also begin at a bookmark. Evicted events are not counted.
//!
//! Inside a step, the cursor going back takes single events out of the balance: counting the step
//! again for each of them would cost more than drawing the picture.

pub mod happened;

use crate::model::{Model, OWNERS};
use crate::timeline::Timeline;
use crate::timeline::kinds::is_periodic;
use crate::view::caption::{Caption, Part};
use happened::Happened;
use heapless::Vec;
use mm::event::{Event, Kind, Payload};
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// The maximum number of pages and frames whose old state is kept.
const KEPT: usize = 32;

/// A page whose frame changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moved {
    /// The number of the event.
    number: u64,
    space: u32,
    page: VirtAddr,
    /// The frame that it had at the start of the step.
    from: PhysAddr,
}

/// A page whose access rights changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Protected {
    /// The number of the event.
    number: u64,
    space: u32,
    page: VirtAddr,
}

/// A frame whose reference count changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted {
    /// The number of the event.
    number: u64,
    frame: PhysAddr,
    /// The count at the start of the step.
    from: u32,
}

/// The changes of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepChanges {
    /// The position after the event that begins the step.
    start: u64,
    /// True if a bookmark is the start, instead of a lesson step.
    is_since_bookmark: bool,
    /// The position up to which events are counted.
    end: u64,
    /// The address space that the next event is about.
    space: u32,
    /// True if a question is open: the figure must not show its answer.
    pub is_question: bool,
    /// True if the figure must not show more than the question does.
    pub is_concealed: bool,
    /// Frames allocated, less frames freed.
    pub frames: i64,
    /// The same by owner.
    pub owners: [i64; OWNERS],
    /// Processes started, less processes ended.
    pub processes: i64,
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
    moved: Vec<Moved, KEPT>,
    /// Pages whose access rights changed.
    protected: Vec<Protected, KEPT>,
    /// Frames whose reference count changed, with the count at the start of the step.
    references: Vec<Counted, KEPT>,
}

impl StepChanges {
    /// Follows the cursor. `bookmark` is the start, or the lesson step is. `caption` returns the
    /// caption with a number.
    pub fn follow(
        &mut self,
        timeline: &Timeline,
        model: &Model,
        bookmark: Option<u64>,
        caption: impl Fn(u32) -> Option<Caption>,
    ) {
        let cursor = timeline.cursor();
        let is_since_bookmark = bookmark.is_some();
        let is_same = bookmark.is_none_or(|position| position == self.start)
            && self.is_since_bookmark == is_since_bookmark;
        if self.end == cursor && self.end > 0 && is_same {
            return;
        }
        let step = start_of_step(timeline, caption);
        let is_question = (step.as_ref()).is_some_and(|(_, last)| last.part == Part::Question);
        let is_concealed = is_question && step.as_ref().is_some_and(|(_, last)| last.conceals);
        // A user who compares two moments asks for the changes.
        let is_question = is_question && bookmark.is_none();
        let Some(start) = bookmark.or(step.map(|(start, _)| start)) else {
            // No lesson: events are not counted, as that costs each picture.
            *self = StepChanges {
                start: cursor,
                end: cursor,
                ..StepChanges::default()
            };
            return;
        };
        (self.is_question, self.is_concealed) = (is_question, is_concealed);
        let is_known = cursor.min(self.end) >= timeline.first().max(start);
        if self.start != start || self.end == 0 || !is_known || !is_same {
            *self = StepChanges {
                start,
                is_since_bookmark,
                end: start.max(timeline.first()),
                space: space_at(timeline, model, start),
                is_question,
                is_concealed,
                ..StepChanges::default()
            };
        }
        while self.end < cursor {
            if let Some(event) = event_at(timeline, self.end) {
                self.count(self.end, &event.payload);
            }
            self.end += 1;
        }
        while self.end > cursor {
            self.end -= 1;
            if let Some(event) = event_at(timeline, self.end) {
                self.take_out(self.end, &event.payload);
            }
        }
    }

    /// Returns the position at which the step begins.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Returns the words for the time of the changes.
    pub fn words(&self) -> &'static str {
        match self.is_since_bookmark {
            true => "Since the bookmark",
            false => "This step",
        }
    }

    /// Returns whether a bookmark is the start.
    pub fn is_since_bookmark(&self) -> bool {
        self.is_since_bookmark
    }

    /// Returns the counts of the step that changed.
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

    /// Returns the old reference count of a frame, if it changed in this step.
    pub fn references_before(&self, frame: PhysAddr) -> Option<u32> {
        let mut changed = self.references.iter();
        let found = changed.find(|counted| counted.frame == frame);
        found.map(|counted| counted.from)
    }

    /// Returns the frame that a page had before, if it changed in this step.
    pub fn frame_before(&self, space: u32, page: VirtAddr) -> Option<PhysAddr> {
        let is_it = |moved: &&Moved| (moved.space, moved.page) == (space, page);
        self.moved.iter().find(is_it).map(|moved| moved.from)
    }

    /// Returns whether the access rights of a page changed in this step.
    pub fn is_protected(&self, space: u32, page: VirtAddr) -> bool {
        let is_it = |page_of: &Protected| (page_of.space, page_of.page) == (space, page);
        self.protected.iter().any(is_it)
    }

    /// Counts an event.
    fn count(&mut self, number: u64, payload: &Payload) {
        self.happened.count(payload.kind());
        self.add(payload, 1);
        // Beyond their capacity, the lists keep the first changes.
        match *payload {
            Payload::FrameReference { frame, from, .. }
                if self.references_before(frame).is_none() =>
            {
                let counted = Counted {
                    number,
                    frame,
                    from,
                };
                let _ = self.references.push(counted);
            }
            Payload::Unmap { page, frame, .. } => {
                let space = self.space_of(page);
                if self.frame_before(space, page).is_none() {
                    let moved = Moved {
                        number,
                        space,
                        page,
                        from: frame,
                    };
                    let _ = self.moved.push(moved);
                }
            }
            Payload::Protect { page, .. } => {
                let space = self.space_of(page);
                let protected = Protected {
                    number,
                    space,
                    page,
                };
                let _ = self.protected.push(protected);
            }
            Payload::SpaceSwitch { number, .. } => self.space = number,
            _ => {}
        }
    }

    /// Takes the last counted event out again.
    fn take_out(&mut self, number: u64, payload: &Payload) {
        self.happened.take_out(payload.kind());
        self.add(payload, -1);
        self.references.retain(|counted| counted.number != number);
        self.moved.retain(|moved| moved.number != number);
        self.protected
            .retain(|protected| protected.number != number);
        if let Payload::SpaceSwitch { previous, .. } = *payload {
            self.space = previous;
        }
    }

    /// Adds an event to the sums, or takes it out of them.
    fn add(&mut self, payload: &Payload, sign: i64) {
        match *payload {
            Payload::FrameAllocate { frames, tag, .. } => {
                self.frames += sign * frames as i64;
                self.own(tag, sign * frames as i64);
            }
            Payload::FrameFree { frames, tag, .. } => {
                self.frames -= sign * frames as i64;
                self.own(tag, -sign * frames as i64);
            }
            Payload::FrameRetag {
                frames, from, to, ..
            } => {
                self.own(from, -sign * i64::from(frames));
                self.own(to, sign * i64::from(frames));
            }
            Payload::ProcessStart { .. } => self.processes += sign,
            Payload::ProcessEnd { .. } => self.processes -= sign,
            Payload::Map { .. } => self.pages += sign,
            Payload::Unmap { .. } => self.pages -= sign,
            Payload::TableLink { .. } => self.tables += sign,
            Payload::TableUnlink { .. } => self.tables -= sign,
            Payload::FaultBegin { .. } => self.faults += sign,
            Payload::HeapAllocate { .. } => self.blocks += sign,
            Payload::HeapFree { .. } => self.blocks -= sign,
            Payload::Corruption { .. } => self.corruptions += sign,
            _ => {}
        }
    }

    /// Adds frames to the owner of a tag.
    fn own(&mut self, tag: Tag, frames: i64) {
        let owner = tag.owners().trailing_zeros() as usize;
        if let Some(sum) = self.owners.get_mut(owner) {
            *sum += frames;
        }
    }

    /// Returns the address space of a page: the kernel's half is the same in all of them.
    fn space_of(&self, page: VirtAddr) -> u32 {
        match page.as_u64() >> 63 {
            0 => self.space,
            _ => 0,
        }
    }
}

/// Returns the event with this number, if it counts.
fn event_at(timeline: &Timeline, number: u64) -> Option<Event> {
    timeline.get_if(number, |kind| !is_periodic(kind))
}

/// Returns the position at which the step of the last caption begins, and that caption, if there is
/// one.
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

/// Returns the address space that the event at a position is about.
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
