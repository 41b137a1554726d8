//! Finding allocations, and their marks.

use super::allocation::{Allocation, Marks};
use super::buddy_heap::Heap;
use super::header::{Begins, Header};
use crate::tracer::Tracer;
use crate::vocabulary::order::{GRANULE_BYTES, Order};
use x86_64::VirtAddr;

impl<T: Tracer> Heap<'_, T> {
    /// Returns the live allocation that begins at this address.
    #[inline(always)]
    pub fn allocation(&self, address: VirtAddr) -> Option<Allocation> {
        self.headers
            .get(self.header_index(address))?
            .allocation(address)
    }

    /// Returns the granule that begins at this address; beyond all headers if none does.
    #[inline(always)]
    pub(super) fn header_index(&self, address: VirtAddr) -> usize {
        // The start is a multiple of a granule. The low bits of other offsets become the highest.
        let offset = address.as_u64().wrapping_sub(self.start.as_u64());
        offset.rotate_right(GRANULE_BYTES.trailing_zeros()) as usize
    }

    /// Returns the live allocation that contains this byte.
    pub fn allocation_at(&self, address: VirtAddr) -> Option<Allocation> {
        let (granule, header) = self.header_around(self.granule(address)?)?;
        header.allocation(self.address(granule))
    }

    /// Returns the granule and the header of the live or cached allocation that contains a granule.
    pub(super) fn header_around(&self, granule: usize) -> Option<(usize, Header)> {
        // An allocation begins at a multiple of the power of two that holds all of it.
        let mut starts = Order::all().map(|order| granule & !(order.granules() - 1));
        starts.find_map(|first| {
            let header = self.headers[first];
            let begins = header.begins() != Begins::Nothing;
            (begins && granule < first + header.granules()).then_some((first, header))
        })
    }

    /// Returns all live allocations, in ascending order of address.
    pub fn allocations(&self) -> impl Iterator<Item = Allocation> {
        let headers = self.headers[..self.committed].iter().enumerate();
        headers.filter_map(|(granule, header)| header.allocation(self.address(granule)))
    }

    /// Sets the marks of the live allocation that begins at this address; `false` if none begins
    /// there.
    #[inline]
    pub fn set_marks(&mut self, address: VirtAddr, marks: Marks) -> bool {
        let index = self.header_index(address);
        let header = self.headers.get_mut(index);
        let live = header.filter(|header| header.begins() == Begins::Live);
        live.map(|header| *header = header.marked(marks)).is_some()
    }

    /// Marks every live allocation as [`Marks::OLD`]. An allocation without the mark was made
    /// later.
    pub fn mark(&mut self) {
        for header in &mut self.headers[..self.committed] {
            if header.begins() == Begins::Live {
                *header = header.marked(header.marks() | Marks::OLD);
            }
        }
    }
}
