//! The last events, and the place among them that the picture shows.
//!
//! ```text
//!            first                    cursor                    end
//!   ghosts     │ ● ● ● ● ● ● ● ● ● ● ● ● ▼ ○ ○ ○ ○ ○ ○ ○ ○ ○ ○ ○ │ ◄── push
//!              └ applied to the model ───┘└ undone, or yet to come ┘
//! ```
//! Events have numbers, counted from 0. Invariants: `first <= cursor <= end`, and no more lie
//! between first and end than there are slots; the model is the fold of all events before the
//! cursor. Events go on arriving while one looks at the past: they wait behind the cursor, and the
//! oldest make room. Those are ghosts: their effect stays in the picture, but they cannot be undone
//! any more.
//!
//! An event undoes itself, with one exception: the fault that fell out of the model's bounded log.
//! So the log as it was at `first` is kept here, and the faults since then are in the history.

mod kinds;
mod marks;
mod search;
pub mod then;

use crate::model::faults::KEPT;
use crate::model::{Direction, Fault, FaultLog, Model, Observer};
use heapless::{Deque, Vec};
use kinds::{is_about_faults, is_caption};
use mm::event::{Event, Kind};

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
    /// An empty history in these buffers. Without slots there is only the present, and with fewer
    /// than [`GHOST_FAULTS`] faults the log is shorter in the past.
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

    /// Records an event, and applies it to the model if the picture is that of the present.
    pub fn record_and_apply(
        &mut self,
        event: &Event,
        model: &mut Model,
        observer: &mut impl Observer,
    ) {
        self.record_and_apply_words(event.to_words(), model, observer);
    }

    /// Records an event that comes as it is kept, and applies it to the model if the picture is that
    /// of the present.
    ///
    /// # Panics
    /// When no event encodes to these words.
    pub fn record_and_apply_words(
        &mut self,
        words: Slot,
        model: &mut Model,
        observer: &mut impl Observer,
    ) {
        let is_live = self.is_live();
        if self.slots.is_empty() {
            model.apply(&whole(words), observer);
            self.end += 1;
            (self.first, self.cursor) = (self.end, self.end);
            self.bookmarks.clear();
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
            // There is room now.
            let _ = self.steps.push_back(self.end);
        }
        if is_live {
            let before = model.contradictions;
            model.apply(&whole(words), observer);
            self.cursor = self.end;
            if model.contradictions != before {
                // It changed what nobody knew, so undoing it would not give back what was.
                self.forget(model);
            }
        }
    }

    /// Moves the cursor to this place, or as near as it gets, and the model with it.
    pub fn move_model_to(&mut self, place: u64, model: &mut Model, observer: &mut impl Observer) {
        let place = place.clamp(self.first, self.end);
        while self.cursor > place {
            self.cursor -= 1;
            model.revert(&self.event(self.cursor), observer);
        }
        while self.cursor < place {
            model.apply(&self.event(self.cursor), observer);
            self.cursor += 1;
        }
        if model.faults.is_short() {
            self.remember_faults(model);
            observer.end(Kind::FaultEnd);
        }
    }

    /// The model does not come from the events before now: they become ghosts, whatever was undone.
    pub fn forget(&mut self, model: &Model) {
        (self.first, self.cursor) = (self.end, self.end);
        self.ghosts.copy_from(&model.faults);
        self.bookmarks.clear();
    }

    /// The oldest event becomes a ghost.
    fn evict(&mut self, model: &mut Model, observer: &mut impl Observer) {
        if self.cursor == self.first {
            self.move_model_to(self.cursor + 1, model, observer);
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
    }

    fn event(&self, number: u64) -> Event {
        whole(self.slots[self.slot(number)])
    }

    /// The event with this number as it is kept. It must be one of those that are kept.
    pub fn words(&self, number: u64) -> &Slot {
        &self.slots[self.slot(number)]
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

#[cfg(test)]
mod tests;
