//! Serving requests and freeing allocations: from the cache, or from the buddy system.
//!
//! ```text
//!            serve                              free
//! cache ──► HeapReuse ──► live allocation ──► HeapCache ──► cache
//!   └─ full: HeapReturn ─┐      ▲    │                        └─ drained: HeapReturn ─┐
//! buddy system ──► HeapAllocate ┘    └─ HeapFree ──► buddy system ◄───────────────────┘
//! ```

use super::allocation::{Allocation, Request, granules_for, with_spare};
use super::buddy_heap::Heap;
use super::cache::DEPTH;
use super::error::{HeapError, HeapFreeError};
use super::header::{Begins, Header};
use super::sizes::FRAME_GRANULES;
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::order::{GRANULE_BYTES, Order};
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

impl<T: Tracer> Heap<'_, T> {
    /// Serves a request. The content of the allocation is unspecified.
    ///
    /// # Errors
    /// As [`Heap::allocate`].
    #[inline]
    pub fn serve(&mut self, request: Request) -> Result<Allocation, HeapError> {
        match self.reuse(&request) {
            Some(allocation) => Ok(allocation),
            None => self.serve_from_buddies(&request),
        }
    }

    /// Serves a request from the cache; `None` if the cache cannot serve it. The content of the
    /// allocation is unspecified.
    #[inline(always)]
    pub fn reuse(&mut self, request: &Request) -> Option<Allocation> {
        let owner = request.owner & Tag::OWNERS;
        let room = request.bytes.saturating_add(request.spare);
        let granules = room.div_ceil(GRANULE_BYTES as usize);
        let granules = match request.trimmed {
            true => granules,
            false => granules.checked_next_power_of_two().unwrap_or(usize::MAX),
        };
        // Sizes of the cache are too small to be rounded. A block is aligned at least to its own
        // size.
        let is_plain = request.bytes > 0
            && !owner.is_empty()
            && request.align.is_power_of_two()
            && request.align <= GRANULE_BYTES as usize;
        if !is_plain {
            return None;
        }
        let (granule, header) = self.cache.pop(self.headers, granules)?;
        let allocation = Allocation {
            address: VirtAddr::new_truncate(self.start.as_u64() + granule as u64 * GRANULE_BYTES),
            bytes: granules as u64 * GRANULE_BYTES,
            requested: request.bytes as u64,
            owner,
            site: request.site,
            marks: request.marks,
        };
        *header = header.reused(&allocation);
        self.counts.add(&allocation);
        self.tracer.record(Payload::HeapReuse {
            block: allocation.address,
            granules: granules as u16,
            requested: request.bytes as u32,
            owner,
        });
        Some(allocation)
    }

    /// Serves a request that the cache cannot serve.
    #[inline(never)]
    fn serve_from_buddies(&mut self, request: &Request) -> Result<Allocation, HeapError> {
        let room = with_spare(request.bytes, request.spare);
        let owner = request.owner & Tag::OWNERS;
        let bytes = request.bytes;
        let order = match self.order_for(room, request.align, owner) {
            Ok(order) => order,
            Err(error) => {
                self.refuse(bytes, owner);
                return Err(error);
            }
        };
        let Some((granule, around)) = self.smallest_free(order) else {
            if self.committed < self.maximum {
                return Err(HeapError::MustGrow { bytes });
            }
            self.refuse(bytes, owner);
            return Err(HeapError::Exhausted { bytes });
        };
        let granules = if request.trimmed {
            granules_for(room)
        } else {
            order.granules()
        };
        let allocation = Allocation {
            address: self.address(granule),
            bytes: granules as u64 * GRANULE_BYTES,
            requested: bytes as u64,
            owner,
            site: request.site,
            marks: request.marks,
        };
        self.take(&allocation, around);
        Ok(allocation)
    }

    /// Returns the smallest free block of at least this order. If there is none, the cache first
    /// returns its allocations.
    fn smallest_free(&mut self, order: Order) -> Option<(usize, Order)> {
        let found = self.free.smallest(order);
        if found.is_none() && self.drain() > 0 {
            return self.free.smallest(order);
        }
        found
    }

    /// Turns free blocks into this allocation. All its granules must be free. `around` is the order
    /// of the free block that contains its last block.
    pub(super) fn take(&mut self, allocation: &Allocation, around: Order) {
        let granule = ((allocation.address - self.start) / GRANULE_BYTES) as usize;
        let granules = (allocation.bytes / GRANULE_BYTES) as usize;
        self.free.carve(granule, granules, around);
        self.headers[granule] = Header::live(allocation);
        self.count_references(granule, granules, |count| count + 1);
        self.counts.take(granules);
        self.counts.add(allocation);
        self.tracer.record(Payload::HeapAllocate {
            block: allocation.address,
            granules: granules as u16,
            from: around.number(),
            requested: allocation.requested as u32,
            owner: allocation.owner,
        });
    }

    /// Frees the allocation that begins at this address and returns it.
    ///
    /// # Errors
    /// No allocation begins there. Nothing changes then.
    #[inline(always)]
    pub fn free(&mut self, address: VirtAddr) -> Result<Allocation, HeapFreeError> {
        let granule = self.header_index(address);
        let header = self.headers.get_mut(granule);
        let Some(header) = header.filter(|header| header.begins() == Begins::Live) else {
            return Err(self.why_not_live(address));
        };
        let before = *header;
        let granules = before.size_class();
        let mut cached = self.cache.push(header, granule, granules);
        if !cached && self.make_room(granules) {
            cached = self
                .cache
                .push(&mut self.headers[granule], granule, granules);
        }
        if !cached {
            return self.free_uncached(address);
        }
        let allocation = Allocation {
            bytes: granules as u64 * GRANULE_BYTES,
            ..before.decode(address)
        };
        self.counts.remove(&allocation);
        self.tracer.record(Payload::HeapCache {
            block: address,
            granules: granules as u16,
            requested: allocation.requested as u32,
            owner: allocation.owner,
        });
        Ok(allocation)
    }

    /// Frees the allocation that begins at this address past the cache, and returns it.
    ///
    /// # Errors
    /// As [`Heap::free`].
    #[inline(never)]
    pub fn free_uncached(&mut self, address: VirtAddr) -> Result<Allocation, HeapFreeError> {
        let allocation = self.live(address)?;
        self.release(&allocation);
        Ok(allocation)
    }

    /// Frees an allocation past the cache, and merges its last block with free buddies.
    #[inline(never)]
    pub(super) fn release(&mut self, allocation: &Allocation) {
        let granule = ((allocation.address - self.start) / GRANULE_BYTES) as usize;
        let granules = (allocation.bytes / GRANULE_BYTES) as usize;
        self.counts.remove(allocation);
        let merged = self.give(granule, granules);
        self.tracer.record(Payload::HeapFree {
            block: allocation.address,
            granules: granules as u16,
            into: merged.number(),
            requested: allocation.requested as u32,
            owner: allocation.owner,
        });
    }

    /// Returns all cached allocations to the buddy system, and how many there were.
    #[cold]
    #[inline(never)]
    pub fn drain(&mut self) -> usize {
        let mut returned = 0;
        for granules in 1..=self.cache.largest() {
            while let Some((granule, _)) = self.cache.pop(self.headers, granules) {
                self.return_cached(granule, granules);
                returned += 1;
            }
        }
        returned
    }

    /// Returns the older half of a full stack to the buddy system; `false` if allocations of this
    /// many granules are not cached.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, granules: usize) -> bool {
        let holds = self.cache.holds(granules);
        for _ in 0..if holds { DEPTH / 2 } else { 0 } {
            let oldest = self.cache.pop_oldest(self.headers, granules);
            self.return_cached(oldest.expect("the stack is full"), granules);
        }
        holds
    }

    /// Returns an allocation that has left the cache.
    fn return_cached(&mut self, granule: usize, granules: usize) {
        let merged = self.give(granule, granules);
        self.tracer.record(Payload::HeapReturn {
            block: self.address(granule),
            granules: granules as u16,
            into: merged.number(),
        });
    }

    /// Makes blocks free, and returns the order of the free block that contains the last of them.
    fn give(&mut self, granule: usize, granules: usize) -> Order {
        self.headers[granule] = Header::default();
        self.count_references(granule, granules, |count| count - 1);
        self.counts.give(granules);
        self.free.merge(granule, granules)
    }

    #[inline]
    fn count_references(&mut self, granule: usize, granules: usize, change: impl Fn(u8) -> u8) {
        let first = granule / FRAME_GRANULES;
        let end = (granule + granules).div_ceil(FRAME_GRANULES);
        for count in &mut self.references[first..end] {
            *count = change(*count);
        }
    }
}
