//! Why the `kmalloc` family refuses.

use super::sites::Place;
use crate::memory::paging::translation::PagingError;
use core::fmt;
use mm::frame::AllocateError;
use mm::heap::{HeapError, HeapFreeError, Site};
use x86_64::VirtAddr;

/// The most bytes of a guarded allocation.
pub const GUARDED_LIMIT: u64 = 64 << 10;
/// The most guarded allocations, live or given back.
pub const GUARDED_SLOTS: usize = 16;
/// The most runs of frames for devices.
pub const DMA_RUNS: usize = 64;

/// Why there is no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KmallocError {
    /// The heap refused.
    Heap(HeapError),
    /// That many elements of that size are more bytes than there are addresses.
    Overflow { count: usize, size: usize },
    /// No run of frames.
    Frames(AllocateError),
    /// Drivers have too many runs.
    TooManyRuns,
    /// No page tables for the run.
    Paging(PagingError),
    /// No guarded pages.
    Guarded(GuardedError),
    /// What is to be resized cannot be.
    Resize(KfreeError),
}

/// Why memory was not given back. Nothing changes then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KfreeError {
    /// It was given back before, by `freed_by` if that is still known.
    DoubleFree { address: VirtAddr, freed_by: Site },
    /// It lies inside an allocation that begins elsewhere.
    Inside { address: VirtAddr, start: VirtAddr },
    /// It never was an allocation.
    Wild(VirtAddr),
}

/// Why there is no guarded allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardedError {
    /// Nothing, or more than 64 KiB.
    Size { bytes: usize },
    /// No power of two, or more than a page.
    Alignment { align: usize },
    /// All slots are in use.
    Slots,
    /// No frames.
    Paging(PagingError),
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
            KmallocError::TooManyRuns => {
                write!(f, "drivers have {} runs of frames already", DMA_RUNS)
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
                site => write!(f, "double free: {address:#x} was freed by {}", Place(site)),
            },
            KfreeError::Inside { address, start } => write!(
                f,
                "wild free: {address:#x} lies inside the allocation at {start:#x}"
            ),
            KfreeError::Wild(address) => {
                write!(f, "wild free: {address:#x} never was an allocation")
            }
        }
    }
}

impl fmt::Display for GuardedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GuardedError::Size { bytes } => write!(
                f,
                "a guarded allocation has 1 B to {} B, not {bytes} B",
                GUARDED_LIMIT
            ),
            GuardedError::Alignment { align } => write!(f, "it cannot be aligned to {align} B"),
            GuardedError::Slots => write!(f, "all {GUARDED_SLOTS} guarded allocations are in use"),
            GuardedError::Paging(error) => error.fmt(f),
        }
    }
}
