//! Finding the block that contains an address, and walking all blocks.

use super::block::{AnyBlock, Block};
use super::buddy_heap::Heap;
use super::header::Header;
use super::split::splits;
use crate::tracer::Tracer;
use crate::vocabulary::order::Order;
use x86_64::VirtAddr;

impl<T: Tracer> Heap<'_, T> {
    /// Returns the block that contains this byte, or `None` outside the committed part.
    pub fn block_at(&self, address: VirtAddr) -> Option<AnyBlock> {
        let granule = self.granule(address)?;
        if let Some((first, header)) = self.header_around(granule) {
            return self.block_of(first, header, granule);
        }
        Order::all().find_map(|order| {
            let first = granule & !(order.granules() - 1);
            let address = self.address(first);
            self.free
                .contains(first, order)
                .then_some(AnyBlock::Free { address, order })
        })
    }

    /// Returns the block with this granule, of the allocation that begins at `first`.
    fn block_of(&self, first: usize, header: Header, granule: usize) -> Option<AnyBlock> {
        let blocks = splits(first, header.granules(), Order::SMALLEST);
        let block = blocks.take_while(|block| block.granule <= granule).last()?;
        let (address, order) = (self.address(block.granule), block.order);
        let Some(allocation) = header.allocation(self.address(first)) else {
            return Some(AnyBlock::Cached { address, order });
        };
        Some(AnyBlock::Live(Block {
            address,
            order,
            requested: allocation.requested_in(address, order),
            owner: allocation.owner,
        }))
    }

    /// Returns all blocks, live, cached and free, in ascending order of address.
    pub const fn blocks(&self) -> Blocks<'_, '_, T> {
        Blocks {
            heap: self,
            granule: 0,
        }
    }

    /// Returns all live blocks, in ascending order of address.
    pub fn live_blocks(&self) -> impl Iterator<Item = Block> {
        self.blocks().filter_map(|block| match block {
            AnyBlock::Live(block) => Some(block),
            AnyBlock::Cached { .. } | AnyBlock::Free { .. } => None,
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
