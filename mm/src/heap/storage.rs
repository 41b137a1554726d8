//! What the heap keeps beside its blocks, and the buffers for it.

use super::free_blocks::FreeBlocks;
use super::{Block, FRAME_GRANULES, GRANULE_BYTES, HeapSetupError, Marks, Order, Site};
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
    /// Headers of 8 bytes.
    pub headers: usize,
    /// Bytes.
    pub references: usize,
}

impl<'m> HeapStorage<'m> {
    /// What a heap of that many bytes at most takes: 12.8 % of them.
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

/// What is known about the block that begins at a granule, in 8 bytes; zero where none begins.
///
/// ```text
///  61     59  58     57    56        33 32    25 24   21 20               0
/// +---------+------+------+------------+--------+-------+-----------------+
/// |  marks  | part | more | call site  | owner  | order | requested bytes |
/// +---------+------+------+------------+--------+-------+-----------------+
///              │      └ its allocation goes on in the next block
///              └ it is not the first one of its allocation   owner is not 0 in a live block
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Header(u64);

const ORDER: u32 = 21;
const OWNER: u32 = 25;
const SITE: u32 = 33;
const MORE: u64 = 1 << 57;
const PART: u64 = 1 << 58;
const MARKS: u32 = 59;

impl Header {
    #[inline]
    pub(super) const fn of(block: &Block, site: Site, marks: Marks) -> Header {
        let order = block.order.number() as u64;
        let owner = block.owner.owners() as u64;
        let fields = block.requested as u64 | (order << ORDER) | (owner << OWNER);
        let site = site.distance() as u64;
        Header(fields | (site << SITE) | ((marks.bits() as u64) << MARKS))
    }

    #[inline]
    pub(super) const fn linked(self, part: bool, more: bool) -> Header {
        Header(self.0 | (part as u64 * PART) | (more as u64 * MORE))
    }

    /// The live block that begins at `address`, whose header this is.
    #[inline]
    pub(super) fn block(self, address: VirtAddr) -> Option<Block> {
        let owner = (self.0 >> OWNER) as u8;
        let order = Order::new((self.0 >> ORDER & 0xf) as u8)?;
        (owner != 0).then(|| Block {
            address,
            order,
            requested: (self.0 & ((1 << ORDER) - 1)) as u32,
            owner: Tag::from_bytes(owner, 0),
        })
    }

    pub(super) const fn is_live(self) -> bool {
        self.0 != 0
    }

    #[inline]
    pub(super) const fn is_part(self) -> bool {
        self.0 & PART != 0
    }

    #[inline]
    pub(super) const fn has_more(self) -> bool {
        self.0 & MORE != 0
    }

    #[inline]
    pub(super) const fn site(self) -> Site {
        Site::new(self.0 >> SITE & 0xff_ffff)
    }

    #[inline]
    pub(super) const fn marks(self) -> Marks {
        Marks::from_bits_truncate((self.0 >> MARKS) as u8)
    }

    #[inline]
    pub(super) const fn marked(self, marks: Marks) -> Header {
        let others = self.0 & !((Marks::all().bits() as u64) << MARKS);
        Header(others | (marks.bits() as u64) << MARKS)
    }
}
