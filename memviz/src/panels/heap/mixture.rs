//! The contents of a part of the heap that is drawn as one cell.
//!
//! ```text
//! blocks  …▓▓▓▓▓▓▓▓▓▓│░░░░░│▓▓▓····│…
//! range       [ live │ free│live    ]     the last block has internal fragmentation: ····
//! ```
//! A cell has at most three heights: free, internal fragmentation, requested. It looks empty or
//! full only if it is.

use crate::model::heap::GRANULE_BYTES;
use crate::model::{Heap, OWNERS};
use core::ops::Range;

/// The contents of a range of granules.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mixture {
    /// Granules that are backed by frames.
    pub granules: usize,
    /// Granules in live blocks.
    live: usize,
    /// Granules in cached blocks.
    cached: usize,
    /// Bytes of internal fragmentation: those at the end of each live block.
    padding: usize,
    /// The owner with most of the live bytes.
    pub owner: usize,
    /// A block at least as long as the range begins with it.
    pub begins_block: bool,
}

impl Mixture {
    /// The contents of these granules, which need not all be in the heap.
    pub fn of(heap: &Heap, range: Range<usize>) -> Mixture {
        let mut mixture = Mixture::default();
        let mut by_owner = [0; OWNERS];
        for block in heap.blocks_in(range.clone()) {
            let (start, end) = (block.granule, block.granules().end);
            mixture.begins_block |= start >= range.start && end - start >= range.len();
            let inside = start.max(range.start)..end.min(range.end);
            mixture.granules += inside.len();
            if block.is_cached {
                mixture.cached += inside.len();
            }
            if let Some(owner) = block.owner {
                mixture.live += inside.len();
                let requested = start * GRANULE_BYTES + block.requested as usize;
                let begin = requested.max(inside.start * GRANULE_BYTES);
                mixture.padding += (inside.end * GRANULE_BYTES).saturating_sub(begin);
                by_owner[owner] += inside.len();
            }
        }
        mixture.owner = most_of(&by_owner);
        mixture
    }

    /// The pixels of internal fragmentation, if `height` pixels stand for all live bytes.
    pub fn padding_height(&self, height: u32) -> u32 {
        let live = (self.live * GRANULE_BYTES).max(1);
        (self.padding as u64 * u64::from(height) / live as u64) as u32
    }

    /// The cached pixels of `height`, above the live ones: at least one if anything is cached.
    pub fn cached_height(&self, height: u32) -> u32 {
        if self.cached == 0 {
            return 0;
        }
        let share = self.cached as u64 * u64::from(height) / self.granules as u64;
        (share as u32).max(1).min(height - self.live_height(height))
    }

    /// The live pixels of `height`: none only if nothing is live, all only if everything is.
    pub fn live_height(&self, height: u32) -> u32 {
        match self.live {
            0 => 0,
            live if live == self.granules => height,
            live => {
                let filled = live as u64 * u64::from(height) / self.granules as u64;
                (filled as u32).clamp(1, height.saturating_sub(1).max(1))
            }
        }
    }
}

/// The owner with most bytes: the first of several, and the first of all if none has any.
pub fn most_of(by_owner: &[usize; OWNERS]) -> usize {
    let most = by_owner.iter().max().copied().unwrap_or(0);
    let first = by_owner.iter().position(|&granules| granules == most);
    first.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::watched::with_model;
    use crate::testing::{CACHED, Machine, Move};
    use crate::view::map::View;
    use proptest::prelude::*;

    const HEAP: usize = 4 << 20;

    proptest! {
        #![proptest_config(crate::testing::cases(48))]

        /// Compares with a walk over every granule of the blocks of the naive machine.
        #[test]
        fn a_mixture_has_the_bytes_of_its_blocks(
            moves in prop::collection::vec(any::<Move>(), 0..300),
            shift in 0..6u32,
        ) {
            let mut machine = Machine::new(4000, HEAP as u64);
            let heap_moves: Vec<Move> = moves.iter().map(|&(what, place, amount)| (11 + what % 5, place, amount)).collect();
            machine.play(&heap_moves);
            let view = View { first: 0, shift: 4, cells: 250 };
            with_model(4000, HEAP, view, |model| {
                machine.events.iter().for_each(|event| model.apply(event));
                let length = 16 << shift;
                for first in (0..HEAP / GRANULE_BYTES + length).step_by(length) {
                    let mixture = Mixture::of(&model.heap, first..first + length);
                    let mut live = [0; OWNERS];
                    let mut padding = 0;
                    let (mut granules, mut cached, mut begins_block) = (0, 0, false);
                    for (&offset, &(order, owner)) in &machine.blocks {
                        let start = offset as usize / GRANULE_BYTES;
                        let end = start + (1 << order);
                        let inside = end.min(first + length).saturating_sub(start.max(first));
                        granules += inside;
                        begins_block |= start == first && end >= first + length;
                        if owner == Some(CACHED) {
                            cached += inside;
                        } else if let Some((owner, requested)) = owner {
                            let requested = (offset as usize + requested as usize).max(first * 64);
                            padding += (end.min(first + length) * 64).saturating_sub(requested);
                            live[crate::model::heap::owner_number(owner)] += inside;
                        }
                    }
                    prop_assert_eq!(mixture.granules, granules);
                    prop_assert_eq!(mixture.cached, cached);
                    prop_assert_eq!(mixture.padding, padding);
                    prop_assert_eq!(mixture.live, live.iter().sum::<usize>());
                    prop_assert_eq!(live[mixture.owner], *live.iter().max().unwrap());
                    prop_assert_eq!(mixture.begins_block, begins_block);
                }
                Ok(())
            })?;
        }
    }

    #[test]
    fn a_cell_is_empty_or_full_only_if_it_is() {
        let height = |live, height| {
            Mixture {
                granules: 16,
                live,
                ..Mixture::default()
            }
            .live_height(height)
        };
        assert_eq!(
            [0, 1, 8, 15, 16].map(|live| height(live, 10)),
            [0, 1, 5, 9, 10]
        );
        assert_eq!(
            [0, 1, 8, 15, 16].map(|live| height(live, 2)),
            [0, 1, 1, 1, 2]
        );
    }
}
