//! What the heap keeps beside its blocks, and the buffers for it.

use super::free_blocks::FreeBlocks;
use super::{Block, FRAME_GRANULES, GRANULE_BYTES, HeapSetupError, Order};
use crate::tag::Tag;
use x86_64::VirtAddr;

/// The caller's buffers, all zero at first. [`HeapStorage::sizes`] says how long they must be.
#[derive(Debug)]
pub struct HeapStorage<'m> {
    /// Which blocks are free.
    pub bits: &'m mut [u64],
    /// One for each granule of 64 B.
    pub headers: &'m mut [Header],
    /// One for each frame: its live blocks.
    pub references: &'m mut [u8],
}

/// How long the buffers must be, in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapSizes {
    /// Words of 8 bytes.
    pub bits: usize,
    /// Headers of 4 bytes.
    pub headers: usize,
    /// Bytes.
    pub references: usize,
}

impl<'m> HeapStorage<'m> {
    /// What a heap of that many bytes at most takes: 6.5 % of them.
    pub const fn sizes(maximum_bytes: u64) -> HeapSizes {
        let granules = (maximum_bytes / GRANULE_BYTES) as usize;
        let frames = granules / FRAME_GRANULES;
        HeapSizes {
            bits: FreeBlocks::words(frames),
            headers: granules,
            references: frames,
        }
    }

    pub(super) fn cut(self, maximum_bytes: u64) -> Result<HeapStorage<'m>, HeapSetupError> {
        let sizes = HeapStorage::sizes(maximum_bytes);
        let error = HeapSetupError::Storage(sizes);
        Ok(HeapStorage {
            bits: self.bits.get_mut(..sizes.bits).ok_or(error)?,
            headers: self.headers.get_mut(..sizes.headers).ok_or(error)?,
            references: self.references.get_mut(..sizes.references).ok_or(error)?,
        })
    }
}

/// What is known about the block that begins at a granule, in 4 bytes; zero where none begins.
///
/// ```text
///  31      24 23   20 19                  0
/// +----------+-------+---------------------+
/// |  owner   | order | requested bytes - 1 |     owner is not 0 in a live block
/// +----------+-------+---------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Header(u32);

impl Header {
    #[inline]
    pub(super) const fn of(block: &Block) -> Header {
        let requested = block.requested - 1;
        let order = block.order.number() as u32;
        Header(requested | order << 20 | (block.owner.owners() as u32) << 24)
    }

    /// The live block that begins at `address`, whose header this is.
    #[inline]
    pub(super) fn block(self, address: VirtAddr) -> Option<Block> {
        let owner = (self.0 >> 24) as u8;
        let order = Order::new((self.0 >> 20 & 0xf) as u8)?;
        (owner != 0).then(|| Block {
            address,
            order,
            requested: (self.0 & 0xf_ffff) + 1,
            owner: Tag::from_bytes(owner, 0),
        })
    }

    pub(super) const fn is_live(self) -> bool {
        self.0 != 0
    }
}
