//! The last events, and the place among them that the picture shows.
//!
//! ```text
//!            first                    cursor                    end
//!   ghosts     │ ● ● ● ● ● ● ● ● ● ● ● ● ▼ ○ ○ ○ ○ ○ ○ ○ ○ ○ ○ ○ │ ◄── push
//!              └ applied to the model ───┘└ undone, or yet to come ┘
//! ```
//! Events have numbers, counted from 0. Invariants: `first <= cursor <= end`, and no more lie between first and end than
//! there are slots; the model is the fold of all events before the cursor. Events go on arriving
//! while one looks at the past: they wait behind the cursor, and the oldest make room. Those are ghosts: their effect
//! stays in the picture, but they cannot be undone any more.
//!
//! An event undoes itself, with one exception: the fault that fell out of the model's bounded log. So the log
//! as it was at `first` is kept here, and the faults since then are in the history.

pub mod then;
mod words;

pub use words::{Owner, Words};

use crate::model::faults::KEPT;
use crate::model::{Direction, Fault, FaultLog, Model, accents, changes_frames};
use core::ops::Range;
use heapless::{Deque, Vec};
use mm::event::{Event, Kind, Payload, changed_frames};
use mm::frame::Run;
use mm::memory_map::FRAME_BYTES;

/// Events that a history is to hold where there is memory enough.
pub const EVENTS: usize = 250_000;
/// Slots for the faults of the ghosts.
pub const GHOST_FAULTS: usize = KEPT;
/// Events that a panel looks through for what happened last, at most.
pub const LOOK_BACK: u64 = 16_384;
/// Bookmarks that can be set at once.
pub const BOOKMARKS: usize = 32;
/// Lesson steps that are marked on the screen, the newest ones.
const STEPS: usize = 256;

/// Events that are undone one by one: for more, everything is looked at anew.
const FEW: u64 = 64;

/// An event in a history: see [`Event::to_words`].
pub type Slot = [u64; 4];

/// The history and the cursor.
#[derive(Debug)]
pub struct Timeline<'m> {
    slots: &'m mut [Slot],
    first: u64,
    cursor: u64,
    end: u64,
    /// The fault log at `first`.
    ghosts: FaultLog<'m>,
    /// Places, ascending.
    bookmarks: Vec<u64, BOOKMARKS>,
    /// Places right after the newest captions, ascending.
    steps: Deque<u64, STEPS>,
}

impl<'m> Timeline<'m> {
    /// An empty history in these buffers. Without slots there is only the present, and with fewer than [`GHOST_FAULTS`]
    /// faults the log is shorter in the past.
    pub fn new(slots: &'m mut [Slot], ghosts: &'m mut [Fault]) -> Timeline<'m> {
        Timeline {
            slots,
            first: 0,
            cursor: 0,
            end: 0,
            ghosts: FaultLog::new(ghosts),
            bookmarks: Vec::new(),
            steps: Deque::new(),
        }
    }

    /// The number of the oldest event that is kept: so many are ghosts.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// How many events the picture shows; the last of them is [`Timeline::current`].
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// How many events there were.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Events that happened after the one that the picture shows last.
    pub fn behind(&self) -> u64 {
        self.end - self.cursor
    }

    /// The picture shows the present.
    pub fn is_live(&self) -> bool {
        self.cursor == self.end
    }

    /// The last event that the picture shows, unless it is a ghost.
    pub fn current(&self) -> Option<Event> {
        self.get(self.cursor.checked_sub(1)?)
    }

    /// The event that comes next, in the past.
    pub fn next(&self) -> Option<Event> {
        self.get(self.cursor)
    }

    /// The event with this number, if it is kept.
    pub fn get(&self, number: u64) -> Option<Event> {
        (self.first..self.end)
            .contains(&number)
            .then(|| self.event(number))
    }

    /// The events before the cursor that changed this frame, with their numbers, newest first. Heat is left out.
    pub fn at_frame(&self, frame: usize) -> impl Iterator<Item = (u64, Event)> {
        self.at_frame_since(frame, self.first)
    }

    /// The same, but for those before the event `since`.
    pub fn at_frame_since(&self, frame: usize, since: u64) -> impl Iterator<Item = (u64, Event)> {
        let address = frame as u64 * FRAME_BYTES;
        let numbers = (self.first.max(since)..self.cursor).rev();
        numbers.filter_map(move |number| {
            let event = self
                .is_of(number, is_about_frames)
                .then(|| self.event(number))?;
            let (start, frames) = frames_of(&event.payload)?;
            let end = start.saturating_add(frames.saturating_mul(FRAME_BYTES));
            (start..end).contains(&address).then_some((number, event))
        })
    }

    /// The last run that was refused before the cursor, as far as that is kept.
    pub fn last_refusal(&self) -> Option<Run> {
        let mut numbers = (self.first..self.cursor).rev();
        let number = numbers.find(|&number| self.is_of(number, is_refusal))?;
        match self.event(number).payload {
            Payload::FrameRefuse { refused, .. } => Some(refused.run()),
            _ => None,
        }
    }

    /// The last event before the cursor, but for heat, is the refusal of a run.
    pub fn ends_with_refusal(&self) -> bool {
        const REACH: usize = 64;
        let mut numbers = (self.first..self.cursor).rev().take(REACH);
        let last = numbers.find(|&number| !self.is_of(number, is_aside));
        last.is_some_and(|number| self.is_of(number, is_refusal))
    }

    /// Events of these kinds among the last `most` before the cursor, the newest first, each with its number.
    pub fn events_back(
        &self,
        most: u64,
        kinds: impl Fn(u8) -> bool,
    ) -> impl Iterator<Item = (u64, Event)> {
        let first = self.first.max(self.cursor.saturating_sub(most));
        let numbers = (first..self.cursor).rev();
        let numbers = numbers.filter(move |&number| self.is_of(number, &kinds));
        numbers.map(|number| (number, self.event(number)))
    }

    /// Tells the model's map what changed lately, as far as that is kept: by the picture's events and nothing else.
    pub fn remember_ages(&self, model: &mut Model) {
        let time = self.current().map_or(0, |event| event.time);
        let since = accents::horizon(time);
        let known = model.frames.len() as u64;
        model.cells.forget(time);
        for number in (self.first..self.cursor).rev() {
            let words = self.slots[self.slot(number)];
            if words[0] < since {
                break;
            }
            if !changes_frames(words[1] as u8) {
                continue;
            }
            let event = self.event(number);
            if let Some((start, count)) = frames_of(&event.payload) {
                let first = (start / FRAME_BYTES).min(known);
                let end = first.saturating_add(count).min(known);
                model
                    .cells
                    .remember(first as usize..end as usize, event.time);
            }
        }
    }

    /// Events were undone, and nothing else has happened to the model's map since: tells it when the cells that they changed had
    /// changed before. False where that would be no less than [`Timeline::remember_ages`].
    pub fn recall_ages(&self, undone: Range<u64>, model: &mut Model) -> bool {
        let before = undone
            .start
            .checked_sub(1)
            .and_then(|number| self.get(number));
        let time = before.map_or(0, |event| event.time);
        if undone.end - undone.start > FEW || !model.cells.is_of_period(time) {
            return false;
        }
        let frames_of = |number: u64| {
            let (first, count) = changed_frames(&self.slots[self.slot(number)])?;
            let first = (first.as_u64() / FRAME_BYTES) as usize;
            Some(first..first.saturating_add(count as usize))
        };
        let (mut first, mut end) = (usize::MAX, 0);
        for frames in undone.clone().filter_map(frames_of) {
            (first, end) = (first.min(frames.start), end.max(frames.end));
            model.cells.undo(frames);
        }
        let cells = model.cells.view().cells_of(first..end);
        let since = accents::horizon(time);
        for number in (self.first..undone.start).rev() {
            let time = self.slots[self.slot(number)][0];
            if time < since || cells.is_empty() {
                break;
            }
            if let Some(frames) = frames_of(number) {
                model.cells.recall(frames, time, &cells);
            }
        }
        true
    }

    /// Places with a bookmark, ascending.
    pub fn bookmarks(&self) -> &[u64] {
        &self.bookmarks
    }

    /// Places at which a lesson step begins, ascending: the newest ones.
    pub fn steps(&self) -> impl Iterator<Item = u64> {
        let steps = self.steps.iter().copied();
        steps.filter(|&place| place > self.first)
    }

    /// Takes note of an event. In the present the model has it at once.
    pub fn push(&mut self, event: &Event, model: &mut Model) {
        self.push_words(event.to_words(), model);
    }

    /// The same for an event that comes as it is kept.
    ///
    /// # Panics
    /// When no event encodes to these words.
    pub fn push_words(&mut self, words: Slot, model: &mut Model) {
        let is_live = self.is_live();
        if self.slots.is_empty() {
            model.apply(&whole(words));
            self.end += 1;
            (self.first, self.cursor) = (self.end, self.end);
            self.bookmarks.clear();
            return;
        }
        if self.end - self.first == self.slots.len() as u64 {
            self.evict(model);
        }
        let slot = self.slot(self.end);
        self.slots[slot] = words;
        self.end += 1;
        if is_caption(words[1] as u8) {
            if self.steps.is_full() {
                self.steps.pop_front();
            }
            // There is room now.
            let _ = self.steps.push_back(self.end);
        }
        if is_live {
            let before = model.contradictions;
            model.apply(&whole(words));
            self.cursor = self.end;
            if model.contradictions != before {
                // It changed what nobody knew, so undoing it would not give back what was.
                self.forget(model);
            }
        }
    }

    /// Goes to this place, or as near as it gets.
    pub fn go_to(&mut self, place: u64, model: &mut Model) {
        let place = place.clamp(self.first, self.end);
        while self.cursor > place {
            self.cursor -= 1;
            model.revert(&self.event(self.cursor));
        }
        while self.cursor < place {
            model.apply(&self.event(self.cursor));
            self.cursor += 1;
        }
        if model.faults.is_short() {
            self.remember_faults(model);
        }
    }

    /// Where the lesson step before the cursor began: this one, or the one before if this has just begun.
    pub fn previous_step(&self) -> u64 {
        let mut places = (self.first + 1..self.cursor).rev();
        places
            .find(|&place| self.is_of(place - 1, is_caption))
            .unwrap_or(self.first)
    }

    /// Where the next lesson step begins, in the past.
    pub fn next_step(&self) -> Option<u64> {
        let mut places = self.cursor + 1..self.end + 1;
        places.find(|&place| self.is_of(place - 1, is_caption))
    }

    /// Sets a bookmark at the cursor, or takes it away; false if there are too many.
    pub fn toggle_bookmark(&mut self) -> bool {
        match self.bookmarks.binary_search(&self.cursor) {
            Ok(at) => {
                self.bookmarks.remove(at);
                true
            }
            Err(at) => self.bookmarks.insert(at, self.cursor).is_ok(),
        }
    }

    /// The next bookmark after the cursor; after the last one the first again.
    pub fn next_bookmark(&self) -> Option<u64> {
        let after = self
            .bookmarks
            .partition_point(|&place| place <= self.cursor);
        let next = self.bookmarks.get(after).or(self.bookmarks.first());
        next.copied()
    }

    /// The model does not come from the events before now: they become ghosts, whatever was undone.
    pub fn forget(&mut self, model: &Model) {
        (self.first, self.cursor) = (self.end, self.end);
        self.ghosts.copy_from(&model.faults);
        self.bookmarks.clear();
    }

    /// The oldest event becomes a ghost.
    fn evict(&mut self, model: &mut Model) {
        if self.cursor == self.first {
            self.go_to(self.cursor + 1, model);
        }
        if self.is_of(self.first, is_about_faults) {
            let event = self.event(self.first);
            self.ghosts.step(&event, Direction::Forward);
        }
        self.first += 1;
        if self
            .bookmarks
            .first()
            .is_some_and(|&place| place < self.first)
        {
            self.bookmarks.remove(0);
        }
    }

    /// Fills the fault log again with what it has dropped.
    fn remember_faults(&self, model: &mut Model) {
        model.faults.copy_from(&self.ghosts);
        for number in self.first..self.cursor {
            if self.is_of(number, is_about_faults) {
                model.faults.step(&self.event(number), Direction::Forward);
            }
        }
        model.changed.faults = true;
    }

    fn event(&self, number: u64) -> Event {
        whole(self.slots[self.slot(number)])
    }

    /// Looks at the kind without reading all of the event: histories are long.
    fn is_of(&self, number: u64, kinds: impl Fn(u8) -> bool) -> bool {
        kinds(self.slots[self.slot(number)][1] as u8)
    }

    fn slot(&self, number: u64) -> usize {
        (number % self.slots.len() as u64) as usize
    }
}

/// The event that these words are.
fn whole(words: Slot) -> Event {
    Event::from_words(words).expect("a history holds whole events")
}

fn is_refusal(kind: u8) -> bool {
    kind == Kind::FrameRefuse as u8
}

/// What comes by itself, and says nothing of what the machine was asked for.
fn is_aside(kind: u8) -> bool {
    kind == Kind::FrameHeat as u8
}

fn is_caption(kind: u8) -> bool {
    kind == Kind::Caption as u8
}

/// What the log of faults is told: they are in somebody's space.
fn is_about_faults(kind: u8) -> bool {
    let kinds = [Kind::FaultBegin, Kind::FaultEnd, Kind::SpaceSwitch];
    kinds.iter().any(|&other| other as u8 == kind)
}

fn is_about_frames(kind: u8) -> bool {
    let kinds = [
        Kind::FrameAllocate,
        Kind::FrameFree,
        Kind::FrameReference,
        Kind::FrameRetag,
        Kind::Map,
        Kind::Unmap,
        Kind::TableLink,
        Kind::TableUnlink,
    ];
    kinds.iter().any(|&other| other as u8 == kind)
}

/// Where the frames that an event is about begin, and how many they are.
fn frames_of(payload: &Payload) -> Option<(u64, u64)> {
    Some(match *payload {
        Payload::FrameAllocate { first, frames, .. } | Payload::FrameFree { first, frames, .. } => {
            (first.as_u64(), frames)
        }
        Payload::FrameReference { frame, .. } => (frame.as_u64(), 1),
        Payload::FrameRetag { first, frames, .. } => (first.as_u64(), frames.into()),
        Payload::TableLink { table, .. } | Payload::TableUnlink { table, .. } => {
            (table.as_u64(), 1)
        }
        Payload::Map { frame, size, .. } | Payload::Unmap { frame, size, .. } => {
            (frame.as_u64(), size.bytes() / FRAME_BYTES)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
