//! The most recent events, and the position among them that the picture shows.
//!
//! ```text
//!            first                    cursor                    end
//!   evicted     │ ● ● ● ● ● ● ● ● ● ● ● ● ▼ ○ ○ ○ ○ ○ ○ ○ ○ ○ ○ ○ │ ◄── push
//!              └ applied to the model ───┘└ reverted, or not yet applied
//! ```
//! Events have numbers, counted from 0. A position is the number of events before it. Invariants:
//!
//! - `first <= cursor <= end`, and `end - first` is at most the number of slots.
//! - The model is the fold of all events before the cursor.
//!
//! While the picture shows the past, new events are recorded after the cursor and not applied. When
//! the history is full, it evicts its oldest event: the event's effect stays in the model, but the
//! model can no longer revert it.
//!
//! An event carries what is needed to revert it, with one exception: the fault that the model's
//! bounded log drops. The timeline therefore keeps a copy of the log as it was at `first`; the
//! history holds the faults since then.

pub mod bookmarks;
pub mod kinds;
mod marks;
mod search;
pub mod then;

use crate::model::faults::KEPT;
use crate::model::{Direction, Fault, FaultLog, Model, Observer};
pub use bookmarks::BOOKMARKS;
use bookmarks::Bookmarks;
use heapless::Deque;
use kinds::{is_about_faults, is_caption};
use mm::event::{Event, Kind};

/// The number of events that a history holds if there is enough memory.
pub const EVENTS: usize = 250_000;
/// Slots for the faults of evicted events.
pub const EVICTED_FAULTS: usize = KEPT;
/// The maximum number of events that a panel searches for the most recent ones.
pub const LOOK_BACK: u64 = 16_384;
/// The maximum number of lesson steps that the screen marks; the newest are kept.
const STEPS: usize = 256;

/// An encoded event in a history: see [`Event::to_words`].
pub type EventWords = [u64; 4];

/// The history and the cursor.
#[derive(Debug)]
pub struct Timeline<'m> {
    slots: &'m mut [EventWords],
    first: u64,
    cursor: u64,
    end: u64,
    /// The fault log at `first`.
    evicted: FaultLog<'m>,
    /// The bookmarks.
    pub(crate) bookmarks: Bookmarks,
    /// Positions right after the newest captions, ascending.
    steps: Deque<u64, STEPS>,
}

impl<'m> Timeline<'m> {
    /// Creates an empty history in these buffers. Without slots, the picture always shows the
    /// present. With fewer than [`EVICTED_FAULTS`] faults, the log is shorter in the past.
    pub fn new(slots: &'m mut [EventWords], evicted: &'m mut [Fault]) -> Timeline<'m> {
        Timeline {
            slots,
            first: 0,
            cursor: 0,
            end: 0,
            evicted: FaultLog::new(evicted),
            bookmarks: Bookmarks::default(),
            steps: Deque::new(),
        }
    }

    /// Returns the memory of the history: event `n` is in slot `n % slots().len()`.
    pub fn slots(&self) -> &[EventWords] {
        self.slots
    }

    /// Returns the number of the oldest event in the history, which is the number of evicted
    /// events.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Returns the number of events that the picture shows. The last one is [`Timeline::current`].
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Returns the number of events recorded so far.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Returns the number of events that the picture does not show yet.
    pub fn behind(&self) -> u64 {
        self.end - self.cursor
    }

    /// Returns whether the picture shows the present.
    pub fn is_live(&self) -> bool {
        self.cursor == self.end
    }

    /// Returns the last event that the picture shows, unless it was evicted.
    pub fn current(&self) -> Option<Event> {
        self.get(self.cursor.checked_sub(1)?)
    }

    /// Returns the event after the cursor, if the picture shows the past.
    pub fn next(&self) -> Option<Event> {
        self.get(self.cursor)
    }

    /// Returns the event with this number, if it is in the history.
    pub fn get(&self, number: u64) -> Option<Event> {
        (self.first..self.end)
            .contains(&number)
            .then(|| self.event(number))
    }

    /// Returns the event with this number, if it is in the history and of some kinds. Other events
    /// are not decoded.
    pub fn get_if(&self, number: u64, kinds: impl Fn(u8) -> bool) -> Option<Event> {
        let is_known = (self.first..self.end).contains(&number);
        (is_known && self.is_of(number, kinds)).then(|| self.event(number))
    }

    /// Records an event, and applies it to the model if the picture shows the present.
    pub fn record_and_apply(
        &mut self,
        event: &Event,
        model: &mut Model,
        observer: &mut impl Observer,
    ) {
        self.record_and_apply_words(event.to_words(), model, observer);
    }

    /// Records an encoded event, and applies it to the model if the picture shows the present.
    ///
    /// # Panics
    /// When no event encodes to these words.
    pub fn record_and_apply_words(
        &mut self,
        words: EventWords,
        model: &mut Model,
        observer: &mut impl Observer,
    ) {
        let is_live = self.is_live();
        if self.slots.is_empty() {
            model.apply(&decode(words), observer);
            self.end += 1;
            (self.first, self.cursor) = (self.end, self.end);
            self.bookmarks.forget_before(self.end + 1);
            return;
        }
        if self.end - self.first == self.slots.len() as u64 {
            self.evict(model, observer);
        }
        let slot = self.slot(self.end);
        self.slots[slot] = words;
        self.end += 1;
        if is_caption(words[1] as u8) {
            if self.steps.is_full() {
                self.steps.pop_front();
            }
            // The line above made room.
            let _ = self.steps.push_back(self.end);
        }
        if is_live {
            let before = model.contradictions;
            model.apply(&decode(words), observer);
            self.cursor = self.end;
            if model.contradictions != before {
                // The model did not know the old state, so reverting the event would not restore
                // it.
                self.forget(model);
            }
        }
    }

    /// Moves the cursor, and the model with it, to a position, or to the nearest one in the
    /// history.
    pub fn move_model_to(
        &mut self,
        position: u64,
        model: &mut Model,
        observer: &mut impl Observer,
    ) {
        let position = position.clamp(self.first, self.end);
        while self.cursor > position {
            self.cursor -= 1;
            model.revert(&self.event(self.cursor), observer);
        }
        while self.cursor < position {
            model.apply(&self.event(self.cursor), observer);
            self.cursor += 1;
        }
        if model.faults.is_short() {
            self.refill_faults(model);
            observer.end(Kind::FaultEnd);
        }
    }

    /// Evicts all events: the model no longer follows from them.
    pub fn forget(&mut self, model: &Model) {
        (self.first, self.cursor) = (self.end, self.end);
        self.evicted.copy_from(&model.faults);
        self.bookmarks.forget_before(self.end + 1);
    }

    /// Evicts the oldest event.
    fn evict(&mut self, model: &mut Model, observer: &mut impl Observer) {
        if self.cursor == self.first {
            self.move_model_to(self.cursor + 1, model, observer);
        }
        if self.is_of(self.first, is_about_faults) {
            let event = self.event(self.first);
            self.evicted.step(&event, Direction::Forward);
        }
        self.first += 1;
        self.bookmarks.forget_before(self.first);
    }

    /// Refills the fault log with the faults that it has dropped.
    fn refill_faults(&self, model: &mut Model) {
        model.faults.copy_from(&self.evicted);
        for number in self.first..self.cursor {
            if self.is_of(number, is_about_faults) {
                model.faults.step(&self.event(number), Direction::Forward);
            }
        }
    }

    fn event(&self, number: u64) -> Event {
        decode(self.slots[self.slot(number)])
    }

    /// Returns the encoded event with this number, which must be in the history.
    pub fn words(&self, number: u64) -> &EventWords {
        &self.slots[self.slot(number)]
    }

    /// Returns whether an event is of some kinds. Reads the kind only: histories are long.
    fn is_of(&self, number: u64, kinds: impl Fn(u8) -> bool) -> bool {
        kinds(self.slots[self.slot(number)][1] as u8)
    }

    fn slot(&self, number: u64) -> usize {
        (number % self.slots.len() as u64) as usize
    }
}

/// Decodes an event of the history.
fn decode(words: EventWords) -> Event {
    Event::from_words(words).expect("a history holds valid events")
}

#[cfg(test)]
mod tests;
