//! Finding allocations, and their marks.

use super::allocation::{Allocation, Marks};
use super::buddy_heap::Heap;
use super::header::{Begins, Header};
use crate::tracer::Tracer;
use crate::vocabulary::order::{GRANULE_BYTES, Order};
use x86_64::VirtAddr;

impl<T: Tracer> Heap<'_, T> {
    /// Returns the live allocation that begins at this address.
    #[inline]
    pub fn allocation(&self, address: VirtAddr) -> Option<Allocation> {
        let granule = self.granule(address)?;
        if !address.is_aligned(GRANULE_BYTES) {
            return None;
        }
        self.headers[granule].allocation(address)
    }

    /// Returns the live allocation that contains this byte.
    pub fn allocation_at(&self, address: VirtAddr) -> Option<Allocation> {
        let (granule, header) = self.header_around(self.granule(address)?)?;
        header.allocation(self.address(granule))
    }

    /// The granule and the header of the live or cached allocation that contains a granule.
    pub(super) fn header_around(&self, granule: usize) -> Option<(usize, Header)> {
        // An allocation begins at a multiple of the power of two that holds all of it.
        let mut starts = Order::all().map(|order| granule & !(order.granules() - 1));
        starts.find_map(|first| {
            let header = self.headers[first];
            let begins = header.begins() != Begins::Nothing;
            (begins && granule < first + header.granules()).then_some((first, header))
        })
    }

    /// All live allocations, in ascending order of address.
    pub fn allocations(&self) -> impl Iterator<Item = Allocation> {
        let headers = self.headers[..self.committed].iter().enumerate();
        headers.filter_map(|(granule, header)| header.allocation(self.address(granule)))
    }

    /// Sets the marks of the live allocation that begins at this address; `false` if none begins
    /// there.
    #[inline]
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
        for header in &mut self.headers[..self.committed] {
            if header.begins() == Begins::Live {
                *header = header.marked(header.marks() | Marks::OLD);
            }
        }
    }
}
