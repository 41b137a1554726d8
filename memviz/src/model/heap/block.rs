//! Orders, granules and blocks of the heap, and the sums over them.

use mm::heap::fragmentation::FreeSpace;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The number of orders: order 0 is 64 B, order 14 is 1 MiB.
pub const ORDERS: usize = 15;
/// The size of the smallest block in bytes.
pub const GRANULE_BYTES: usize = 64;
/// Granules in a frame.
pub const GRANULES_PER_FRAME: usize = FRAME_BYTES / GRANULE_BYTES;
/// Bytes in a frame.
pub const FRAME_BYTES: usize = 4096;
/// The heap grows and shrinks by blocks of the largest order.
pub(super) const CHUNK_BYTES: u64 = block_bytes(ORDERS as u8 - 1);

/// Returns the size of a block of this order in bytes.
pub const fn block_bytes(order: u8) -> u64 {
    (GRANULE_BYTES as u64) << order
}

/// True if all these bytes have addresses, in one half of the address space.
pub(super) fn is_range(start: VirtAddr, bytes: u64) -> bool {
    let last = start.as_u64().checked_add(bytes.saturating_sub(1));
    let last = last.and_then(|last| VirtAddr::try_new(last).ok());
    last.is_some_and(|last| last.as_u64() >> 63 == start.as_u64() >> 63)
}

/// The block that starts at a granule: order + 1 in the low four bits (0: no block), then a bit for
/// live, then the owner in three bits, then the number of requested bytes. Without the bit for
/// live, an owner other than 0 means that the block is cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Granule(u32);

const LIVE: u32 = 1 << 4;
const OWNER: u32 = 5;
const REQUESTED: u32 = 8;
const CACHED: u32 = 1 << OWNER;

impl Granule {
    pub(super) fn free(order: u8) -> Granule {
        Granule(u32::from(order) + 1)
    }

    /// Returns a live block. `requested` is at most the size of the block.
    pub(super) fn live(order: u8, owner: Tag, requested: u32) -> Granule {
        let owner = owner_number(owner) as u32;
        Granule((u32::from(order) + 1) | LIVE | owner << OWNER | requested << REQUESTED)
    }

    pub(super) fn cached(order: u8) -> Granule {
        Granule((u32::from(order) + 1) | CACHED)
    }

    pub(super) fn is_cached(self) -> bool {
        self.0 & (LIVE | CACHED) == CACHED
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

/// The state of a block, of which the model stores the lowest owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockState {
    /// Free.
    Free,
    /// Freed and kept unmerged, for the next request of its size.
    Cached,
    /// Live, with its owner and the number of requested bytes.
    Live(Tag, u32),
}

/// Returns the number of the owner's bit in [`Tag::OWNERS`]: the lowest if there are several, 0 if
/// there is none.
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
    /// The number of its owner's bit in [`Tag::OWNERS`]; `None` if it is free or cached.
    pub owner: Option<usize>,
    /// The number of requested bytes, 0 if it is free or cached.
    pub requested: u32,
    /// True if it is freed and kept unmerged, for the next request of its size.
    pub is_cached: bool,
}

impl Block {
    /// Returns the granules of the block.
    pub fn granules(&self) -> core::ops::Range<usize> {
        self.granule..self.granule + (1 << self.order)
    }

    /// Returns its length in bytes.
    pub fn bytes(&self) -> u64 {
        block_bytes(self.order)
    }

    /// Returns whether it is free for requests of any size.
    pub fn is_free(&self) -> bool {
        self.owner.is_none() && !self.is_cached
    }

    /// Returns the internal fragmentation: the bytes of a live block that its owner did not
    /// request.
    pub fn internal_fragmentation(&self) -> u64 {
        match self.owner {
            Some(_) => self.bytes() - u64::from(self.requested),
            None => 0,
        }
    }
}

/// The live part of a heap frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapFrame {
    /// The reference count: live blocks in the frame, or around it.
    pub live: u16,
    /// Bytes in live blocks.
    pub bytes: u16,
}

/// The sums over the heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapTotals {
    /// Bytes that are backed by frames.
    pub bytes: u64,
    /// Free blocks by order.
    pub free: [u64; ORDERS],
    /// Live blocks by order.
    pub live: [u64; ORDERS],
    /// Cached blocks by order.
    pub cached: [u64; ORDERS],
    /// Bytes that the owners of live blocks requested.
    pub requested: u64,
}

impl HeapTotals {
    /// Returns the bytes in free blocks.
    pub fn free_bytes(&self) -> u64 {
        bytes(&self.free)
    }

    /// Returns the bytes in live blocks.
    pub fn live_bytes(&self) -> u64 {
        bytes(&self.live)
    }

    /// Returns the bytes in cached blocks.
    pub fn cached_bytes(&self) -> u64 {
        bytes(&self.cached)
    }

    /// Returns the internal fragmentation: the bytes of live blocks that their owners did not
    /// request.
    pub fn internal_fragmentation(&self) -> u64 {
        self.live_bytes().saturating_sub(self.requested)
    }

    /// Returns the free blocks, summed up.
    pub fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        for (order, &count) in (0..).zip(&self.free) {
            space.add(block_bytes(order), count);
        }
        space
    }

    /// Returns the number of live blocks of all orders.
    pub fn live_blocks(&self) -> u64 {
        self.live.iter().sum()
    }

    /// Returns the largest order that has a free block.
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

/// Returns the granule and the order of each free half after splits of a block of order `around`,
/// down to the block of order `order` at `granule`.
pub(super) fn other_halves(
    granule: usize,
    order: u8,
    around: u8,
) -> impl Iterator<Item = (usize, u8)> {
    (order..around).map(move |half| ((granule >> half ^ 1) << half, half))
}

/// Returns the heap frames that a block touches.
pub(super) fn frames_of(granule: usize, order: u8) -> core::ops::Range<usize> {
    let first = granule / GRANULES_PER_FRAME;
    first..(granule + (1 << order)).div_ceil(GRANULES_PER_FRAME)
}
