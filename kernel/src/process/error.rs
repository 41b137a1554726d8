//! The errors of processes and their address spaces.

use crate::memory::heap::kmalloc::KmallocError;
use crate::memory::paging::translation::PagingError;
use crate::memory::swap::SwapError;
use core::fmt;
use mm::frame::{AllocateError, ShareError};
use mm::paging::{FaultCause, RegionError};
use x86_64::VirtAddr;

/// Why a process or its address space refuses an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpaceError {
    /// The table of processes is full.
    TooManyProcesses,
    /// No process runs.
    NoProcess,
    /// No frame is free.
    Frames(AllocateError),
    /// A frame cannot have more users.
    Share(ShareError),
    /// A page could not be mapped.
    Paging(PagingError),
    /// A region could not be opened or closed.
    Region(RegionError),
    /// The process has the most pages that it may have.
    Limit(VirtAddr),
    /// The process is not allowed this access.
    Forbidden(VirtAddr, FaultCause),
    /// More bytes than allowed.
    TooLarge(u64),
    /// The process has as many resident pages as its limit allows.
    LimitReached(VirtAddr),
    /// The machine has so few free frames that processes get none.
    FewFrames(VirtAddr),
    /// A page could not be stored in swap or read back.
    Swap(SwapError),
    /// The heap has no block.
    Heap(KmallocError),
}

impl SpaceError {
    /// Returns whether the operation can be tried again when a page has left its frame.
    pub fn is_shortage(self) -> bool {
        matches!(
            self,
            SpaceError::LimitReached(_)
                | SpaceError::FewFrames(_)
                | SpaceError::Frames(AllocateError::Exhausted { .. })
                | SpaceError::Paging(PagingError::OutOfFrames(_))
        )
    }
}

impl fmt::Display for SpaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpaceError::TooManyProcesses => f.write_str("too many processes"),
            SpaceError::NoProcess => f.write_str("no process runs"),
            SpaceError::Frames(error) => error.fmt(f),
            SpaceError::Share(error) => error.fmt(f),
            SpaceError::Paging(error) => error.fmt(f),
            SpaceError::Region(error) => error.fmt(f),
            SpaceError::Limit(at) => {
                write!(f, "no page for {at:#x}: the process has the most already")
            }
            SpaceError::Forbidden(at, cause) => write!(f, "{at:#x}: {}", cause.words()),
            SpaceError::LimitReached(at) => {
                write!(
                    f,
                    "no frame for {at:#x}: the limit of the process is reached"
                )
            }
            SpaceError::FewFrames(at) => {
                write!(f, "no frame for {at:#x}: too few are free for processes")
            }
            SpaceError::Swap(error) => error.fmt(f),
            SpaceError::Heap(error) => error.fmt(f),
            SpaceError::TooLarge(bytes) => write!(f, "{bytes} bytes are too many"),
        }
    }
}

impl From<PagingError> for SpaceError {
    fn from(error: PagingError) -> SpaceError {
        SpaceError::Paging(error)
    }
}

impl From<RegionError> for SpaceError {
    fn from(error: RegionError) -> SpaceError {
        SpaceError::Region(error)
    }
}

impl From<AllocateError> for SpaceError {
    fn from(error: AllocateError) -> SpaceError {
        SpaceError::Frames(error)
    }
}

impl From<KmallocError> for SpaceError {
    fn from(error: KmallocError) -> SpaceError {
        SpaceError::Heap(error)
    }
}

impl From<SwapError> for SpaceError {
    fn from(error: SwapError) -> SpaceError {
        SpaceError::Swap(error)
    }
}
