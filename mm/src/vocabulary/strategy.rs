//! The number of a heap strategy.

/// A heap strategy by its number: how an arena places its blocks.
///
/// The table in [`heap::strategy`](crate::heap::strategy) gives each number its name and its
/// allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Strategy(u8);

impl Strategy {
    /// Returns the strategy with this number.
    pub(crate) const fn new(number: u8) -> Strategy {
        Strategy(number)
    }

    /// Returns the number.
    pub const fn number(self) -> u8 {
        self.0
    }
}
