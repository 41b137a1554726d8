//! Blocks of the buddy system.

use crate::vocabulary::order::Order;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// A live block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The first byte.
    pub address: VirtAddr,
    /// The size.
    pub order: Order,
    /// Requested bytes in it.
    pub requested: u32,
    /// The owner: owner bits only.
    pub owner: Tag,
}

/// A block: live, cached or free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyBlock {
    /// Part of an allocation, or all of it.
    Live(Block),
    /// Part of a cached allocation, or all of it: free for requests of its size.
    Cached {
        /// The first byte.
        address: VirtAddr,
        /// The size.
        order: Order,
    },
    /// A free block.
    Free {
        /// The first byte.
        address: VirtAddr,
        /// The size.
        order: Order,
    },
}

impl AnyBlock {
    /// Returns the first byte.
    pub const fn address(&self) -> VirtAddr {
        match self {
            AnyBlock::Live(block) => block.address,
            AnyBlock::Cached { address, .. } | AnyBlock::Free { address, .. } => *address,
        }
    }

    /// Returns the size.
    pub const fn order(&self) -> Order {
        match self {
            AnyBlock::Live(block) => block.order,
            AnyBlock::Cached { order, .. } | AnyBlock::Free { order, .. } => *order,
        }
    }
}
