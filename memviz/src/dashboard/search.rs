//! The search in the history: its keys, and the way to a match.
//!
//! | Where | Keys |
//! |---|---|
//! | the user types | all keys change the line; Enter goes to a match |
//! | after Enter | `n` and `N` go to the next and the previous match |
//!
//! Esc ends the search. A match selects the item that its event is about.

use super::Dashboard;
use super::actions::Action;
use crate::input::keys::Key;
use crate::view::search::Lookups;
use crate::view::search::state::{Mode, SearchLine, Way};
use crate::view::search::thing::thing_of;

impl Dashboard<'_> {
    /// Returns the action of a key while a search is open, if it has one there.
    pub(super) fn search_action_of(&self, key: Key) -> Option<Action> {
        let is_covered = self.help.is_some() || self.list.is_some();
        match (self.search.mode(), key) {
            _ if self.naming.is_open() => Some(Action::Type(key)),
            (Mode::Typing, key) => Some(Action::Type(key)),
            (Mode::Stepping, Key::Character('n')) if !is_covered => Some(Action::NextMatch),
            (Mode::Stepping, Key::Character('N')) if !is_covered => Some(Action::PreviousMatch),
            _ => None,
        }
    }

    /// Opens the line of the search.
    pub(super) fn open_search(&mut self) {
        self.set_help(None);
        self.search.open(&self.timeline, &self.model);
    }

    /// Changes the line of the search.
    pub(super) fn type_in_search(&mut self, key: Key) {
        self.search.take(key, &self.timeline, &self.model);
    }

    /// Searches for these words, or ends the search if there are none.
    pub fn search_for(&mut self, words: &str) {
        self.search.set_words(words, &self.timeline, &self.model);
    }

    /// Returns what the screen shows of the search, if there is one.
    pub fn search_line(&self) -> Option<SearchLine> {
        self.search.line(&self.timeline)
    }

    /// Returns whether a part of the history is not searched yet.
    pub fn is_searching(&self) -> bool {
        self.search.is_busy(&self.timeline)
    }

    /// Goes to the next or previous match as soon as it is known.
    pub(super) fn want_match(&mut self, way: Way) {
        self.search.want(way);
        self.search_on();
    }

    /// Searches the next part of the history, and goes to the match that was asked for.
    pub(super) fn search_on(&mut self) {
        let lookups = Lookups {
            function: self.info.names.function,
            caption: self.info.caption,
        };
        let found = self.search.advance(&self.timeline, &self.model, &lookups);
        let Some(position) = found else {
            return;
        };
        self.status.paused = true;
        self.travel_to(position);
        let event = self.timeline.current();
        let thing = event.and_then(|event| thing_of(&event.payload, &self.model));
        self.select(thing);
    }
}
