//! What a form of the events does with each of them.

use std::io;

use mm::event::Event;
use tracefile::player::Follower;

/// A form of the events.
pub trait Form {
    /// Writes an event, which the follower has just applied.
    fn event(&mut self, follower: &Follower, event: &Event) -> io::Result<()>;

    /// Writes what remains after the last event.
    fn finish(&mut self, follower: &Follower) -> io::Result<()>;
}
