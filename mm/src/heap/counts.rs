//! The counts that every operation on the heap keeps up to date.

use super::allocation::Allocation;
use super::split::orders;
use crate::vocabulary::order::Order;

/// The counts; `refused` is in requests.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Blocks of each order that are not free: live and cached ones.
    pub taken: [u32; Order::COUNT],
    /// Live allocations.
    pub allocations: u64,
    /// Bytes of their blocks.
    pub live_bytes: u64,
    /// Bytes requested for them.
    pub requested_bytes: u64,
    pub refused: u64,
}

impl Counts {
    /// Counts an allocation that became live.
    #[inline(always)]
    pub fn add(&mut self, allocation: &Allocation) {
        self.allocations += 1;
        self.live_bytes += allocation.bytes;
        self.requested_bytes += allocation.requested;
    }

    /// Uncounts a live allocation.
    #[inline(always)]
    pub fn remove(&mut self, allocation: &Allocation) {
        self.allocations -= 1;
        self.live_bytes -= allocation.bytes;
        self.requested_bytes -= allocation.requested;
    }

    /// Counts the blocks of this many granules, which are no longer free.
    #[inline]
    pub fn take(&mut self, granules: usize) {
        orders(granules).for_each(|order| self.taken[order.index()] += 1);
    }

    /// Uncounts the blocks of this many granules, which are free again.
    #[inline]
    pub fn give(&mut self, granules: usize) {
        orders(granules).for_each(|order| self.taken[order.index()] -= 1);
    }
}
