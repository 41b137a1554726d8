//! The interface of all strategies of placing blocks.

use super::fragmentation::FreeSpace;
use super::header::Header;
use super::sizes::HeapSizes;

/// An allocator of blocks in an arena. Blocks are offsets: no memory backs the arena, so it can
/// have any size.
pub trait BlockAllocator {
    /// Allocates a block of at least this many bytes and returns its offset, or `None` if no free
    /// block is large enough.
    fn allocate(&mut self, bytes: u64) -> Option<u64>;

    /// Frees the block at this offset. Returns `false`, and changes nothing, if none begins
    /// there.
    fn free(&mut self, offset: u64) -> bool;

    /// Resizes the block at this offset to at least this many bytes without moving it. Returns
    /// `false`, and changes nothing, if the strategy cannot. The default never can.
    fn resize_in_place(&mut self, _offset: u64, _bytes: u64) -> bool {
        false
    }

    /// Resizes the block at this offset and returns its new offset: in place, or by allocating a
    /// new block before the old one is freed. Returns `None`, and changes nothing, if there is no
    /// such block or no room.
    fn resize(&mut self, offset: u64, bytes: u64) -> Option<u64> {
        if self.block_bytes(offset) == 0 {
            return None;
        }
        if self.resize_in_place(offset, bytes) {
            return Some(offset);
        }
        let moved = self.allocate(bytes)?;
        self.free(offset);
        Some(moved)
    }

    /// Returns the bytes of the live block that begins at this offset; 0 if none does.
    fn block_bytes(&self, offset: u64) -> u64;

    /// Returns the bytes of live blocks.
    fn allocated(&self) -> u64;

    /// Returns the free blocks.
    fn free_space(&self) -> FreeSpace;

    /// Recounts all blocks, live and free.
    ///
    /// # Errors
    /// The offset of the first difference.
    fn validate(&self) -> Result<(), u64>;
}

/// A free block, in units. Strategies with linked lists keep their links in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreeBlock {
    pub(super) first: u32,
    pub(super) units: u32,
}

/// A free block in a tree: see `free_tree.rs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreeNode {
    pub(super) block: FreeBlock,
    pub(super) left: u32,
    pub(super) right: u32,
    /// The units of the largest block of the subtree.
    pub(super) largest: u32,
}

/// The caller's buffers for an arena, zeroed. A strategy uses some of them.
#[derive(Debug)]
pub struct ArenaStorage<'m> {
    /// Bits of a buddy system, and the maps of slabs.
    pub bits: &'m mut [u64],
    /// Headers of a buddy system.
    pub headers: &'m mut [Header],
    /// Reference counts of a buddy system.
    pub references: &'m mut [u8],
    /// Free blocks, and heads of lists.
    pub free: &'m mut [FreeBlock],
    /// Trees of free blocks.
    pub nodes: &'m mut [FreeNode],
    /// Requested bytes of the live block that begins at each unit; tags of free blocks after them.
    pub live: &'m mut [u32],
}

/// Required lengths of an [`ArenaStorage`], in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArenaSizes {
    /// For a buddy system, and the maps of slabs.
    pub heap: HeapSizes,
    /// Length of `free`.
    pub free: usize,
    /// Length of `nodes`.
    pub nodes: usize,
    /// Length of `live`.
    pub live: usize,
}

impl ArenaSizes {
    /// No buffers.
    pub const NONE: ArenaSizes = ArenaSizes {
        heap: HeapSizes {
            bits: 0,
            headers: 0,
            references: 0,
            cache: 0,
        },
        free: 0,
        nodes: 0,
        live: 0,
    };
}

/// The arguments of a new arena. The tracer `T` records its events.
#[derive(Debug)]
pub struct Setup<'m, T> {
    /// The first address, for the events.
    pub start: x86_64::VirtAddr,
    /// The size, a multiple of 1 MiB below 4 GiB.
    pub bytes: u64,
    /// The buffers.
    pub storage: ArenaStorage<'m>,
    /// The tracer.
    pub tracer: T,
}
