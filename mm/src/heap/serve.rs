//! Serving requests and freeing allocations, block by block.

use super::allocation::{Allocation, Marks, Request, granules_for, orders, with_spare};
use super::block::Block;
use super::buddy_heap::Heap;
use super::error::HeapError;
use super::sizes::FRAME_GRANULES;
use super::storage::Header;
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
        let owner = request.owner & Tag::OWNERS;
        let room = with_spare(request.bytes, request.spare);
        let order = match self.order_for(room, request.align, owner) {
            Ok(order) => order,
            Err(error) => {
                self.refuse(request.bytes, owner);
                return Err(error);
            }
        };
        let bytes = request.bytes;
        let Some((granule, from)) = self.free.smallest(order) else {
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
            marks: Marks::empty(),
        };
        self.take(&allocation, Some(from));
        Ok(allocation)
    }

    /// Turns free blocks into this allocation. All its granules must be free. `from` is the order
    /// of the free block that begins at the same address and holds all of it, if there is one.
    #[inline]
    pub(super) fn take(&mut self, allocation: &Allocation, mut from: Option<Order>) {
        let granules = (allocation.bytes / GRANULE_BYTES) as usize;
        let mut left = allocation.requested;
        let mut address = allocation.address;
        for order in orders(granules) {
            let requested = left.min(order.bytes());
            left -= requested;
            self.take_block(address, order, from, requested as u32, allocation);
            // The buddy of a block that was split off a larger one is free; the next block lies
            // there.
            from = from.map(|_| order);
            address += order.bytes();
        }
        self.counts.allocations += 1;
    }

    #[inline]
    fn take_block(
        &mut self,
        address: VirtAddr,
        order: Order,
        from: Option<Order>,
        requested: u32,
        of: &Allocation,
    ) {
        let granule = ((address - self.start) / GRANULE_BYTES) as usize;
        let from = from.unwrap_or_else(|| self.free.order_around(granule, order));
        self.free.carve(granule, from, order);
        let block = Block {
            address,
            order,
            requested,
            owner: of.owner,
        };
        let part = address != of.address;
        let more = address + order.bytes() != of.end();
        self.headers[granule] = Header::of(&block, of.site, of.marks).linked(part, more);
        self.count_references(granule, order, |count| count + 1);
        self.counts.add(&block);
        self.tracer.record(Payload::HeapAllocate {
            block: address,
            order: order.number(),
            from: from.number(),
            requested,
            owner: of.owner,
        });
    }

    /// Frees the blocks of an allocation and merges them with free buddies.
    pub(super) fn release(&mut self, allocation: &Allocation) {
        let mut address = allocation.address;
        while address < allocation.end() {
            let granule = ((address - self.start) / GRANULE_BYTES) as usize;
            let block = self.headers[granule].block(address);
            let block = block.expect("the blocks of an allocation have headers");
            self.release_block(granule, &block);
            address += block.order.bytes();
        }
        self.counts.allocations -= 1;
    }

    #[inline]
    fn release_block(&mut self, granule: usize, block: &Block) {
        self.headers[granule] = Header::default();
        self.count_references(granule, block.order, |count| count - 1);
        self.counts.remove(block);
        let merged = self.free.merge(granule, block.order);
        self.tracer.record(Payload::HeapFree {
            block: block.address,
            order: block.order.number(),
            into: merged.number(),
            requested: block.requested,
            owner: block.owner,
        });
    }

    /// Returns the allocation that begins at this address.
    #[inline]
    pub fn allocation(&self, address: VirtAddr) -> Option<Allocation> {
        let granule = self.granule(address)?;
        let header = self.headers[granule];
        let first = header.block(address)?;
        if header.is_part() || address != self.address(granule) {
            return None;
        }
        let mut allocation = Allocation {
            address,
            bytes: first.order.bytes(),
            requested: first.requested.into(),
            owner: first.owner,
            site: header.site(),
            marks: header.marks(),
        };
        let mut last = header;
        while last.has_more() {
            let next = allocation.end();
            last = self.headers[self.granule(next)?];
            let block = last.block(next)?;
            allocation.bytes += block.order.bytes();
            allocation.requested += u64::from(block.requested);
        }
        Some(allocation)
    }

    /// Returns the allocation that contains this byte.
    pub fn allocation_at(&self, address: VirtAddr) -> Option<Allocation> {
        let granule = self.granule(address)?;
        // An allocation begins at a multiple of the power of two that holds all of it.
        let mut starts = Order::all().map(|order| granule & !(order.granules() - 1));
        starts.find_map(|first| {
            let found = self.allocation(self.address(first))?;
            (address < found.end()).then_some(found)
        })
    }

    /// All allocations, in ascending order of address.
    pub fn allocations(&self) -> impl Iterator<Item = Allocation> {
        self.live_blocks()
            .filter_map(|block| self.allocation(block.address))
    }

    /// Sets the marks of the allocation that begins at this address; `false` if none begins there.
    pub fn set_marks(&mut self, address: VirtAddr, marks: Marks) -> bool {
        let found = self.allocation(address).and_then(|_| self.granule(address));
        if let Some(granule) = found {
            self.headers[granule] = self.headers[granule].marked(marks);
        }
        found.is_some()
    }

    /// Marks every live allocation as [`Marks::OLD`]. An allocation without the mark was made
    /// later.
    pub fn mark(&mut self) {
        for header in self.headers[..self.committed]
            .iter_mut()
            .filter(|header| header.is_live())
        {
            *header = header.marked(header.marks() | Marks::OLD);
        }
    }

    #[inline]
    fn count_references(&mut self, granule: usize, order: Order, change: impl Fn(u8) -> u8) {
        let first = granule / FRAME_GRANULES;
        let frames = order.granules().div_ceil(FRAME_GRANULES);
        for count in &mut self.references[first..first + frames] {
            *count = change(*count);
        }
    }
}
