//! Marked places: bookmarks, and where lesson steps begin.

use super::Timeline;
use super::kinds::is_caption;
use mm::event::Payload;

impl Timeline<'_> {
    /// Places with a bookmark, ascending.
    pub fn bookmarks(&self) -> &[u64] {
        &self.bookmarks
    }

    /// Places at which a lesson step begins, ascending: the newest ones.
    pub fn steps(&self) -> impl Iterator<Item = u64> {
        let steps = self.steps.iter().copied();
        steps.filter(|&place| place > self.first)
    }

    /// The captions before the cursor, the newest first: when each was said, and its number.
    pub fn captions_back(&self) -> impl Iterator<Item = (u64, u32)> {
        let cursor = self.cursor;
        let places = self.steps.iter().rev().copied();
        let places = places.filter(move |place| (self.first + 1..=cursor).contains(place));
        places.filter_map(|place| {
            let event = self.event(place - 1);
            match event.payload {
                Payload::Caption { number, .. } => Some((event.time, number)),
                _ => None,
            }
        })
    }

    /// Where the lesson step before the cursor began: this one, or the one before if this has just
    /// begun.
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
}
