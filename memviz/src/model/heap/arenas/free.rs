//! The free blocks of an arena, which follow from its live blocks.
//!
//! ```text
//! live        ██            ██      offsets in KiB: 1, 14
//! free list   █ one gap     █       1..14
//! buddies     █│ │  │    │  █       1..2, 2..4, 4..8, 8..12, 12..14
//! ```
//! A buddy system merges free memory as far as possible, so a gap consists of the largest possible
//! blocks. In a free list, a gap is one block.

use super::{Arena, Arenas, CHUNK_BYTES};
use core::ops::Range;
use mm::heap::fragmentation::FreeSpace;

impl Arenas<'_> {
    /// Returns the free space of an arena.
    pub fn free_space(&self, arena: &Arena) -> FreeSpace {
        let mut space = FreeSpace::default();
        for block in self.free_blocks(arena) {
            space.add(block.end - block.start, 1);
        }
        space
    }

    /// Returns the free blocks of an arena, by address, as offsets.
    pub fn free_blocks(&self, arena: &Arena) -> impl Iterator<Item = Range<u64>> {
        let (start, is_buddy) = (arena.start.as_u64(), arena.strategy.is_buddy());
        let blocks = self.blocks(arena).iter();
        let live = blocks.map(|block| (block.address, block.end()));
        let mut at = 0;
        live.chain([(arena.end(), arena.end())])
            .flat_map(move |(begin, end)| {
                let gap = at..begin - start;
                at = end - start;
                blocks_of(gap, is_buddy)
            })
    }
}

/// Returns the free blocks that a gap between two offsets consists of.
fn blocks_of(gap: Range<u64>, is_buddy: bool) -> impl Iterator<Item = Range<u64>> {
    let mut at = gap.start;
    core::iter::from_fn(move || {
        let left = gap.end.checked_sub(at).filter(|&left| left > 0)?;
        let bytes = match is_buddy {
            true => buddy_at(at).min(1 << left.ilog2()),
            false => left,
        };
        at += bytes;
        Some(at - bytes..at)
    })
}

/// Returns the length of the largest block that can start at this offset in a buddy system.
fn buddy_at(offset: u64) -> u64 {
    1 << offset.trailing_zeros().min(CHUNK_BYTES.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_gap_is_one_block_of_a_list_and_several_buddies() {
        let sizes = |gap, is_buddy| {
            let blocks = blocks_of(gap, is_buddy);
            blocks
                .map(|block| block.end - block.start)
                .collect::<Vec<_>>()
        };
        assert_eq!(sizes(1..14, false), [13]);
        assert_eq!(sizes(1..14, true), [1, 2, 4, 4, 2]);
        // Two blocks of the same size whose buddies are others.
        assert_eq!(sizes(64..192, true), [64, 64]);
        assert_eq!(sizes(CHUNK_BYTES..3 * CHUNK_BYTES, true), [CHUNK_BYTES; 2]);
        assert!(sizes(5..5, true).is_empty());
    }
}
