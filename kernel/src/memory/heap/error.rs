//! The errors of the `kmalloc` family.

use super::sites::SiteName;
use crate::memory::paging::translation::PagingError;
use core::fmt;
use mm::frame::AllocateError;
use mm::heap::{HeapError, HeapFreeError, Site};
use x86_64::VirtAddr;

/// The maximum size of a guarded allocation in bytes.
pub const GUARDED_LIMIT: u64 = 64 << 10;
/// The maximum number of guarded allocations, live or freed.
pub const GUARDED_SLOTS: usize = 16;
/// The maximum number of runs of frames for devices.
pub const DMA_RUNS: usize = 64;

/// The reason why an allocation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KmallocError {
    /// The heap refused.
    Heap(HeapError),
    /// The product of count and size overflows.
    Overflow { count: usize, size: usize },
    /// There is no run of frames.
    Frames(AllocateError),
    /// More bytes than a run for a driver can have.
    RunTooLong {
        /// Requested bytes.
        bytes: usize,
        /// The maximum number of bytes.
        most: u64,
    },
    /// Too many runs are in use.
    TooManyRuns,
    /// There are no page tables for the run.
    Paging(PagingError),
    /// The guarded allocation was refused.
    Guarded(GuardedError),
    /// The allocation to be resized is invalid.
    Resize(KfreeError),
}

/// The reason why memory was not freed. Nothing changes then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KfreeError {
    /// It was freed before, by `freed_by` if that is still known.
    DoubleFree { address: VirtAddr, freed_by: Site },
    /// It lies inside an allocation that begins elsewhere.
    Inside { address: VirtAddr, start: VirtAddr },
    /// No allocation is there.
    Wild(VirtAddr),
}

/// The reason why a guarded allocation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardedError {
    /// No bytes, or more than 64 KiB.
    Size { bytes: usize },
    /// Not a power of two, or more than a page.
    Alignment { align: usize },
    /// All slots are in use.
    Slots,
    /// There are no frames.
    Paging(PagingError),
}

impl From<AllocateError> for KmallocError {
    fn from(error: AllocateError) -> KmallocError {
        KmallocError::Frames(error)
    }
}

impl From<HeapFreeError> for KfreeError {
    fn from(error: HeapFreeError) -> KfreeError {
        match error {
            HeapFreeError::NotInHeap(address) => KfreeError::Wild(address),
            HeapFreeError::Inside {
                address,
                allocation,
            } => {
                let start = allocation.address;
                KfreeError::Inside { address, start }
            }
            HeapFreeError::AlreadyFree(address) => {
                let freed_by = Site::UNKNOWN;
                KfreeError::DoubleFree { address, freed_by }
            }
        }
    }
}

impl fmt::Display for KmallocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KmallocError::Heap(error) => error.fmt(f),
            KmallocError::Overflow { count, size } => {
                write!(f, "{count} × {size} B are more than there are addresses")
            }
            KmallocError::Frames(error) => error.fmt(f),
            KmallocError::RunTooLong { bytes, most } => {
                write!(f, "a run of {bytes} B exceeds the maximum of {most} B")
            }
            KmallocError::TooManyRuns => {
                write!(f, "all {DMA_RUNS} runs of frames are in use")
            }
            KmallocError::Paging(error) => error.fmt(f),
            KmallocError::Guarded(error) => error.fmt(f),
            KmallocError::Resize(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for KfreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KfreeError::DoubleFree { address, freed_by } => match *freed_by {
                Site::UNKNOWN => write!(f, "double free: {address:#x} is not allocated"),
                site => write!(
                    f,
                    "double free: {address:#x} was freed by {}",
                    SiteName(site)
                ),
            },
            KfreeError::Inside { address, start } => write!(
                f,
                "wild free: {address:#x} lies inside the allocation at {start:#x}"
            ),
            KfreeError::Wild(address) => {
                write!(f, "wild free: {address:#x} is no allocation")
            }
        }
    }
}

impl fmt::Display for GuardedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GuardedError::Size { bytes } => write!(
                f,
                "a guarded allocation has 1 B to {GUARDED_LIMIT} B, not {bytes} B"
            ),
            GuardedError::Alignment { align } => write!(f, "it cannot be aligned to {align} B"),
            GuardedError::Slots => write!(f, "all {GUARDED_SLOTS} guarded allocations are in use"),
            GuardedError::Paging(error) => error.fmt(f),
        }
    }
}
