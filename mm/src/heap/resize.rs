//! Resizing an allocation in place.
//!
//! ```text
//! before   [ 256 B ][ 64 B ] free  [ another allocation ]
//! after    [ 256 B ][  128 B  ]    [ another allocation ]      the free block is part of it
//! ```
//! The cache returns its allocations if one of them may be in the way. The heap records a free and
//! an allocation at the same address. The content stays, because the heap never touches it.

use super::allocation::{Allocation, granules_for, with_spare};
use super::block::AnyBlock;
use super::buddy_heap::Heap;
use super::split::splits;
use crate::tracer::Tracer;
use crate::vocabulary::order::{GRANULE_BYTES, Order};
use x86_64::VirtAddr;

impl<T: Tracer> Heap<'_, T> {
    /// Resizes an allocation in place and returns it. Otherwise it returns `None` and changes
    /// nothing: a neighbour is in the way, the address is not aligned for the new size, or no
    /// allocation begins there.
    ///
    /// `spare` is as in [`Request`](super::Request).
    pub fn resize(&mut self, address: VirtAddr, bytes: usize, spare: usize) -> Option<Allocation> {
        self.resize_to(address, bytes, granules_for(with_spare(bytes, spare)))
    }

    /// Does the same as [`Heap::resize`], for an allocation that is one block and stays one.
    pub(super) fn resize_whole(&mut self, address: VirtAddr, bytes: usize) -> Option<Allocation> {
        let granules = bytes.div_ceil(GRANULE_BYTES as usize);
        self.resize_to(address, bytes, granules.checked_next_power_of_two()?)
    }

    fn resize_to(
        &mut self,
        address: VirtAddr,
        bytes: usize,
        granules: usize,
    ) -> Option<Allocation> {
        let before = self.allocation(address)?;
        let largest = Order::LARGEST.bytes() as usize;
        if bytes == 0 || bytes > largest {
            return None;
        }
        let after = Allocation {
            bytes: granules as u64 * GRANULE_BYTES,
            requested: bytes as u64,
            ..before
        };
        let granule = self.granule(address)?;
        let aligned = granule.is_multiple_of(granules.next_power_of_two());
        let has_room = |heap: &Self| heap.is_free(before.end(), after.end());
        if !aligned || !has_room(self) && (self.drain() == 0 || !has_room(self)) {
            return None;
        }
        self.release(&before);
        let last = splits(granule, granules, Order::SMALLEST).next_back()?;
        let around = self.free.order_around(last.granule, last.order);
        self.take(&after, around);
        Some(after)
    }

    /// True if no live or cached block reaches into this range, which may be empty.
    fn is_free(&self, mut address: VirtAddr, end: VirtAddr) -> bool {
        while address < end {
            match self.block_at(address) {
                Some(AnyBlock::Free {
                    address: start,
                    order,
                }) => {
                    address = start + order.bytes();
                }
                _ => return false,
            }
        }
        true
    }
}
