//! Making an allocation larger or smaller where it is.
//!
//! ```text
//! before   [ 256 B ][ 64 B ] free  [ somebody ]
//! after    [ 256 B ][  128 B  ]    [ somebody ]      what was free behind it, now belongs to it
//! ```
//! To the picture it is a free and an allocation of the same place; the content stays, as the heap
//! never touches it.

use super::allocation::{granules_for, with_spare};
use super::{Allocation, AnyBlock, GRANULE_BYTES, Heap, Order};
use crate::tracer::Tracer;
use x86_64::VirtAddr;

impl<T: Tracer> Heap<'_, T> {
    /// Makes an allocation larger or smaller where it is: what it is then, or `None` (and nothing
    /// changed) if its neighbours are in the way, its place is not aligned for more, or no
    /// allocation begins there.
    ///
    /// `spare` is as in [`Request`](super::Request).
    pub fn resize(&mut self, address: VirtAddr, bytes: usize, spare: usize) -> Option<Allocation> {
        let before = self.allocation(address)?;
        let largest = Order::LARGEST.bytes() as usize;
        if bytes == 0 || bytes > largest {
            return None;
        }
        let granules = granules_for(with_spare(bytes, spare));
        let after = Allocation {
            bytes: granules as u64 * GRANULE_BYTES,
            requested: bytes as u64,
            ..before
        };
        let granule = self.granule(address)?;
        let aligned = granule.is_multiple_of(granules.next_power_of_two());
        if !aligned || !self.is_free(before.end(), after.end()) {
            return None;
        }
        self.release(&before);
        self.take(&after, None);
        Some(after)
    }

    /// Whether no live block reaches into this range, which may be empty.
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
