//! The counts of live blocks that every operation on the heap keeps up to date.

use super::block::Block;
use crate::vocabulary::order::Order;

/// The counts; `refused` is in requests.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub live: [u32; Order::COUNT],
    pub allocations: u64,
    pub live_bytes: u64,
    pub requested_bytes: u64,
    pub refused: u64,
}

impl Counts {
    #[inline]
    pub fn add(&mut self, block: &Block) {
        self.live[block.order.index()] += 1;
        self.live_bytes += block.order.bytes();
        self.requested_bytes += u64::from(block.requested);
    }

    #[inline]
    pub fn remove(&mut self, block: &Block) {
        self.live[block.order.index()] -= 1;
        self.live_bytes -= block.order.bytes();
        self.requested_bytes -= u64::from(block.requested);
    }
}
