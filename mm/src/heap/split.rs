//! Splitting free blocks into the blocks of an allocation.
//!
//! ```text
//! free      [              order 3               ]         `around`: order 3
//! 5 granules[      order 2     ][o 0][o 0][ o 1  ]
//!            └ from order 3      └ from order 2, the rest of it is free
//! ```
//! An event carries one order, `around`: that of the free block that contained the last block of
//! the allocation, or contains it again after a free. A block before that free block was a free
//! block itself, of its own order. So an event can be applied and reverted block by block.

use super::allocation::MOST_BLOCKS;
use crate::vocabulary::order::Order;

/// A block of an allocation, and the free block that it is split from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Its first granule, counted from the start of the heap.
    pub granule: usize,
    /// Its order.
    pub order: Order,
    /// The order of the free block that contains it before.
    pub from: Order,
}

/// Returns the blocks of the allocation of this many granules at a granule, by address. A split
/// applies after the ones before it; a free reverts them in reverse order.
#[inline]
pub fn splits(
    granule: usize,
    granules: usize,
    around: Order,
) -> impl DoubleEndedIterator<Item = Split> {
    let empty = Split {
        granule,
        order: Order::SMALLEST,
        from: around,
    };
    let mut splits = [empty; MOST_BLOCKS as usize];
    let (mut len, mut at) = (0, granule);
    for order in orders(granules) {
        if let Some(split) = splits.get_mut(len) {
            (split.granule, split.order) = (at, order);
            len += 1;
        }
        at += order.granules();
    }
    let last = splits[len.saturating_sub(1)].granule;
    let start = last & !(around.granules() - 1);
    let mut rest = None;
    for split in &mut splits[..len] {
        let inside = split.granule >= start;
        split.from = match rest {
            _ if !inside => split.order,
            Some(rest) => rest,
            None => around.max(split.order),
        };
        rest = inside.then_some(split.order);
    }
    splits.into_iter().take(len)
}

/// Returns the orders of the blocks that make up this many granules, the largest first.
#[inline]
pub(super) fn orders(granules: usize) -> impl Iterator<Item = Order> {
    let mut rest = granules;
    core::iter::from_fn(move || {
        let largest = rest.checked_ilog2()?;
        rest -= 1 << largest;
        Order::new(largest as u8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(granule: usize, granules: usize, around: u8) -> Vec<(usize, u8, u8)> {
        let around = Order::new(around).unwrap();
        splits(granule, granules, around)
            .map(|split| (split.granule, split.order.number(), split.from.number()))
            .collect()
    }

    #[test]
    fn the_first_block_is_split_from_the_whole_and_the_next_from_its_buddy() {
        assert_eq!(listed(8, 5, 3), [(8, 2, 3), (12, 0, 2)]);
        assert_eq!(listed(8, 7, 14), [(8, 2, 14), (12, 1, 2), (14, 0, 1)]);
        assert_eq!(listed(64, 64, 6), [(64, 6, 6)]);
    }

    #[test]
    fn a_block_before_the_free_block_was_free_by_itself() {
        assert_eq!(listed(8, 5, 1), [(8, 2, 2), (12, 0, 1)]);
        assert_eq!(listed(8, 7, 2), [(8, 2, 2), (12, 1, 2), (14, 0, 1)]);
    }

    #[test]
    fn numbers_that_no_allocation_has_do_no_harm() {
        assert_eq!(listed(0, 0, 3), []);
        assert_eq!(splits(0, usize::MAX, Order::LARGEST).count(), 0);
        assert_eq!(splits(0, 255, Order::LARGEST).count(), 7);
    }
}
