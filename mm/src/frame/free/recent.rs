//! The most recently freed frames, or runs of one length: the newest is allocated first.
//!
//! ```text
//!            oldest                     newest
//!          ┌──────┬──────┬──────┬──────┐
//!   drop ◄─│      │      │      │      │◄─ push, pop ─►
//!          └──────┴──────┴──────┴──────┘
//! ```
//! An entry is a hint and owns nothing: its frames are free, and their bits say so. If another
//! request got them meanwhile, the entry is out of date and is skipped.

/// The maximum number of entries.
pub const CAPACITY: usize = 64;

/// How a freed frame becomes available.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// Frames from this number on are recent first.
    RecentFrom(usize),
    /// All are in the index at once.
    AtOnce,
}

/// Returns the maximum number of recent runs of an order: fewer for long runs, so that their words
/// stay whole.
pub const fn capacity(order: usize) -> usize {
    CAPACITY >> (order / 2)
}

/// First frames of runs of one length.
#[derive(Clone, Copy, Debug)]
pub struct Recent {
    entries: [u32; CAPACITY],
    len: usize,
}

impl Recent {
    pub const EMPTY: Recent = Recent {
        entries: [0; CAPACITY],
        len: 0,
    };

    /// Returns the entries, the oldest first.
    pub fn entries(&self) -> &[u32] {
        &self.entries[..self.len]
    }

    pub const fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry. It must not be full.
    #[inline(always)]
    pub fn push(&mut self, first: usize) {
        self.entries[self.len % CAPACITY] = first as u32;
        self.len += 1;
    }

    /// Removes the newest entry.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<usize> {
        self.len = self.len.checked_sub(1)?;
        Some(self.entries[self.len % CAPACITY] as usize)
    }

    /// Removes the oldest entries and returns them.
    pub fn drop_oldest(&mut self, count: usize) -> ([u32; CAPACITY], usize) {
        let dropped = self.entries;
        self.entries.copy_within(count..self.len, 0);
        self.len -= count;
        (dropped, count)
    }
}
