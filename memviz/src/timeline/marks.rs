//! Marked positions: bookmarks and the starts of lesson steps.

use super::Timeline;
use super::kinds::is_caption;
use mm::event::Payload;

impl Timeline<'_> {
    /// The positions of the bookmarks, ascending.
    pub fn bookmarks(&self) -> &[u64] {
        &self.bookmarks
    }

    /// The positions at which the newest lesson steps start, ascending.
    pub fn steps(&self) -> impl Iterator<Item = u64> {
        let steps = self.steps.iter().copied();
        steps.filter(|&position| position > self.first)
    }

    /// The time and the number of each caption before the cursor, newest first.
    pub fn captions_back(&self) -> impl Iterator<Item = (u64, u32)> {
        let cursor = self.cursor;
        let positions = self.steps.iter().rev().copied();
        let positions =
            positions.filter(move |position| (self.first + 1..=cursor).contains(position));
        positions.filter_map(|position| {
            let event = self.event(position - 1);
            match event.payload {
                Payload::Caption { number, .. } => Some((event.time, number)),
                _ => None,
            }
        })
    }

    /// The position after each caption before the cursor, and the caption's number, newest first.
    pub fn caption_positions_back(&self) -> impl Iterator<Item = (u64, u32)> {
        let cursor = self.cursor;
        let positions = self.steps.iter().rev().copied();
        let positions =
            positions.filter(move |position| (self.first + 1..=cursor).contains(position));
        positions.filter_map(|position| match self.event(position - 1).payload {
            Payload::Caption { number, .. } => Some((position, number)),
            _ => None,
        })
    }

    /// The start of the current lesson step, or of the previous one if the cursor is at a start.
    pub fn previous_step(&self) -> u64 {
        let mut positions = (self.first + 1..self.cursor).rev();
        positions
            .find(|&position| self.is_of(position - 1, is_caption))
            .unwrap_or(self.first)
    }

    /// The start of the next lesson step, if the picture shows the past.
    pub fn next_step(&self) -> Option<u64> {
        let mut positions = self.cursor + 1..self.end + 1;
        positions.find(|&position| self.is_of(position - 1, is_caption))
    }

    /// Sets or removes the bookmark at the cursor. Returns false if there are too many.
    pub fn toggle_bookmark(&mut self) -> bool {
        match self.bookmarks.binary_search(&self.cursor) {
            Ok(at) => {
                self.bookmarks.remove(at);
                true
            }
            Err(at) => self.bookmarks.insert(at, self.cursor).is_ok(),
        }
    }

    /// The next bookmark after the cursor, or the first one after the last.
    pub fn next_bookmark(&self) -> Option<u64> {
        let after = self
            .bookmarks
            .partition_point(|&position| position <= self.cursor);
        let next = self.bookmarks.get(after).or(self.bookmarks.first());
        next.copied()
    }
}
