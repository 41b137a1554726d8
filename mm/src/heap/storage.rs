//! The metadata of the heap's blocks, and the buffers for it.

use super::allocation::Marks;
use super::block::Block;
use super::error::HeapSetupError;
use super::free_blocks::FreeBlocks;
use super::sizes::{FRAME_GRANULES, HeapSizes};
use crate::vocabulary::order::{GRANULE_BYTES, Order};
use crate::vocabulary::site::Site;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// The caller's buffers, zeroed. [`HeapStorage::sizes`] returns the required lengths.
#[derive(Debug)]
pub struct HeapStorage<'m> {
    /// The free blocks.
    pub bits: &'m mut [u64],
    /// One header for each granule of 64 B.
    pub headers: &'m mut [Header],
    /// One count for each frame: its live blocks.
    pub references: &'m mut [u8],
}

impl<'m> HeapStorage<'m> {
    /// Returns the lengths for a heap of at most this many bytes: 12.8 % of them.
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

/// The header of the block that begins at a granule, in 8 bytes; zero where none begins.
///
/// ```text
///  61     59  58     57    56        33 32    25 24   21 20               0
/// +---------+------+------+------------+--------+-------+-----------------+
/// |  marks  | part | more | call site  | owner  | order | requested bytes |
/// +---------+------+------+------------+--------+-------+-----------------+
///              │      └ its allocation continues in the next block
///              └ it is not the first block of its allocation   owner is not 0 in a live block
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

    /// The live block with this header, which begins at `address`.
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
