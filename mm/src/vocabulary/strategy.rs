//! How a heap places its blocks.

use super::byte_enum::byte_enum;

byte_enum! {
    /// How a heap places its blocks.
    Strategy {
        /// The buddy system: a request gets a power of two.
        BuddyWhole = 0, "buddy, whole blocks";
        /// The buddy system, which returns the unused tail of such a block.
        BuddyTrimmed = 1, "buddy, trimmed";
        /// A free list: the lowest free block that is large enough.
        FirstFit = 2, "free list, first fit";
        /// A free list: the smallest free block that is large enough.
        BestFit = 3, "free list, best fit";
    }
}

impl Strategy {
    /// True if blocks are powers of two that merge with their buddies.
    pub const fn is_buddy(self) -> bool {
        matches!(self, Strategy::BuddyWhole | Strategy::BuddyTrimmed)
    }
}
