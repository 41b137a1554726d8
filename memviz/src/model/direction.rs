//! Forwards or backwards in time.

/// Whether an event happens or is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The event happens.
    Forward,
    /// The event is undone.
    Back,
}

impl Direction {
    /// Counts up, or down again.
    #[inline]
    pub(super) fn count(self, counter: &mut u64, by: u64) {
        *counter = match self {
            Direction::Forward => counter.wrapping_add(by),
            Direction::Back => counter.wrapping_sub(by),
        };
    }

    /// The other one: undoing an unmap maps.
    pub(super) fn reversed(self) -> Direction {
        match self {
            Direction::Forward => Direction::Back,
            Direction::Back => Direction::Forward,
        }
    }

    /// What was before and what is after, seen in this direction.
    pub(super) fn ordered<T>(self, from: T, to: T) -> (T, T) {
        match self {
            Direction::Forward => (from, to),
            Direction::Back => (to, from),
        }
    }
}
