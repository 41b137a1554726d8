//! The statistics of the heap, and the recount that checks them.

use super::block::AnyBlock;
use super::buddy_heap::Heap;
use super::counts::Counts;
use super::error::HeapViolation;
use super::header::{Begins, Header};
use super::sizes::FRAME_GRANULES;
use super::split::orders;
use super::storage::HeapStorage;
use crate::tracer::Tracer;
use crate::vocabulary::order::{GRANULE_BYTES, Order};

/// The statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapStatistics {
    /// Bytes backed by frames: live, cached and free blocks.
    pub committed_bytes: u64,
    /// Bytes to which the heap may grow.
    pub maximum_bytes: u64,
    /// Bytes of live blocks.
    pub live_bytes: u64,
    /// Bytes of cached blocks: free for requests of their size, and for all after a drain.
    pub cached_bytes: u64,
    /// Requested bytes of live blocks.
    pub requested_bytes: u64,
    /// Live allocations: of one block, or of several if the tail was trimmed.
    pub allocations: u64,
    /// Live blocks of each order.
    pub live: [u32; Order::COUNT],
    /// Cached blocks of each order.
    pub cached: [u32; Order::COUNT],
    /// Free blocks of each order.
    pub free: [u32; Order::COUNT],
    /// Requests refused since boot.
    pub refused: u64,
    /// Bytes of the heap's metadata.
    pub metadata_bytes: u64,
}

impl HeapStatistics {
    /// Returns the bytes of free blocks.
    pub const fn free_bytes(&self) -> u64 {
        self.committed_bytes - self.live_bytes - self.cached_bytes
    }

    /// Returns the largest free block.
    pub fn largest_free(&self) -> Option<Order> {
        Order::all()
            .rev()
            .find(|order| self.free[order.index()] > 0)
    }
}

impl<T: Tracer> Heap<'_, T> {
    /// Returns the statistics, in constant time.
    pub fn statistics(&self) -> HeapStatistics {
        let sizes = HeapStorage::sizes(self.maximum as u64 * GRANULE_BYTES);
        let metadata_bytes =
            sizes.bits * size_of::<u64>() + sizes.headers * size_of::<Header>() + sizes.references;
        let metadata_bytes = metadata_bytes + size_of_val(self.cache.stacks());
        let (mut cached, mut cached_bytes) = ([0; Order::COUNT], 0);
        for (granules, count) in self.cache.sizes() {
            orders(granules).for_each(|order| cached[order.index()] += count as u32);
            cached_bytes += (granules * count) as u64 * GRANULE_BYTES;
        }
        let taken = self.counts.taken;
        HeapStatistics {
            committed_bytes: self.committed_bytes(),
            maximum_bytes: self.maximum as u64 * GRANULE_BYTES,
            live_bytes: self.counts.live_bytes,
            cached_bytes,
            requested_bytes: self.counts.requested_bytes,
            allocations: self.counts.allocations,
            live: core::array::from_fn(|order| taken[order] - cached[order]),
            cached,
            free: *self.free.counts(),
            refused: self.counts.refused,
            metadata_bytes: metadata_bytes as u64,
        }
    }

    /// Walks all blocks and recounts everything from the free bits and the headers.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn validate(&self) -> Result<(), HeapViolation> {
        self.free.validate().map_err(HeapViolation::Index)?;
        let recount = self.recount()?;
        self.validate_references()?;
        self.validate_cache()?;
        // An allocation that the walk did not reach overlaps another or lies beyond the committed
        // end.
        let headers = self.headers.iter();
        let headers = headers.filter(|header| header.begins() != Begins::Nothing);
        check("headers", headers.count() as u64, recount.headers)?;
        check(
            "free granules",
            self.free.count_granules() as u64,
            recount.free_granules as u64,
        )?;
        let (kept, counts) = (&self.counts, &recount.counts);
        check("allocations", kept.allocations, counts.allocations)?;
        check("bytes of live blocks", kept.live_bytes, counts.live_bytes)?;
        check(
            "requested bytes",
            kept.requested_bytes,
            counts.requested_bytes,
        )?;
        let kept = [&kept.taken, self.free.counts()].into_iter().flatten();
        for (&kept, recounted) in kept.zip(counts.taken.into_iter().chain(recount.free)) {
            check("blocks of an order", kept.into(), recounted.into())?;
        }
        Ok(())
    }

    /// Walks the committed part, which blocks must tile.
    fn recount(&self) -> Result<Recount, HeapViolation> {
        let mut recount = Recount::default();
        let mut granule = 0;
        while granule < self.committed {
            let address = self.address(granule);
            let header = self.headers[granule];
            if header.begins() == Begins::Nothing {
                let block = self.block_at(address).ok_or(HeapViolation::Gap(address))?;
                let AnyBlock::Free { order, .. } = block else {
                    return Err(HeapViolation::Gap(address));
                };
                let buddy = granule ^ order.granules();
                if block.address() != address {
                    return Err(HeapViolation::Gap(address));
                }
                if order < Order::LARGEST && self.free.contains(buddy, order) {
                    return Err(HeapViolation::Unmerged(self.address(granule.min(buddy))));
                }
                recount.free[order.index()] += 1;
                recount.free_granules += order.granules();
                granule += order.granules();
                continue;
            }
            let granules = header.granules();
            if !granule.is_multiple_of(granules.next_power_of_two()) {
                return Err(HeapViolation::Gap(address));
            }
            if let Some(allocation) = header.allocation(address) {
                if allocation.requested > allocation.bytes {
                    return Err(HeapViolation::Requested(allocation));
                }
                recount.counts.add(&allocation);
            }
            recount.counts.take(granules);
            recount.headers += 1;
            granule += granules;
        }
        Ok(recount)
    }

    /// Checks that the stacks of the cache have all cached allocations, each in the stack of its
    /// size.
    fn validate_cache(&self) -> Result<(), HeapViolation> {
        let mut linked = 0;
        for (granules, len) in self.cache.sizes() {
            let stack = self.cache.of(self.headers, granules).take(len + 1);
            let fits = |&granule: &usize| {
                let header = self.headers[granule];
                header.begins() == Begins::Cached && header.granules() == granules
            };
            let fitting = stack.filter(fits).count();
            check("cached allocations of a size", len as u64, fitting as u64)?;
            linked += len;
        }
        let cached = self.headers.iter();
        let cached = cached.filter(|header| header.begins() == Begins::Cached);
        check("cached allocations", linked as u64, cached.count() as u64)
    }

    fn validate_references(&self) -> Result<(), HeapViolation> {
        for (number, &kept) in self.references.iter().enumerate() {
            let first = number * FRAME_GRANULES;
            let address = self.address(first);
            let headers = &self.headers[first..first + FRAME_GRANULES];
            let begins = |header: &&Header| header.begins() != Begins::Nothing;
            let begin = headers.iter().filter(begins).count();
            let around = self.header_around(first).filter(|found| found.0 < first);
            let recounted = (begin + usize::from(around.is_some())) as u8;
            if kept != recounted {
                return Err(HeapViolation::References {
                    frame: address,
                    kept,
                    recounted,
                });
            }
        }
        Ok(())
    }
}

/// The counts of a walk.
#[derive(Default)]
struct Recount {
    counts: Counts,
    /// Live and cached allocations.
    headers: u64,
    free: [u32; Order::COUNT],
    free_granules: usize,
}

fn check(figure: &'static str, kept: u64, recounted: u64) -> Result<(), HeapViolation> {
    if kept == recounted {
        return Ok(());
    }
    Err(HeapViolation::Count {
        figure,
        kept,
        recounted,
    })
}
