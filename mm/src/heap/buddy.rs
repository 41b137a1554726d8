//! The strategies of the buddy system, without a cache: whole blocks, or blocks whose unused tail
//! is returned.

use super::allocation::{Marks, Request};
use super::block_allocator::{ArenaSizes, BlockAllocator, Setup};
use super::buddy_heap::Heap;
use super::fragmentation::FreeSpace;
use super::sizes::HeapSizes;
use super::storage::HeapStorage;
use crate::tracer::Tracer;
use crate::vocabulary::site::Site;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// A buddy system that fills its arena.
#[derive(Debug)]
pub struct Buddy<'m, T> {
    heap: Heap<'m, T>,
    trimmed: bool,
}

impl<T> Buddy<'_, T> {
    /// Blocks are powers of two that merge with their buddies.
    pub(super) const IS_BUDDY: bool = true;

    /// Returns the buffers of an arena of this many bytes.
    pub(super) const fn sizes(bytes: u64, _blocks: usize) -> ArenaSizes {
        ArenaSizes {
            heap: HeapSizes {
                cache: 0,
                ..HeapStorage::sizes(bytes)
            },
            ..ArenaSizes::NONE
        }
    }

    /// Returns the tracer that records the events.
    pub(super) const fn tracer(&self) -> &T {
        &self.heap.tracer
    }
}

impl<'m, T: Tracer> Buddy<'m, T> {
    /// Returns an arena that allocates whole blocks: each a power of two.
    pub(super) fn whole(setup: Setup<'m, T>) -> Self {
        Buddy::new(setup, false)
    }

    /// Returns an arena that returns the unused tail of each block.
    pub(super) fn trimmed(setup: Setup<'m, T>) -> Self {
        Buddy::new(setup, true)
    }

    fn new(setup: Setup<'m, T>, trimmed: bool) -> Self {
        let storage = HeapStorage {
            bits: setup.storage.bits,
            headers: setup.storage.headers,
            references: setup.storage.references,
            cache: &mut [],
        };
        let heap = Heap::new(setup.start, setup.bytes, storage, setup.tracer);
        let mut heap = heap.expect("the storage has the sizes of the strategy");
        while heap.grow().is_ok() {}
        Buddy { heap, trimmed }
    }

    fn address(&self, offset: u64) -> Option<VirtAddr> {
        let address = self.heap.start().as_u64().checked_add(offset)?;
        VirtAddr::try_new(address).ok()
    }
}

impl<T: Tracer> BlockAllocator for Buddy<'_, T> {
    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        let request = Request {
            bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
            spare: 0,
            align: 1,
            owner: Tag::HEAP,
            site: Site::UNKNOWN,
            marks: Marks::empty(),
            trimmed: self.trimmed,
        };
        let found = self.heap.serve(request).ok()?;
        Some(found.address - self.heap.start())
    }

    fn free(&mut self, offset: u64) -> bool {
        let address = self.address(offset);
        address.is_some_and(|address| self.heap.free(address).is_ok())
    }

    /// Grows a block into free buddies after it, if its offset suits the new size, or returns its
    /// unused tail.
    fn resize_in_place(&mut self, offset: u64, bytes: u64) -> bool {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let resized = self.address(offset).and_then(|address| match self.trimmed {
            true => self.heap.resize(address, bytes, 0),
            false => self.heap.resize_whole(address, bytes),
        });
        resized.is_some()
    }

    fn block_bytes(&self, offset: u64) -> u64 {
        let live = self.address(offset).and_then(|at| self.heap.allocation(at));
        live.map_or(0, |block| block.bytes)
    }

    fn allocated(&self) -> u64 {
        self.heap.statistics().live_bytes
    }

    fn free_space(&self) -> FreeSpace {
        self.heap.statistics().free_space()
    }

    fn validate(&self) -> Result<(), u64> {
        self.heap.validate().map_err(|_| 0)
    }
}
