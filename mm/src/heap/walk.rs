//! Finding the block that has an address, and walking all blocks.

use super::{Block, Heap, Order};
use crate::tracer::Tracer;
use x86_64::VirtAddr;

/// A block, live or free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyBlock {
    /// Somebody has it.
    Live(Block),
    /// Nobody has it.
    Free {
        /// Its first byte.
        address: VirtAddr,
        /// Its size.
        order: Order,
    },
}

impl AnyBlock {
    /// Its first byte.
    pub const fn address(&self) -> VirtAddr {
        match self {
            AnyBlock::Live(block) => block.address,
            AnyBlock::Free { address, .. } => *address,
        }
    }

    /// Its size.
    pub const fn order(&self) -> Order {
        match self {
            AnyBlock::Live(block) => block.order,
            AnyBlock::Free { order, .. } => *order,
        }
    }
}

impl<T: Tracer> Heap<'_, T> {
    /// The block that has this byte, or `None` outside the committed part.
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

    /// All blocks, live and free, by ascending address.
    pub const fn blocks(&self) -> Blocks<'_, '_, T> {
        Blocks {
            heap: self,
            granule: 0,
        }
    }

    /// All live blocks, by ascending address.
    pub fn live_blocks(&self) -> impl Iterator<Item = Block> {
        self.blocks().filter_map(|block| match block {
            AnyBlock::Live(block) => Some(block),
            AnyBlock::Free { .. } => None,
        })
    }
}

/// Walks the blocks of a heap; see [`Heap::blocks`].
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
