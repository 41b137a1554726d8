//! The header of an allocation: 8 bytes beside the heap for each granule.

use super::allocation::{Allocation, MOST_BLOCKS, Marks};
use crate::vocabulary::order::GRANULE_BYTES;
use crate::vocabulary::site::Site;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// The header of the allocation that begins at a granule, in 8 bytes; zero where none begins.
///
/// ```text
///          63   61 60        38 37    30 29    20 19                  0
/// live    +-------+------------+--------+--------+---------------------+
///         | marks | call site  | owner  |  size  | requested bytes - 1 |
///         +-------+------------+--------+--------+---------------------+
/// cached  |       next         |   0    |  size  |          0          |
///         +--------------------+--------+--------+---------------------+
/// ```
/// The size is that of the blocks in granules, with its significant bits: see [`Size`]. `next` is
/// one more than the granule of the next cached allocation of this size, or 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Header(u64);

const SIZE: u32 = 20;
const SIZE_BITS: u64 = ((1 << (OWNER - SIZE)) - 1) << SIZE;
const OWNER: u32 = 30;
const SITE: u32 = 38;
const NEXT: u32 = 38;
const MARKS: u32 = 61;

/// The item that begins at a granule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    /// No allocation.
    Nothing,
    /// A live allocation.
    Live,
    /// A cached allocation.
    Cached,
}

impl Header {
    /// Returns the header of a live allocation.
    #[inline]
    pub(super) const fn live(of: &Allocation) -> Header {
        let size = Size::of((of.bytes / GRANULE_BYTES) as usize);
        Header((size.0 as u64) << SIZE | Header::content(of))
    }

    /// Returns the header of these blocks as a cached allocation.
    #[inline(always)]
    pub(super) const fn cached(self, next: u32) -> Header {
        Header(self.0 & SIZE_BITS | (next as u64) << NEXT)
    }

    /// Returns the header of the blocks of a cached allocation as the live allocation `of` that
    /// they are now.
    #[inline(always)]
    pub(super) const fn reused(self, of: &Allocation) -> Header {
        Header(self.0 & SIZE_BITS | Header::content(of))
    }

    /// Returns all of a live allocation except its size.
    #[inline(always)]
    const fn content(of: &Allocation) -> u64 {
        let owner = (of.owner.owners() as u64) << OWNER | (of.site.distance() as u64) << SITE;
        (of.requested - 1) | owner | (of.marks.bits() as u64) << MARKS
    }

    #[inline(always)]
    pub(super) const fn begins(self) -> Begins {
        match self.0 {
            _ if self.owner() != 0 => Begins::Live,
            0 => Begins::Nothing,
            _ => Begins::Cached,
        }
    }

    #[inline(always)]
    const fn owner(self) -> u8 {
        (self.0 >> OWNER) as u8
    }

    /// Returns the live allocation with this header, which begins at `address`.
    #[inline(always)]
    pub(super) const fn allocation(self, address: VirtAddr) -> Option<Allocation> {
        match self.begins() {
            Begins::Live => Some(self.decode(address)),
            Begins::Nothing | Begins::Cached => None,
        }
    }

    /// Returns the allocation with this header, which must be that of a live allocation.
    #[inline(always)]
    pub(super) const fn decode(self, address: VirtAddr) -> Allocation {
        Allocation {
            address,
            bytes: self.granules() as u64 * GRANULE_BYTES,
            requested: (self.0 & ((1 << SIZE) - 1)) + 1,
            owner: Tag::from_bytes(self.owner(), 0),
            site: Site::new(self.0 >> SITE & 0x7f_ffff),
            marks: self.marks(),
        }
    }

    /// Returns the granules of the blocks.
    #[inline(always)]
    pub(super) const fn granules(self) -> usize {
        Size(self.size()).granules()
    }

    /// Returns the granules of the blocks if there are fewer than 128, else a larger number.
    #[inline(always)]
    pub(super) const fn size_class(self) -> usize {
        self.size() as usize
    }

    #[inline(always)]
    const fn size(self) -> u32 {
        ((self.0 & SIZE_BITS) >> SIZE) as u32
    }

    /// Returns one more than the granule of the next cached allocation, or 0.
    #[inline]
    pub(super) const fn next(self) -> u32 {
        (self.0 >> NEXT) as u32
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

/// A number of granules with [`MOST_BLOCKS`] significant bits: 64 × exponent + mantissa. Numbers
/// below 128 are themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size(u32);

impl Size {
    #[inline]
    const fn of(granules: usize) -> Size {
        let bits = usize::BITS - granules.leading_zeros();
        let exponent = bits.saturating_sub(MOST_BLOCKS);
        Size((exponent << (MOST_BLOCKS - 1)) + (granules >> exponent) as u32)
    }

    #[inline]
    const fn granules(self) -> usize {
        let exponent = (self.0 >> (MOST_BLOCKS - 1)).saturating_sub(1);
        ((self.0 - (exponent << (MOST_BLOCKS - 1))) as usize) << exponent
    }
}

#[cfg(test)]
mod tests {
    use super::super::allocation::granules_for;
    use super::*;

    #[test]
    fn every_size_fits_its_bits() {
        let step = if cfg!(miri) { 64 * 61 } else { 64 };
        for bytes in (1..=1 << 20).step_by(step) {
            let granules = granules_for(bytes);
            let size = Size::of(granules);
            assert!(size.0 < 1 << (OWNER - SIZE));
            assert_eq!(size.granules(), granules);
        }
    }

    #[test]
    fn a_header_keeps_what_it_is_made_of() {
        for (bytes, requested) in [(64, 1), (64, 64), (1 << 20, 1 << 20)] {
            let allocation = Allocation {
                address: VirtAddr::new(0x1000),
                bytes,
                requested,
                owner: Tag::OWNERS,
                site: Site::new(0x7f_ffff),
                marks: Marks::all(),
            };
            let header = Header::live(&allocation);
            assert_eq!(header.allocation(allocation.address), Some(allocation));
            assert_eq!(header.begins(), Begins::Live);
        }
        let live = Allocation {
            address: VirtAddr::zero(),
            bytes: 127 * GRANULE_BYTES,
            requested: 127 * GRANULE_BYTES,
            owner: Tag::OWNERS,
            site: Site::new(0x7f_ffff),
            marks: Marks::all(),
        };
        let cached = Header::live(&live).cached(1 << 20);
        assert_eq!(
            (cached.begins(), cached.allocation(VirtAddr::zero())),
            (Begins::Cached, None)
        );
        assert_eq!((cached.granules(), cached.next()), (127, 1 << 20));
        assert_eq!(cached.reused(&live), Header::live(&live));
    }
}
