//! One trait for all ways of placing blocks, and a race of them over the same requests.
//!
//! ```text
//! seed ──► request, request, free, request, … ──┬──► buddy, whole blocks
//!                                               ├──► buddy, trimmed
//!                                               ├──► free list, first fit
//!                                               └──► free list, best fit      ──► figures of each
//! ```
//! Blocks are offsets: no memory is touched, so that an arena of any size can be raced.

use super::fragmentation::{FreeSpace, Thousandths, internal};
pub use crate::vocabulary::strategy::Strategy;

use super::allocation::Request;
use super::buddy_heap::Heap;
use crate::tracer::Tracer;
use crate::vocabulary::order::CHUNK_BYTES;
use crate::vocabulary::site::Site;
use crate::vocabulary::tag::Tag;

/// Hands out blocks of an arena.
pub trait BlockAllocator {
    /// How it does so.
    fn strategy(&self) -> Strategy;
    /// A block of at least that many bytes: its offset, or `None` if there is none.
    fn allocate(&mut self, bytes: u64) -> Option<u64>;
    /// Gives the block at this offset back; `false` (and nothing changes) if none begins there.
    fn free(&mut self, offset: u64) -> bool;
    /// Bytes of live blocks.
    fn allocated(&self) -> u64;
    /// What is free.
    fn free_space(&self) -> FreeSpace;
}

/// The buddy system as a strategy.
#[derive(Debug)]
pub struct Buddy<'m, T> {
    heap: Heap<'m, T>,
    trimmed: bool,
}

impl<'m, T: Tracer> Buddy<'m, T> {
    /// All of this heap, grown to its maximum, as the arena. Nothing may be mapped behind it, as
    /// nothing is touched.
    pub fn new(mut heap: Heap<'m, T>, trimmed: bool) -> Self {
        while heap.grow().is_ok() {}
        Buddy { heap, trimmed }
    }

    /// Who takes the events.
    pub const fn tracer(&self) -> &T {
        self.heap.tracer()
    }
}

impl<T: Tracer> BlockAllocator for Buddy<'_, T> {
    fn strategy(&self) -> Strategy {
        if self.trimmed {
            Strategy::BuddyTrimmed
        } else {
            Strategy::BuddyWhole
        }
    }

    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        let request = Request {
            bytes: bytes as usize,
            spare: 0,
            align: 1,
            owner: Tag::HEAP,
            site: Site::UNKNOWN,
            trimmed: self.trimmed,
        };
        let found = self.heap.serve(request).ok()?;
        Some(found.address - self.heap.start())
    }

    fn free(&mut self, offset: u64) -> bool {
        self.heap.free(self.heap.start() + offset).is_ok()
    }

    fn allocated(&self) -> u64 {
        self.heap.statistics().live_bytes
    }

    fn free_space(&self) -> FreeSpace {
        self.heap.statistics().free_space()
    }
}

/// What is asked for in a race: a number of blocks is kept, and at each step one of them, by lot,
/// is given back and another one taken. Sizes are drawn so that every doubling is as likely as any
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTrace {
    /// The same seed gives the same requests.
    pub seed: u64,
    /// How many steps.
    pub steps: u32,
    /// The smallest and the largest request, in bytes: powers of two.
    pub smallest: u64,
    /// See `smallest`.
    pub largest: u64,
}

impl RequestTrace {
    /// Requests of 16 B to 64 KiB: the mixed churn.
    pub const fn mixed(seed: u64, steps: u32) -> Self {
        RequestTrace {
            seed,
            steps,
            smallest: 16,
            largest: 64 << 10,
        }
    }
}

/// A block in a race.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    offset: u64,
    /// 0: none.
    requested: u64,
}

/// How one allocator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RaceFigures {
    /// Its name.
    pub name: &'static str,
    /// Requests that were served.
    pub served: u32,
    /// Requests that were refused.
    pub refused: u32,
    /// Bytes asked for by live blocks, at the end.
    pub requested: u64,
    /// Bytes taken by them.
    pub allocated: u64,
    /// What is free, at the end.
    pub free: FreeSpace,
}

impl RaceFigures {
    /// Internal waste at the end.
    pub const fn internal(&self) -> Thousandths {
        internal(self.requested, self.allocated)
    }
}

/// Plays the requests to an empty allocator, with one block for each element of `held`, and leaves
/// them live.
///
/// # Panics
/// If the allocator does not take a block back that it gave.
pub fn race(
    allocator: &mut dyn BlockAllocator,
    trace: RequestTrace,
    held: &mut [Held],
) -> RaceFigures {
    let mut random = fastrand::Rng::with_seed(trace.seed);
    let (mut served, mut refused) = (0, 0);
    held.fill(Held::default());
    for _ in 0..trace.steps {
        let place = random.usize(..held.len());
        let doubling = random.u32(trace.smallest.ilog2()..trace.largest.ilog2());
        let bytes = (1 << doubling) + random.u64(..=1 << doubling);
        let before = core::mem::take(&mut held[place]);
        if before.requested > 0 {
            assert!(allocator.free(before.offset), "a live block can be freed");
        }
        match allocator.allocate(bytes) {
            Some(offset) => {
                held[place] = Held {
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

/// How many chunks an arena has that `blocks` blocks of the mixed churn fill to about three
/// quarters.
pub const fn mixed_arena_chunks(blocks: u64) -> u64 {
    // The mean of sizes from 16 B to 64 KiB, every doubling alike: (2^17 - 2^5) / 12 * 3 / 4 = 8
    // KiB.
    (blocks * (8 << 10) * 4 / 3).div_ceil(CHUNK_BYTES)
}

#[cfg(test)]
mod tests {
    use super::super::free_list::{Fit, FreeList, FreeListStorage};
    use super::super::{Header, HeapStorage};
    use super::*;
    use crate::tracer::Silent;
    use x86_64::VirtAddr;

    const BLOCKS: usize = 400;

    fn with_all(mut visit: impl FnMut(&mut dyn BlockAllocator)) {
        let bytes = mixed_arena_chunks(BLOCKS as u64) * CHUNK_BYTES;
        for trimmed in [false, true] {
            let sizes = HeapStorage::sizes(bytes);
            let storage = HeapStorage {
                bits: &mut vec![0; sizes.bits],
                headers: &mut vec![Header::default(); sizes.headers],
                references: &mut vec![0; sizes.references],
            };
            let heap = Heap::new(VirtAddr::new(1 << 30), bytes, storage, Silent).unwrap();
            visit(&mut Buddy::new(heap, trimmed));
        }
        for fit in [Fit::First, Fit::Best] {
            let sizes = FreeListStorage::sizes(bytes, BLOCKS);
            let storage = FreeListStorage {
                pieces: &mut vec![Default::default(); sizes.pieces],
                live: &mut vec![0; sizes.live],
            };
            visit(&mut FreeList::new(bytes, fit, storage));
        }
    }

    #[test]
    fn all_strategies_play_the_same_requests_and_account_for_every_byte() {
        let mut figures = vec![];
        let steps = if cfg!(miri) { 500 } else { 20_000 };
        with_all(|allocator| {
            let mut held = [Held::default(); BLOCKS];
            let arena = allocator.free_space().bytes;
            let result = race(allocator, RequestTrace::mixed(3, steps), &mut held);
            assert_eq!(result.served + result.refused, steps);
            assert_eq!(result.allocated + result.free.bytes, arena);
            assert!(result.requested <= result.allocated);
            for one in held.iter().filter(|one| one.requested > 0) {
                assert!(allocator.free(one.offset));
                assert!(!allocator.free(one.offset), "freed twice");
            }
            assert_eq!(
                (allocator.allocated(), allocator.free_space().bytes),
                (0, arena)
            );
            figures.push(result);
        });
        for figures in &figures {
            println!(
                "{:20} {} refused, {} waste, {} external, {} unusable for 64 KiB",
                figures.name,
                figures.refused,
                figures.internal(),
                figures.free.external(),
                figures.free.unusable(super::super::Order::new(10).unwrap())
            );
        }
        // What trimming is for.
        assert!(figures[1].internal() < Thousandths(70), "{figures:?}");
        assert!(figures[0].internal() > Thousandths(200), "{figures:?}");
    }
}
