//! The direction in time: apply or revert.

/// The direction in time in which an event is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The event is applied.
    Forward,
    /// The event is reverted.
    Back,
}

impl Direction {
    /// Counts up when applying, and down when reverting.
    #[inline]
    pub(super) fn count(self, counter: &mut u64, by: u64) {
        *counter = match self {
            Direction::Forward => counter.wrapping_add(by),
            Direction::Back => counter.wrapping_sub(by),
        };
    }

    /// Returns the opposite direction: reverting an unmap maps.
    pub(super) fn reversed(self) -> Direction {
        match self {
            Direction::Forward => Direction::Back,
            Direction::Back => Direction::Forward,
        }
    }

    /// Returns the states before and after, in this direction.
    pub(super) fn ordered<T>(self, from: T, to: T) -> (T, T) {
        match self {
            Direction::Forward => (from, to),
            Direction::Back => (to, from),
        }
    }
}
