//! The kernel heap: a buddy system from 64 B to 1 MiB, growing chunk by chunk.
//!
//! ```text
//! start             start + committed                       start + maximum
//!   |  chunk  |  chunk  |  not mapped yet                          |
//!   +---------+---------+ - - - - - - - - - - - - - - - - - - - - -+
//!   |                    \
//!   |  order 14: 1 MiB    \ one chunk = 256 frames = 16,384 granules of 64 B
//!   +-------------------+-------------------+
//!   |     order 13      |     order 13      |   a split makes two buddies: their offsets
//!   +---------+---------+-------------------+   from the start differ in one bit
//!   | order 12| order 12|
//! ```
//! Invariants: every granule below `committed` belongs to exactly one block, live or free; two free
//! buddies are always merged, so the free granules alone say what the free blocks are; a block's
//! offset is a multiple of its size. The metadata lies beside the heap, in buffers that the
//! caller supplies: nothing inside a block is ever read or written here.
//!
//! Frames under the heap are the caller's business: map a chunk at [`Heap::next_chunk`], then
//! [`Heap::grow`]; [`Heap::shrink`], then unmap.

mod allocation;
pub mod arena;
pub mod corruption;
mod error;
pub mod fragmentation;
mod free_blocks;
pub mod free_list;
mod order;
mod resize;
mod statistics;
mod storage;
pub mod strategy;
mod walk;

pub use allocation::{Allocation, MOST_BLOCKS, Marks, Request, Site};
pub use error::{HeapError, HeapFreeError, HeapSetupError, HeapViolation};
pub use order::Order;
pub use statistics::HeapStatistics;
pub use storage::{Header, HeapSizes, HeapStorage};
pub use walk::{AnyBlock, Blocks};

use crate::event::Payload;
use crate::tag::Tag;
use crate::tracer::Tracer;
use free_blocks::FreeBlocks;
use statistics::Counts;
use x86_64::VirtAddr;

/// The smallest block, in bytes.
pub const GRANULE_BYTES: u64 = 64;
/// The largest block, and the step by which the heap grows, in bytes.
pub const CHUNK_BYTES: u64 = 1 << 20;
/// Granules in a frame: one word of free bits.
const FRAME_GRANULES: usize = 64;
const CHUNK_GRANULES: usize = (CHUNK_BYTES / GRANULE_BYTES) as usize;

/// A live block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its first byte.
    pub address: VirtAddr,
    /// Its size.
    pub order: Order,
    /// How many of its bytes were asked for.
    pub requested: u32,
    /// By whom: owner bits only.
    pub owner: Tag,
}

/// The heap. `T` takes the events.
#[derive(Debug)]
pub struct Heap<'m, T> {
    start: VirtAddr,
    /// Granules that have frames under them.
    committed: usize,
    maximum: usize,
    free: FreeBlocks<'m>,
    /// One for each granule; not empty where a live block begins.
    headers: &'m mut [Header],
    /// One for each frame: how many live blocks lie in it, or 1 for a part of a larger one.
    references: &'m mut [u8],
    counts: Counts,
    tracer: T,
}

impl<'m, T: Tracer> Heap<'m, T> {
    /// An empty heap that may grow from `start` to `start + maximum_bytes`.
    ///
    /// # Errors
    /// `start` is not on a page, the maximum is no multiple of 1 MiB, the end is not an address, or
    /// the storage is smaller than [`HeapStorage::sizes`].
    pub fn new(
        start: VirtAddr,
        maximum_bytes: u64,
        storage: HeapStorage<'m>,
        tracer: T,
    ) -> Result<Self, HeapSetupError> {
        if !start.is_aligned(FRAME_GRANULES as u64 * GRANULE_BYTES) {
            return Err(HeapSetupError::Start(start));
        }
        let last = start.as_u64().checked_add(maximum_bytes.wrapping_sub(1));
        let end_is_address = last.is_some_and(|last| {
            VirtAddr::try_new(last).is_ok() && last >> 47 == start.as_u64() >> 47
        });
        if maximum_bytes == 0 || !maximum_bytes.is_multiple_of(CHUNK_BYTES) || !end_is_address {
            return Err(HeapSetupError::Maximum(maximum_bytes));
        }
        let HeapStorage {
            bits,
            headers,
            references,
        } = storage.cut(maximum_bytes)?;
        Ok(Heap {
            start,
            committed: 0,
            maximum: headers.len(),
            free: FreeBlocks::new(bits, references.len()),
            headers,
            references,
            counts: Counts::default(),
            tracer,
        })
    }

    /// Takes one block of at least `bytes` bytes, aligned to `align`, for `owner`. Its content is
    /// whatever it was. [`Heap::serve`] wastes less.
    ///
    /// # Errors
    /// [`HeapError::MustGrow`] asks the caller to [`grow`](Heap::grow) and try again, or to
    /// [`refuse`](Heap::refuse); every other refusal is recorded.
    #[inline]
    pub fn allocate(&mut self, bytes: usize, align: usize, owner: Tag) -> Result<Block, HeapError> {
        let allocation = self.serve(Request {
            bytes,
            spare: 0,
            align,
            owner,
            site: Site::UNKNOWN,
            trimmed: false,
        })?;
        Ok(Block {
            address: allocation.address,
            order: Order::holding(allocation.bytes as usize).expect("one block"),
            requested: bytes as u32,
            owner: allocation.owner,
        })
    }

    /// Gives an allocation back by its first byte; tells what it was.
    ///
    /// # Errors
    /// No allocation begins there. Nothing changes then.
    #[inline]
    pub fn free(&mut self, address: VirtAddr) -> Result<Allocation, HeapFreeError> {
        let allocation = self.live(address)?;
        self.release(&allocation);
        Ok(allocation)
    }

    /// The allocation whose first byte this is.
    ///
    /// # Errors
    /// Why it could not be freed.
    #[inline]
    pub fn live(&self, address: VirtAddr) -> Result<Allocation, HeapFreeError> {
        if self.granule(address).is_none() {
            return Err(HeapFreeError::NotInHeap(address));
        }
        self.allocation(address)
            .ok_or_else(|| self.why_not_live(address))
    }

    /// Where the next chunk of 1 MiB goes, or `None` at the maximum.
    pub fn next_chunk(&self) -> Option<VirtAddr> {
        (self.committed < self.maximum).then(|| self.address(self.committed))
    }

    /// Takes the chunk at [`Heap::next_chunk`], which the caller has mapped, into use.
    ///
    /// # Errors
    /// [`HeapError::Exhausted`] at the maximum.
    pub fn grow(&mut self) -> Result<(), HeapError> {
        let bytes = CHUNK_BYTES as usize;
        let start = self.next_chunk().ok_or(HeapError::Exhausted { bytes })?;
        self.tracer.record(Payload::HeapGrow {
            start,
            bytes: CHUNK_BYTES,
        });
        self.free.add_chunk(self.committed);
        self.committed += CHUNK_GRANULES;
        Ok(())
    }

    /// Gives the last chunk up if it is wholly free; the caller may unmap the 1 MiB from there on.
    pub fn shrink(&mut self) -> Option<VirtAddr> {
        let last = self.committed.checked_sub(CHUNK_GRANULES)?;
        if !self.free.remove_chunk(last) {
            return None;
        }
        self.committed = last;
        let start = self.address(last);
        self.tracer.record(Payload::HeapShrink {
            start,
            bytes: CHUNK_BYTES,
        });
        Some(start)
    }

    /// Records that a request was refused: what to do after [`HeapError::MustGrow`] when there are
    /// no frames to grow with.
    #[cold]
    pub fn refuse(&mut self, bytes: usize, owner: Tag) {
        self.counts.refused += 1;
        self.tracer.record(Payload::HeapRefuse {
            heap: self.start,
            requested: bytes as u64,
            owner: owner & Tag::OWNERS,
        });
    }

    /// Who takes the events.
    pub const fn tracer(&self) -> &T {
        &self.tracer
    }

    /// The first byte.
    pub const fn start(&self) -> VirtAddr {
        self.start
    }

    /// How many bytes from the start on have frames under them.
    pub const fn committed_bytes(&self) -> u64 {
        self.committed as u64 * GRANULE_BYTES
    }

    /// How many live blocks lie in each frame below the committed end; a part of a larger live
    /// block counts 1.
    pub fn references(&self) -> &[u8] {
        &self.references[..self.committed / FRAME_GRANULES]
    }

    #[inline]
    fn order_for(&self, bytes: usize, align: usize, owner: Tag) -> Result<Order, HeapError> {
        if owner.is_empty() {
            return Err(HeapError::NoOwner);
        }
        if bytes == 0 {
            return Err(HeapError::NoBytes);
        }
        // Offsets are aligned to a block's size; addresses are so only as far as the start is.
        let start_align = 1 << self.start.as_u64().trailing_zeros().min(20);
        if !align.is_power_of_two() || align as u64 > start_align {
            return Err(HeapError::Alignment { align });
        }
        Order::holding(bytes.max(align)).ok_or(HeapError::TooLarge { bytes })
    }

    /// The granule that has this byte, if it is in the committed part.
    #[inline]
    fn granule(&self, address: VirtAddr) -> Option<usize> {
        let offset = address.as_u64().checked_sub(self.start.as_u64())?;
        let granule = (offset / GRANULE_BYTES) as usize;
        (granule < self.committed).then_some(granule)
    }

    #[inline]
    fn address(&self, granule: usize) -> VirtAddr {
        self.start + granule as u64 * GRANULE_BYTES
    }

    #[cold]
    fn why_not_live(&self, address: VirtAddr) -> HeapFreeError {
        match self.allocation_at(address) {
            Some(allocation) => HeapFreeError::Inside {
                address,
                allocation,
            },
            None => HeapFreeError::AlreadyFree(address),
        }
    }
}

#[cfg(test)]
mod tests;
