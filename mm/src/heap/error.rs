//! The reason why an operation on the heap failed, and the violations that a recount can find.

use super::allocation::Allocation;
use super::sizes::HeapSizes;
use crate::vocabulary::order::Order;
use core::fmt;
use x86_64::VirtAddr;

/// The reason why a heap could not be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapSetupError {
    /// The start is not page-aligned.
    Start(VirtAddr),
    /// The maximum is not a multiple of 1 MiB, or the end of the heap is not an address.
    Maximum(u64),
    /// The storage is too small; it must have these sizes.
    Storage(HeapSizes),
}

/// The reason why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapError {
    /// The request is for 0 bytes.
    NoBytes,
    /// The tag names no owner.
    NoOwner,
    /// The alignment is not a power of two, exceeds that of the heap's start, or exceeds 1 MiB.
    Alignment {
        /// The requested alignment in bytes.
        align: usize,
    },
    /// More than the largest block, 1 MiB.
    TooLarge {
        /// Requested bytes.
        bytes: usize,
    },
    /// No free block is large enough, but the heap may grow by another chunk.
    MustGrow {
        /// Requested bytes.
        bytes: usize,
    },
    /// No free block is large enough, and the heap is at its maximum.
    Exhausted {
        /// Requested bytes.
        bytes: usize,
    },
}

/// The reason why an address could not be freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapFreeError {
    /// The address is outside the committed part of the heap.
    NotInHeap(VirtAddr),
    /// The address is inside an allocation, but not its first byte.
    Inside {
        /// The address.
        address: VirtAddr,
        /// The allocation that contains it.
        allocation: Allocation,
    },
    /// The address is not allocated: a double free, or a free of an address never allocated.
    AlreadyFree(VirtAddr),
}

/// An invariant that [`Heap::validate`](super::Heap::validate) found broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapViolation {
    /// The index of this order contradicts the free bits.
    Index(Order),
    /// No block may begin here, where the one before ends.
    Gap(VirtAddr),
    /// Two free buddies, the first of them here.
    Unmerged(VirtAddr),
    /// The header of a live allocation has more requested bytes than its blocks hold.
    Requested(Allocation),
    /// The allocations that reach into this frame were miscounted.
    References {
        /// The frame's first byte.
        frame: VirtAddr,
        /// The count as kept.
        kept: u8,
        /// The count as recounted.
        recounted: u8,
    },
    /// A count differs from its recount.
    Count {
        /// The name of the count.
        figure: &'static str,
        /// The count as kept.
        kept: u64,
        /// The count as recounted.
        recounted: u64,
    },
}

impl fmt::Display for HeapSetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeapSetupError::Start(start) => write!(f, "a heap cannot start at {start:#x}"),
            HeapSetupError::Maximum(bytes) => write!(f, "a heap cannot have {bytes:#x} bytes"),
            HeapSetupError::Storage(sizes) => write!(
                f,
                "heap storage is too small: {} words, {} headers and {} reference counts are needed",
                sizes.bits, sizes.headers, sizes.references
            ),
        }
    }
}

impl fmt::Display for HeapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeapError::NoBytes => f.write_str("a request for 0 bytes"),
            HeapError::NoOwner => f.write_str("the tag names no owner"),
            HeapError::Alignment { align } => {
                write!(f, "the heap cannot align a block to {align} B")
            }
            HeapError::TooLarge { bytes } => {
                write!(f, "{bytes} B exceed the largest block of 1 MiB")
            }
            HeapError::MustGrow { bytes } => {
                write!(f, "no free block of {bytes} B until the heap grows")
            }
            HeapError::Exhausted { bytes } => write!(f, "out of heap: no free block of {bytes} B"),
        }
    }
}

impl fmt::Display for HeapFreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeapFreeError::NotInHeap(address) => write!(f, "{address:#x} is not in the heap"),
            HeapFreeError::Inside {
                address,
                allocation,
            } => write!(
                f,
                "{address:#x} lies inside the allocation of {} B at {:#x}",
                allocation.requested, allocation.address
            ),
            HeapFreeError::AlreadyFree(address) => {
                write!(f, "double free: {address:#x} is not allocated")
            }
        }
    }
}

impl core::error::Error for HeapSetupError {}
impl core::error::Error for HeapError {}
impl core::error::Error for HeapFreeError {}
