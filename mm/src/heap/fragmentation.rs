//! Fragmentation in three figures, each in thousandths.
//!
//! ```text
//! free   [64 K][64 K]   [256 K]      in all 384 K, the largest 256 K
//!
//! unusable for 128 K    (384 - 256) / 384 = 333     a third of it is in blocks smaller than that
//! external              1 - 256 / 384     = 333     a third of it is not in the largest block
//! internal              1 - requested / allocated   the share that users did not request
//! ```
//! *Unusable free space index* of an order, as Linux defines it
//! (`/sys/kernel/debug/extfrag/unusable_index`): the part of the free memory that a request of
//! that order cannot use, because it lies in smaller blocks. 0: all of it is usable; 1000: none.
//!
//! *External fragmentation*: 1 - largest free block / free memory. A request has at most 1 MiB,
//! so a free block of 1 MiB serves any request: more free memory than that counts as 1 MiB.
//!
//! *Internal fragmentation*: 1 - requested bytes / allocated bytes, of live allocations.

use super::statistics::HeapStatistics;
use crate::vocabulary::order::Order;

/// A part of a whole, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thousandths(pub u32);

impl Thousandths {
    /// Returns `part` of `whole`, rounded to the nearest; 0 if `whole` is 0.
    pub const fn of(part: u64, whole: u64) -> Thousandths {
        if whole == 0 {
            return Thousandths(0);
        }
        let (part, whole) = (part as u128, whole as u128);
        Thousandths(((part * 1000 + whole / 2) / whole) as u32)
    }
}

impl core::fmt::Display for Thousandths {
    /// Writes the share as percent, with one decimal.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{} %", self.0 / 10, self.0 % 10)
    }
}

/// Free memory, summed up over its blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreeSpace {
    /// All free bytes.
    pub bytes: u64,
    /// Number of free blocks.
    pub blocks: u64,
    /// The largest free block in bytes.
    pub largest: u64,
    /// Bytes that requests of each order can use.
    usable: [u64; Order::COUNT],
}

impl FreeSpace {
    /// Adds `count` free blocks of this many bytes.
    pub fn add(&mut self, bytes: u64, count: u64) {
        if count == 0 || bytes == 0 {
            return;
        }
        self.bytes += bytes * count;
        self.blocks += count;
        self.largest = self.largest.max(bytes);
        for (order, usable) in Order::all().zip(&mut self.usable) {
            *usable += bytes / order.bytes() * order.bytes() * count;
        }
    }

    /// Returns the unusable free space index of an order.
    pub fn unusable(&self, order: Order) -> Thousandths {
        Thousandths::of(self.bytes - self.usable[order.index()], self.bytes)
    }

    /// Returns the external fragmentation.
    pub fn external(&self) -> Thousandths {
        let whole = self.bytes.min(Order::LARGEST.bytes());
        Thousandths::of(whole - self.largest.min(whole), whole)
    }
}

/// Returns the internal fragmentation.
pub const fn internal(requested: u64, allocated: u64) -> Thousandths {
    Thousandths::of(allocated - requested, allocated)
}

impl HeapStatistics {
    /// Sums up the free blocks.
    pub fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        for (order, &count) in Order::all().zip(&self.free) {
            space.add(order.bytes(), count.into());
        }
        space
    }

    /// Returns the internal fragmentation of the live allocations.
    pub const fn internal(&self) -> Thousandths {
        internal(self.requested_bytes, self.live_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: u8) -> Order {
        Order::new(number).unwrap()
    }

    #[test]
    fn the_example_of_the_picture() {
        let mut space = FreeSpace::default();
        space.add(64 << 10, 2);
        space.add(256 << 10, 1);
        assert_eq!((space.bytes, space.blocks), (384 << 10, 3));
        assert_eq!(space.unusable(order(10)), Thousandths(0));
        assert_eq!(space.unusable(order(11)), Thousandths(333));
        assert_eq!(space.unusable(order(12)), Thousandths(333));
        assert_eq!(space.unusable(order(13)), Thousandths(1000));
        assert_eq!(space.external(), Thousandths(333));
    }

    #[test]
    fn a_block_that_is_not_a_power_of_two_is_usable_in_part() {
        let mut space = FreeSpace::default();
        space.add(3 * 64 + 16, 1);
        assert_eq!(space.unusable(order(0)), Thousandths(77));
        assert_eq!(space.unusable(order(1)), Thousandths(385));
    }

    #[test]
    fn several_whole_chunks_are_not_fragmented() {
        let mut space = FreeSpace::default();
        space.add(1 << 20, 5);
        assert_eq!(space.external(), Thousandths(0));
        assert_eq!(space.unusable(Order::LARGEST), Thousandths(0));
        let none = FreeSpace::default();
        assert_eq!(none.external(), Thousandths(0));
        assert_eq!(none.unusable(Order::LARGEST), Thousandths(0));
    }

    #[test]
    fn internal_fragmentation_is_the_share_that_was_not_requested() {
        assert_eq!(internal(300, 512), Thousandths(414));
        assert_eq!(internal(300, 320), Thousandths(63));
        assert_eq!(internal(0, 0), Thousandths(0));
        assert_eq!(std::format!("{}", Thousandths(62)), "6.2 %");
    }
}
