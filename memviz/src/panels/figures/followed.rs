//! What a figure keeps of the history, up to the cursor of the timeline.
//!
//! ```text
//! events   first … since … … cursor
//!          └── each event once ──┘ ──► Fold::add
//! cursor before the last event that counts: begin again
//! ```
//! Invariant: the same history and cursor give the same content, in the present and in the past.

use crate::timeline::Timeline;
use mm::event::Event;

/// The content that follows from events.
pub trait Fold: Default {
    /// Returns whether events of this kind can change the content.
    fn concerns(kind: u8) -> bool;

    /// Adds an event of such a kind. An event that does not count is from before the lesson; it can
    /// only say which address space is active.
    fn add(&mut self, event: &Event, counts: bool);
}

/// A fold that follows the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed<F> {
    /// The oldest time of an event that counts.
    since: u64,
    /// The position up to which events were added.
    end: u64,
    /// The position after the last event that was added.
    changed: u64,
    content: F,
}

impl<F: Fold> Followed<F> {
    /// Follows the cursor. Events before the time `since` do not count.
    pub fn follow(&mut self, timeline: &Timeline, since: u64) {
        let cursor = timeline.cursor();
        let is_later =
            self.since == since && self.changed <= cursor && self.end >= timeline.first();
        if !is_later {
            *self = Followed {
                since,
                end: timeline.first(),
                changed: 0,
                content: F::default(),
            };
        }
        while self.end < cursor {
            if let Some(event) = timeline.get_if(self.end, F::concerns) {
                self.content.add(&event, event.time >= since);
                self.changed = self.end + 1;
            }
            self.end += 1;
        }
        // No event that was added stands between the cursor and the old end.
        self.end = cursor;
    }

    /// Returns a value that differs after other events: the position after the last one.
    pub fn version(&self) -> u64 {
        self.changed
    }

    /// Returns the content at the cursor.
    pub fn content(&self) -> &F {
        &self.content
    }
}
