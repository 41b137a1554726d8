//! Requests and allocations. An allocation is one or more adjacent blocks.
//!
//! ```text
//! 300 B, whole     [        order 3: 512 B        ]              one block, 212 B of it unused
//! 300 B, trimmed   [ order 2: 256 B ][order 0]  free  free       the tail is returned: 20 B unused
//! ```
//! Invariants: the blocks of an allocation descend in order, so each is aligned to its size. The
//! first one begins at a multiple of the power of two that holds them all. The requested bytes fill
//! the blocks from the first one on. An allocation has at most [`MOST_BLOCKS`] blocks. So the sizes
//! of trimmed allocations form classes, 64 to a doubling, as in size-class allocators.

use crate::vocabulary::order::{GRANULE_BYTES, Order};
use crate::vocabulary::site::Site;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// The maximum number of blocks that make one allocation: sizes have this many significant bits.
pub const MOST_BLOCKS: u32 = 7;

/// A request for bytes of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Bytes, at least 1.
    pub bytes: usize,
    /// Additional bytes after them, for a redzone; fewer if the allocation would exceed 1 MiB.
    pub spare: usize,
    /// The alignment in bytes, a power of two.
    pub align: usize,
    /// The owner.
    pub owner: Tag,
    /// The call site.
    pub site: Site,
    /// The marks of the allocation.
    pub marks: Marks,
    /// True to return the tail of the block to the heap. Otherwise the allocation is one block.
    pub trimmed: bool,
}

/// A live allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The first byte.
    pub address: VirtAddr,
    /// Bytes of all its blocks.
    pub bytes: u64,
    /// Requested bytes.
    pub requested: u64,
    /// The owner: owner bits only.
    pub owner: Tag,
    /// The call site of the request.
    pub site: Site,
    /// Its marks.
    pub marks: Marks,
}

impl Allocation {
    /// Returns the address past the last byte.
    pub fn end(&self) -> VirtAddr {
        self.address + self.bytes
    }

    /// Returns the requested bytes in the block of this order at `address`, which is part of the
    /// allocation.
    pub(super) fn requested_in(&self, address: VirtAddr, order: Order) -> u32 {
        let left = self.requested.saturating_sub(address - self.address);
        left.min(order.bytes()) as u32
    }
}

bitflags::bitflags! {
    /// Marks of an allocation.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Marks: u8 {
        /// The bytes past the requested ones hold a known pattern, the redzone.
        const REDZONE = 1 << 0;
        /// Its user has freed it, the heap has not: it is kept to detect writes to it.
        const QUARANTINED = 1 << 1;
        /// It was live at the last [`Heap::mark`](super::Heap::mark).
        const OLD = 1 << 2;
    }
}

/// Returns the size of an allocation with its spare bytes, 1 MiB at most unless `bytes` alone
/// exceed it.
#[inline(always)]
pub(super) fn with_spare(bytes: usize, spare: usize) -> usize {
    let most = (Order::LARGEST.bytes() as usize).max(bytes);
    if bytes == 0 {
        0
    } else {
        bytes.saturating_add(spare).min(most)
    }
}

/// Returns the granules of a trimmed allocation of this many bytes: rounded up to [`MOST_BLOCKS`]
/// significant bits.
#[inline(always)]
pub(super) const fn granules_for(bytes: usize) -> usize {
    let granules = bytes.div_ceil(GRANULE_BYTES as usize);
    let bits = usize::BITS - granules.leading_zeros();
    if bits <= MOST_BLOCKS {
        granules
    } else {
        granules.next_multiple_of(1 << (bits - MOST_BLOCKS))
    }
}
