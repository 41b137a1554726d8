//! Marked positions: bookmarks and the starts of lesson steps.

use super::Timeline;
use super::kinds::is_caption;
use core::ops::Range;
use mm::event::Payload;

impl Timeline<'_> {
    /// Returns the positions of the bookmarks, ascending.
    pub fn bookmarks(&self) -> &[u64] {
        self.bookmarks.positions()
    }

    /// Returns the bookmarks, ascending, with their names.
    pub fn named_bookmarks(&self) -> impl Iterator<Item = (u64, &str)> {
        self.bookmarks.named()
    }

    /// Returns the positions at which the newest lesson steps start, ascending.
    pub fn steps(&self) -> impl Iterator<Item = u64> {
        let steps = self.steps.iter().copied();
        steps.filter(|&position| position > self.first)
    }

    /// Returns the time and the number of each caption before the cursor, newest first.
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

    /// Returns the position after each caption before the cursor, and the caption's number, newest
    /// first.
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

    /// Returns the position after each caption after the cursor, and the caption's number, oldest
    /// first.
    pub fn caption_positions_on(&self) -> impl Iterator<Item = (u64, u32)> {
        let cursor = self.cursor;
        let positions = self.steps.iter().copied();
        let positions = positions.filter(move |&position| position > cursor);
        positions.filter_map(|position| match self.event(position - 1).payload {
            Payload::Caption { number, .. } => Some((position, number)),
            _ => None,
        })
    }

    /// Returns the last caption in a range of positions.
    pub fn last_caption_in(&self, range: Range<u64>) -> Option<u64> {
        let events = self.steps.iter().rev().map(|&position| position - 1);
        let mut events = events.filter(|event| *event >= self.first);
        events.find(|event| range.contains(event))
    }

    /// Returns the time of an event that is in the history, in nanoseconds since boot.
    pub fn time_of(&self, number: u64) -> u64 {
        self.words(number)[0]
    }

    /// Returns the first event of a range that is not before this time, or the end of the range.
    /// Events ascend in time.
    pub fn first_at(&self, time: u64, range: Range<u64>) -> u64 {
        let (mut low, mut high) = (range.start.max(self.first), range.end.min(self.end));
        while low < high {
            let middle = low + (high - low) / 2;
            match self.time_of(middle) < time {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }

    /// Returns the same as [`Timeline::first_at`], with fewer reads if the event is near the start
    /// of the range.
    pub fn first_at_near(&self, time: u64, range: Range<u64>) -> u64 {
        let (start, end) = (range.start.max(self.first), range.end.min(self.end));
        let (mut from, mut step) = (start, 1);
        while from + step < end && self.time_of(from + step) < time {
            from += step;
            step *= 2;
        }
        self.first_at(time, from..(from + step + 1).min(end))
    }

    /// Returns the start of the current lesson step, or of the previous one if the cursor is at a
    /// start.
    pub fn previous_step(&self) -> u64 {
        let mut positions = (self.first + 1..self.cursor).rev();
        positions
            .find(|&position| self.is_of(position - 1, is_caption))
            .unwrap_or(self.first)
    }

    /// Returns the start of the next lesson step, if the picture shows the past.
    pub fn next_step(&self) -> Option<u64> {
        let mut positions = self.cursor + 1..self.end + 1;
        positions.find(|&position| self.is_of(position - 1, is_caption))
    }

    /// Sets or removes the bookmark at the cursor. Returns false if there are too many.
    pub fn toggle_bookmark(&mut self) -> bool {
        if self.bookmarks.name_at(self.cursor).is_none() {
            return self.bookmarks.set(self.cursor, "");
        }
        self.bookmarks.remove(self.cursor);
        true
    }

    /// Returns the last bookmark before the cursor.
    pub fn bookmark_before(&self) -> Option<u64> {
        let before = self.bookmarks().partition_point(|&at| at < self.cursor);
        self.bookmarks()[..before].last().copied()
    }

    /// Returns the next bookmark after the cursor, or the first one after the last.
    pub fn next_bookmark(&self) -> Option<u64> {
        let all = self.bookmarks();
        let after = all.partition_point(|&position| position <= self.cursor);
        let next = all.get(after).or(all.first());
        next.copied()
    }
}
