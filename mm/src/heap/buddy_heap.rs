//! The heap itself: setting it up, growing it, and finding a granule.

use super::allocation::{Allocation, Marks, Request};
use super::block::Block;
use super::cache::Cache;
use super::counts::Counts;
use super::error::{HeapError, HeapFreeError, HeapSetupError};
use super::free_blocks::FreeBlocks;
use super::header::Header;
use super::sizes::{CHUNK_GRANULES, FRAME_GRANULES};
use super::storage::HeapStorage;
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::order::{CHUNK_BYTES, GRANULE_BYTES, Order};
use crate::vocabulary::site::Site;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// The heap. The tracer `T` records its events.
#[derive(Debug)]
pub struct Heap<'m, T> {
    pub(super) start: VirtAddr,
    /// Granules that are backed by frames.
    pub(super) committed: usize,
    pub(super) maximum: usize,
    pub(super) free: FreeBlocks<'m>,
    /// One for each granule, not zero where an allocation begins.
    pub(super) headers: &'m mut [Header],
    /// One for each frame: the live and cached allocations that reach into it.
    pub(super) references: &'m mut [u8],
    pub(super) cache: Cache<'m>,
    pub(super) counts: Counts,
    pub(super) tracer: T,
}

impl<'m, T: Tracer> Heap<'m, T> {
    /// Creates an empty heap that may grow from `start` to `start + maximum_bytes`.
    ///
    /// # Errors
    /// `start` is not page-aligned, or the maximum is not a multiple of 1 MiB. The end is not an
    /// address, or the storage is smaller than [`HeapStorage::sizes`].
    pub fn new(
        start: VirtAddr,
        maximum_bytes: u64,
        storage: HeapStorage<'m>,
        tracer: T,
    ) -> Result<Self, HeapSetupError> {
        if !start.is_aligned(FRAME_GRANULES as u64 * GRANULE_BYTES) {
            return Err(HeapSetupError::Start(start));
        }
        // The end of the last block must be an address, in the same half as the start.
        let end = start.as_u64().checked_add(maximum_bytes);
        let end_is_address = end.is_some_and(|end| end >> 47 == start.as_u64() >> 47);
        if maximum_bytes == 0 || !maximum_bytes.is_multiple_of(CHUNK_BYTES) || !end_is_address {
            return Err(HeapSetupError::Maximum(maximum_bytes));
        }
        let HeapStorage {
            bits,
            headers,
            references,
            cache,
        } = storage.cut(maximum_bytes)?;
        Ok(Heap {
            start,
            committed: 0,
            maximum: headers.len(),
            free: FreeBlocks::new(bits, references.len()),
            headers,
            references,
            cache: Cache::new(cache),
            counts: Counts::default(),
            tracer,
        })
    }

    /// Allocates one block of at least `bytes` bytes, aligned to `align`, for `owner`. Its content
    /// is unspecified. [`Heap::serve`] has less internal fragmentation.
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
            marks: Marks::empty(),
            trimmed: false,
        })?;
        Ok(Block {
            address: allocation.address,
            order: Order::holding(allocation.bytes as usize).expect("one block"),
            requested: bytes as u32,
            owner: allocation.owner,
        })
    }

    /// Returns the allocation that begins at this address.
    ///
    /// # Errors
    /// No allocation begins there: the reason why it could not be freed.
    #[inline(always)]
    pub fn live(&self, address: VirtAddr) -> Result<Allocation, HeapFreeError> {
        self.allocation(address)
            .ok_or_else(|| self.why_not_live(address))
    }

    /// Returns the address of the next chunk of 1 MiB, or `None` at the maximum.
    pub fn next_chunk(&self) -> Option<VirtAddr> {
        (self.committed < self.maximum).then(|| self.address(self.committed))
    }

    /// Adds the chunk at [`Heap::next_chunk`], which the caller has mapped.
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

    /// Removes the last chunk if all of it is free, and returns its address. The caller may then
    /// unmap it. The cache returns its allocations before.
    pub fn shrink(&mut self) -> Option<VirtAddr> {
        self.drain();
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

    /// Counts and records a refused request. The caller does so after [`HeapError::MustGrow`] when
    /// there are no frames to grow with.
    #[cold]
    pub fn refuse(&mut self, bytes: usize, owner: Tag) {
        self.counts.refused += 1;
        self.tracer.record(Payload::HeapRefuse {
            heap: self.start,
            requested: bytes as u64,
            owner: owner & Tag::OWNERS,
        });
    }

    /// Returns the tracer that records the events.
    pub const fn tracer(&self) -> &T {
        &self.tracer
    }

    /// Returns the first byte.
    pub const fn start(&self) -> VirtAddr {
        self.start
    }

    /// Returns the bytes from the start on that are backed by frames.
    pub const fn committed_bytes(&self) -> u64 {
        self.committed as u64 * GRANULE_BYTES
    }

    /// Returns the live and cached allocations that reach into each frame below the committed end.
    pub fn references(&self) -> &[u8] {
        &self.references[..self.committed / FRAME_GRANULES]
    }

    #[inline]
    pub(super) fn order_for(
        &self,
        bytes: usize,
        align: usize,
        owner: Tag,
    ) -> Result<Order, HeapError> {
        if owner.is_empty() {
            return Err(HeapError::NoOwner);
        }
        if bytes == 0 {
            return Err(HeapError::NoBytes);
        }
        // Offsets are aligned to the block size; addresses only as far as the start is.
        let start_align = 1 << self.start.as_u64().trailing_zeros().min(20);
        if !align.is_power_of_two() || align as u64 > start_align {
            return Err(HeapError::Alignment { align });
        }
        Order::holding(bytes.max(align)).ok_or(HeapError::TooLarge { bytes })
    }

    /// Returns the granule that contains this byte, if it is in the committed part.
    #[inline]
    pub(super) fn granule(&self, address: VirtAddr) -> Option<usize> {
        let offset = address.as_u64().checked_sub(self.start.as_u64())?;
        let granule = (offset / GRANULE_BYTES) as usize;
        (granule < self.committed).then_some(granule)
    }

    #[inline]
    pub(super) fn address(&self, granule: usize) -> VirtAddr {
        self.start + granule as u64 * GRANULE_BYTES
    }

    #[cold]
    pub(super) fn why_not_live(&self, address: VirtAddr) -> HeapFreeError {
        if self.granule(address).is_none() {
            return HeapFreeError::NotInHeap(address);
        }
        match self.allocation_at(address) {
            Some(allocation) => HeapFreeError::Inside {
                address,
                allocation,
            },
            None => HeapFreeError::AlreadyFree(address),
        }
    }
}
