//! The page-table entry of a page whose content is in swap.
//!
//! ```text
//! 63          44 43                12 11      2   1   0
//! +-------------+--------------------+---------+---+---+
//! |    free     |   swap slot        |    0    | 1 | 0 |   P = 0: the CPU ignores the other bits
//! +-------------+--------------------+---------+---+---+
//! ```
//! (Intel SDM vol. 3A, table 4-20.) Bit 1 distinguishes slot 0 from an unused entry. The bits above
//! the slot are free for marks of the kernel, such as the use of the page.

/// A slot of swap: it holds one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SwapSlot(u32);

/// Bit 1 of an entry.
const IN_SWAP: u64 = 1 << 1;
const PRESENT: u64 = 1 << 0;
const SHIFT: u32 = 12;

impl SwapSlot {
    /// Returns the slot of this number.
    pub const fn new(number: u32) -> SwapSlot {
        SwapSlot(number)
    }

    /// Returns the number of the slot.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Returns the entry that names the slot.
    pub const fn entry(self) -> u64 {
        (self.0 as u64) << SHIFT | IN_SWAP
    }

    /// Returns the slot that an entry names. `None` if the entry is present or has no slot.
    pub const fn of_entry(entry: u64) -> Option<SwapSlot> {
        match entry & (PRESENT | IN_SWAP) {
            IN_SWAP => Some(SwapSlot((entry >> SHIFT) as u32)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_its_slot_and_is_not_present() {
        for number in [0, 1, 12_345, u32::MAX] {
            let slot = SwapSlot::new(number);
            assert_eq!(slot.entry() & PRESENT, 0);
            assert_ne!(slot.entry(), 0);
            assert_eq!(SwapSlot::of_entry(slot.entry()), Some(slot));
            let marked = slot.entry() | 0xfff << 52 | 1 << 44;
            assert_eq!(SwapSlot::of_entry(marked), Some(slot));
        }
        assert_eq!(SwapSlot::of_entry(0), None);
        assert_eq!(SwapSlot::of_entry(0x1003), None);
    }
}
