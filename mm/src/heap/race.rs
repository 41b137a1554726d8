//! A race of strategies over the same requests.
//!
//! ```text
//! seed ──► request, request, free, request, … ──┬──► buddy, whole blocks
//!                                               ├──► buddy, trimmed
//!                                               ├──► free list, first fit
//!                                               └──► free list, best fit      ──► figures of each
//! ```

use super::block_allocator::BlockAllocator;
use super::fragmentation::{FreeSpace, Thousandths, internal};
use super::strategy::Arena;
use crate::tracer::Tracer;
use crate::vocabulary::order::CHUNK_BYTES;

/// The requests of a race. A number of blocks is live; each step replaces one of them, chosen at
/// random. Sizes are random as well: every doubling is equally likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTrace {
    /// The same seed gives the same requests.
    pub seed: u64,
    /// Number of steps.
    pub steps: u32,
    /// The smallest request in bytes, at least 1.
    pub smallest: u64,
    /// The largest request in bytes, at least `smallest`.
    pub largest: u64,
}

impl RequestTrace {
    /// Requests of 16 B to 64 KiB.
    pub const fn mixed(seed: u64, steps: u32) -> Self {
        RequestTrace {
            seed,
            steps,
            smallest: 16,
            largest: 64 << 10,
        }
    }

    /// Returns the size of the next request.
    fn draw(&self, random: &mut fastrand::Rng) -> u64 {
        let smallest = self.smallest.max(1);
        let largest = self.largest.max(smallest);
        let (first, last) = (smallest.ilog2(), largest.ilog2());
        let doubling = 1 << random.u32(first..last.max(first + 1)).min(62);
        let bytes = doubling + random.u64(..=doubling);
        bytes.clamp(smallest, largest)
    }
}

/// A block in a race.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    offset: u64,
    /// 0 if there is no block.
    requested: u64,
}

/// The result of one allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RaceFigures {
    /// The name of its strategy.
    pub name: &'static str,
    /// Requests served.
    pub served: u32,
    /// Requests refused.
    pub refused: u32,
    /// Requested bytes of the live blocks at the end.
    pub requested: u64,
    /// Bytes of the live blocks at the end.
    pub allocated: u64,
    /// The free blocks at the end.
    pub free: FreeSpace,
}

impl RaceFigures {
    /// Returns the internal fragmentation at the end.
    pub const fn internal(&self) -> Thousandths {
        internal(self.requested, self.allocated)
    }
}

/// Plays the requests to an empty arena and leaves its blocks live. There is at most one block for
/// each element of `held`.
///
/// # Panics
/// The arena does not free one of its blocks.
pub fn race<T: Tracer>(
    allocator: &mut Arena<'_, T>,
    trace: RequestTrace,
    held: &mut [Held],
) -> RaceFigures {
    let mut random = fastrand::Rng::with_seed(trace.seed);
    let (mut served, mut refused) = (0, 0);
    held.fill(Held::default());
    for _ in 0..trace.steps {
        let index = random.usize(..held.len());
        let bytes = trace.draw(&mut random);
        let before = core::mem::take(&mut held[index]);
        if before.requested > 0 {
            assert!(allocator.free(before.offset), "a live block can be freed");
        }
        match allocator.allocate(bytes) {
            Some(offset) => {
                held[index] = Held {
                    offset,
                    requested: bytes,
                };
                served += 1;
            }
            None => refused += 1,
        }
    }
    RaceFigures {
        name: allocator.strategy().words(),
        served,
        refused,
        requested: held.iter().map(|held| held.requested).sum(),
        allocated: allocator.allocated(),
        free: allocator.free_space(),
    }
}

/// Returns the chunks of an arena that `blocks` blocks of mixed sizes fill to about three quarters.
pub const fn mixed_arena_chunks(blocks: u64) -> u64 {
    // The mean of sizes from 16 B to 64 KiB with every doubling equally likely is 8 KiB:
    // (2^17 - 2^5) / 12 * 3 / 4.
    (blocks * (8 << 10) * 4 / 3).div_ceil(CHUNK_BYTES)
}

#[cfg(test)]
mod tests {
    use super::super::tests::arenas::with_arena;
    use super::*;
    use crate::tracer::Silent;
    use crate::vocabulary::order::Order;
    use crate::vocabulary::strategy::Strategy;

    const BLOCKS: usize = 400;

    fn with_all(mut visit: impl FnMut(&mut Arena<'_, Silent>)) {
        let bytes = mixed_arena_chunks(BLOCKS as u64) * CHUNK_BYTES;
        for &strategy in Strategy::ALL {
            with_arena(strategy, bytes, BLOCKS, |mut arena| visit(&mut arena));
        }
    }

    /// 96 blocks of 8 KiB are three quarters of 1 MiB.
    #[test]
    fn blocks_of_mixed_sizes_fill_three_quarters() {
        assert_eq!([1, 96, 97, 960].map(mixed_arena_chunks), [1, 1, 2, 10]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "minutes; `strategies` plays every one")]
    fn all_strategies_play_the_same_requests_and_account_for_every_byte() {
        let mut figures = vec![];
        let steps = 20_000;
        with_all(|arena| {
            let mut held = [Held::default(); BLOCKS];
            let bytes = arena.free_space().bytes;
            let result = race(arena, RequestTrace::mixed(3, steps), &mut held);
            assert_eq!(result.served + result.refused, steps);
            assert_eq!(result.allocated + result.free.bytes, bytes);
            assert!(result.requested <= result.allocated);
            for block in held.iter().filter(|block| block.requested > 0) {
                assert!(arena.free(block.offset));
                assert!(!arena.free(block.offset), "freed twice");
            }
            assert!(!arena.free(u64::MAX) && !arena.free(bytes));
            assert_eq!((arena.allocated(), arena.free_space().bytes), (0, bytes));
            figures.push(result);
        });
        for figures in &figures {
            println!(
                "{:20} {} refused, {} internal, {} external, {} unusable for 64 KiB",
                figures.name,
                figures.refused,
                figures.internal(),
                figures.free.external(),
                figures.free.unusable(Order::new(10).unwrap())
            );
        }
        // The purpose of trimming.
        assert!(figures[1].internal() < Thousandths(70), "{figures:?}");
        assert!(figures[0].internal() > Thousandths(200), "{figures:?}");
    }

    #[test]
    fn requests_keep_within_their_sizes() {
        let mut random = fastrand::Rng::with_seed(5);
        for (smallest, largest) in [(64, 64), (1, 1), (100, 120), (0, 0), (9, 3), (1, u64::MAX)] {
            let trace = RequestTrace {
                seed: 0,
                steps: 0,
                smallest,
                largest,
            };
            for _ in 0..200 {
                let bytes = trace.draw(&mut random);
                assert!(bytes >= smallest.max(1) && bytes <= largest.max(smallest).max(1));
            }
        }
    }
}
