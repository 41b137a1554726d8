//! Why an operation on the heap was refused, and what can be found broken in it.

use super::allocation::Allocation;
use super::block::Block;
use super::sizes::HeapSizes;
use crate::vocabulary::order::Order;
use core::fmt;
use x86_64::VirtAddr;

/// Why there is no heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapSetupError {
    /// Not the start of a page.
    Start(VirtAddr),
    /// No multiple of 1 MiB, or there are not that many addresses behind the start.
    Maximum(u64),
    /// The storage is too small: it must have these sizes.
    Storage(HeapSizes),
}

/// Why a block could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapError {
    /// Nothing was asked for.
    NoBytes,
    /// The owner is empty.
    NoOwner,
    /// No power of two, or more than the start of the heap is aligned to, or above 1 MiB.
    Alignment {
        /// As asked, in bytes.
        align: usize,
    },
    /// More than 1 MiB.
    TooLarge {
        /// As asked.
        bytes: usize,
    },
    /// No free block is large enough, but the heap may grow by another chunk.
    MustGrow {
        /// As asked.
        bytes: usize,
    },
    /// No free block is large enough, and the heap is at its maximum.
    Exhausted {
        /// As asked.
        bytes: usize,
    },
}

/// Why a block could not be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapFreeError {
    /// Before the start, or not below the committed end.
    NotInHeap(VirtAddr),
    /// In an allocation, but not its first byte.
    Inside {
        /// What was given.
        address: VirtAddr,
        /// The allocation that has it.
        allocation: Allocation,
    },
    /// A double free, or never allocated.
    AlreadyFree(VirtAddr),
}

/// What [`Heap::validate`](super::Heap::validate) found broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapViolation {
    /// The index of this order does not agree with the free bits.
    Index(Order),
    /// No block begins here, where the one before ends.
    Gap(VirtAddr),
    /// Two free buddies, the first of them here.
    Unmerged(VirtAddr),
    /// A live block says it holds more bytes than it has.
    Requested(Block),
    /// This block should go on in the next one, or begin an allocation, and does not.
    Chain(Block),
    /// The live blocks in the frame here were counted wrongly.
    References {
        /// The frame's first byte.
        frame: VirtAddr,
        /// As kept.
        kept: u8,
        /// As recounted.
        recounted: u8,
    },
    /// A figure differs from its recount.
    Count {
        /// Which.
        figure: &'static str,
        /// As kept.
        kept: u64,
        /// As recounted.
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
            HeapError::NoBytes => f.write_str("no bytes were asked for"),
            HeapError::NoOwner => f.write_str("the block would have no owner"),
            HeapError::Alignment { align } => {
                write!(f, "the heap cannot align a block to {align} B")
            }
            HeapError::TooLarge { bytes } => {
                write!(f, "{bytes} B are more than the largest block of 1 MiB")
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
