//! The parts of the heap: orders, granules, blocks, and the figures over them.

use mm::heap::fragmentation::FreeSpace;
use mm::tag::Tag;

/// Orders of blocks: 0 is 64 B, 14 is 1 MiB.
pub const ORDERS: usize = 15;
/// The smallest block.
pub const GRANULE_BYTES: usize = 64;
/// Granules of a frame.
pub const GRANULES_PER_FRAME: usize = FRAME_BYTES / GRANULE_BYTES;
/// Bytes of a frame.
pub const FRAME_BYTES: usize = 4096;
/// The heap grows and shrinks by blocks of the largest order.
pub(super) const CHUNK_BYTES: u64 = block_bytes(ORDERS as u8 - 1);

/// Bytes of a block of this order.
pub const fn block_bytes(order: u8) -> u64 {
    (GRANULE_BYTES as u64) << order
}

/// What starts at a granule: order + 1 in the low four bits (0: nothing), then live, then the owner
/// in three bits, then how many bytes the owner asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Granule(u32);

const LIVE: u32 = 1 << 4;
const OWNER: u32 = 5;
const REQUESTED: u32 = 8;

impl Granule {
    pub(super) fn free(order: u8) -> Granule {
        Granule(u32::from(order) + 1)
    }

    /// `requested` is at most the size of the block.
    pub(super) fn live(order: u8, owner: Tag, requested: u32) -> Granule {
        let owner = owner_number(owner) as u32;
        Granule((u32::from(order) + 1) | LIVE | owner << OWNER | requested << REQUESTED)
    }

    pub(super) fn order(self) -> Option<u8> {
        ((self.0 & 15) as u8).checked_sub(1)
    }

    pub(super) fn owner(self) -> Option<usize> {
        (self.0 & LIVE != 0).then_some((self.0 >> OWNER & 7) as usize)
    }

    pub(super) fn requested(self) -> u32 {
        self.0 >> REQUESTED
    }
}

/// Number of the owner's bit in [`Tag::OWNERS`]: the lowest, should there be several, and 0 should
/// there be none.
pub fn owner_number(owner: Tag) -> usize {
    owner.owners().trailing_zeros() as usize % 8
}

/// A block of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its first granule, counted from the heap's start.
    pub granule: usize,
    /// Its order.
    pub order: u8,
    /// Number of its owner's bit in [`Tag::OWNERS`]; none if it is free.
    pub owner: Option<usize>,
    /// Bytes that the owner asked for, 0 if it is free.
    pub requested: u32,
}

impl Block {
    /// Granules of the block.
    pub fn granules(&self) -> core::ops::Range<usize> {
        self.granule..self.granule + (1 << self.order)
    }

    /// Its length in bytes.
    pub fn bytes(&self) -> u64 {
        block_bytes(self.order)
    }

    /// Bytes that somebody has and did not ask for.
    pub fn internal_fragmentation(&self) -> u64 {
        match self.owner {
            Some(_) => self.bytes() - u64::from(self.requested),
            None => 0,
        }
    }
}

/// What of a heap frame is live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapFrame {
    /// Live blocks that lie in it, or that it lies in: its reference counter.
    pub live: u16,
    /// Bytes of it that belong to live blocks.
    pub bytes: u16,
}

/// The heap in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapTotals {
    /// Bytes that frames stand behind.
    pub bytes: u64,
    /// Free blocks by order.
    pub free: [u64; ORDERS],
    /// Live blocks by order.
    pub live: [u64; ORDERS],
    /// Bytes that the owners of the live blocks asked for.
    pub requested: u64,
}

impl HeapTotals {
    /// Bytes in free blocks.
    pub fn free_bytes(&self) -> u64 {
        bytes(&self.free)
    }

    /// Bytes in live blocks.
    pub fn live_bytes(&self) -> u64 {
        bytes(&self.live)
    }

    /// Bytes of live blocks that nobody asked for.
    pub fn internal_fragmentation(&self) -> u64 {
        self.live_bytes().saturating_sub(self.requested)
    }

    /// The free blocks, summed up.
    pub fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        for (order, &count) in (0..).zip(&self.free) {
            space.add(block_bytes(order), count);
        }
        space
    }

    /// Live blocks of all orders.
    pub fn live_blocks(&self) -> u64 {
        self.live.iter().sum()
    }

    /// The largest order that has a free block.
    pub fn largest_free(&self) -> Option<u8> {
        let order = self.free.iter().rposition(|&count| count > 0)?;
        Some(order as u8)
    }
}

fn bytes(counts: &[u64; ORDERS]) -> u64 {
    (0..ORDERS as u8)
        .map(|order| counts[usize::from(order)] * block_bytes(order))
        .sum()
}
