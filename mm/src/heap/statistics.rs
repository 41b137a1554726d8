//! The statistics of the heap, and the recount that checks them.

use super::block::{AnyBlock, Block};
use super::buddy_heap::Heap;
use super::counts::Counts;
use super::error::HeapViolation;
use super::sizes::FRAME_GRANULES;
use super::storage::{Header, HeapStorage};
use crate::tracer::Tracer;
use crate::vocabulary::order::{GRANULE_BYTES, Order};

/// The statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapStatistics {
    /// Bytes backed by frames: live and free blocks.
    pub committed_bytes: u64,
    /// Bytes to which the heap may grow.
    pub maximum_bytes: u64,
    /// Bytes of live blocks.
    pub live_bytes: u64,
    /// Requested bytes of live blocks.
    pub requested_bytes: u64,
    /// Live allocations: of one block, or of several if the tail was trimmed.
    pub allocations: u64,
    /// Live blocks of each order.
    pub live: [u32; Order::COUNT],
    /// Free blocks of each order.
    pub free: [u32; Order::COUNT],
    /// Requests refused since boot.
    pub refused: u64,
    /// Bytes of the heap's metadata.
    pub metadata_bytes: u64,
}

impl HeapStatistics {
    /// Bytes of free blocks.
    pub const fn free_bytes(&self) -> u64 {
        self.committed_bytes - self.live_bytes
    }

    /// The largest free block.
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
        HeapStatistics {
            committed_bytes: self.committed_bytes(),
            maximum_bytes: self.maximum as u64 * GRANULE_BYTES,
            live_bytes: self.counts.live_bytes,
            requested_bytes: self.counts.requested_bytes,
            allocations: self.counts.allocations,
            live: self.counts.live,
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
        let mut counts = Counts::default();
        let mut free = [0_u32; Order::COUNT];
        let mut free_granules = 0;
        let mut granule = 0;
        let mut within: Option<Block> = None;
        while granule < self.committed {
            let address = self.address(granule);
            let block = self.block_at(address).ok_or(HeapViolation::Gap(address))?;
            if block.address() != address {
                return Err(HeapViolation::Gap(address));
            }
            let order = block.order();
            match block {
                AnyBlock::Live(block) => {
                    if u64::from(block.requested) > order.bytes() {
                        return Err(HeapViolation::Requested(block));
                    }
                    let header = self.headers[granule];
                    if header.is_part() != within.is_some_and(|larger| larger.order > order) {
                        return Err(HeapViolation::Chain(block));
                    }
                    counts.allocations += u64::from(!header.is_part());
                    within = header.has_more().then_some(block);
                    counts.add(&block);
                }
                AnyBlock::Free { .. } => {
                    if let Some(block) = within {
                        return Err(HeapViolation::Chain(block));
                    }
                    let buddy = granule ^ order.granules();
                    if order < Order::LARGEST && self.free.contains(buddy, order) {
                        return Err(HeapViolation::Unmerged(self.address(granule.min(buddy))));
                    }
                    free[order.index()] += 1;
                    free_granules += order.granules();
                }
            }
            granule += order.granules();
        }
        if let Some(block) = within {
            return Err(HeapViolation::Chain(block));
        }
        self.validate_references()?;
        // A block that the walk did not reach overlaps another or lies beyond the committed end.
        let headers = self.headers.iter().filter(|header| header.is_live());
        let live: u32 = counts.live.iter().sum();
        let (bytes, requested) = (counts.live_bytes, counts.requested_bytes);
        check("headers", headers.count() as u64, live.into())?;
        check(
            "free granules",
            self.free.count_granules() as u64,
            free_granules as u64,
        )?;
        check("allocations", self.counts.allocations, counts.allocations)?;
        check("bytes of live blocks", self.counts.live_bytes, bytes)?;
        check("requested bytes", self.counts.requested_bytes, requested)?;
        let kept = [&self.counts.live, self.free.counts()]
            .into_iter()
            .flatten();
        for (&kept, recounted) in kept.zip(counts.live.into_iter().chain(free)) {
            check("blocks of an order", kept.into(), recounted.into())?;
        }
        Ok(())
    }

    fn validate_references(&self) -> Result<(), HeapViolation> {
        for (number, &kept) in self.references.iter().enumerate() {
            let first = number * FRAME_GRANULES;
            let address = self.address(first);
            let headers = &self.headers[first..first + FRAME_GRANULES];
            let begin = headers.iter().filter(|header| header.is_live()).count();
            let within = match self.block_at(address) {
                Some(AnyBlock::Live(block)) => usize::from(block.address < address),
                _ => 0,
            };
            let recounted = (begin + within) as u8;
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
