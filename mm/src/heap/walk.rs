//! Finding the block that contains an address, and walking all blocks.

use super::block::{AnyBlock, Block};
use super::buddy_heap::Heap;
use crate::tracer::Tracer;
use crate::vocabulary::order::Order;
use x86_64::VirtAddr;

impl<T: Tracer> Heap<'_, T> {
    /// Returns the block that contains this byte, or `None` outside the committed part.
    pub fn block_at(&self, address: VirtAddr) -> Option<AnyBlock> {
        let granule = self.granule(address)?;
        Order::all().find_map(|order| {
            let first = granule & !(order.granules() - 1);
            let address = self.address(first);
            let live = self.headers[first].block(address);
            match live.filter(|block| block.order == order) {
                Some(block) => Some(AnyBlock::Live(block)),
                None => self
                    .free
                    .contains(first, order)
                    .then_some(AnyBlock::Free { address, order }),
            }
        })
    }

    /// All blocks, live and free, in ascending order of address.
    pub const fn blocks(&self) -> Blocks<'_, '_, T> {
        Blocks {
            heap: self,
            granule: 0,
        }
    }

    /// All live blocks, in ascending order of address.
    pub fn live_blocks(&self) -> impl Iterator<Item = Block> {
        self.blocks().filter_map(|block| match block {
            AnyBlock::Live(block) => Some(block),
            AnyBlock::Free { .. } => None,
        })
    }
}

/// An iterator over the blocks of a heap; see [`Heap::blocks`].
#[derive(Debug)]
pub struct Blocks<'h, 'm, T> {
    heap: &'h Heap<'m, T>,
    granule: usize,
}

impl<T: Tracer> Iterator for Blocks<'_, '_, T> {
    type Item = AnyBlock;

    fn next(&mut self) -> Option<AnyBlock> {
        let more = self.granule < self.heap.committed;
        let address = more.then(|| self.heap.address(self.granule))?;
        let block = self.heap.block_at(address)?;
        self.granule += block.order().granules();
        Some(block)
    }
}
