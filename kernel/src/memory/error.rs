//! Why memory cannot come up.

use super::boot_ranges::RANGES;
use super::map::MINIMUM_USABLE;
use crate::memory::paging::kernel_space::PagingError;
use crate::memory::size::Bytes;
use core::fmt;
use mm::frame::{AllocateError, ReserveError, StorageError};
use mm::heap::HeapSetupError;
use mm::memory_map::MemoryMapError;
use x86_64::VirtAddr;

/// Why memory cannot come up.
#[derive(Clone, Copy, Debug)]
pub enum InitError {
    /// The firmware's map is of no use.
    Map(MemoryMapError),
    /// Too little memory is usable.
    TooLittle { usable: u64 },
    /// No usable region has room for the frame allocator's metadata.
    NoRoom { frames: usize, bytes: u64 },
    /// The metadata was sized wrongly.
    Storage(StorageError),
    /// The metadata could not be kept.
    Reserve(ReserveError),
    /// No frames for the kernel's own tables.
    Frames(AllocateError),
    /// The heap was set up wrongly.
    Heap(HeapSetupError),
    /// Something could not be mapped.
    Paging(PagingError),
    /// The boot loader's direct map collides with the kernel's own address space.
    DirectMap(VirtAddr),
    /// Too many ranges to map.
    TooManyRanges,
    /// The tables do not say what was asked for.
    Unconfirmed(VirtAddr),
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InitError::Map(error) => error.fmt(f),
            InitError::TooLittle { usable } => write!(
                f,
                "only {} of memory are usable; {} are needed",
                Bytes(*usable),
                Bytes(MINIMUM_USABLE)
            ),
            InitError::NoRoom { frames, bytes } => write!(
                f,
                "no usable region holds the {} of metadata for {frames} frames: the memory map cannot be right",
                Bytes(*bytes)
            ),
            InitError::Storage(error) => error.fmt(f),
            InitError::Reserve(error) => error.fmt(f),
            InitError::Frames(error) => error.fmt(f),
            InitError::Heap(error) => error.fmt(f),
            InitError::Paging(error) => error.fmt(f),
            InitError::DirectMap(at) => {
                write!(
                    f,
                    "the bootloader's direct map at {at:#x} leaves no room for the kernel"
                )
            }
            InitError::TooManyRanges => write!(f, "more than {RANGES} ranges to map"),
            InitError::Unconfirmed(at) => {
                write!(f, "the page tables do not map {at:#x} as they should")
            }
        }
    }
}

/// Lets `?` turn the error of a step into the error of the whole.
macro_rules! from_step {
    ($($error:ident as $variant:ident),*) => {
        $(impl From<$error> for InitError {
            fn from(error: $error) -> InitError {
                InitError::$variant(error)
            }
        })*
    };
}
from_step!(
    MemoryMapError as Map,
    StorageError as Storage,
    ReserveError as Reserve,
    AllocateError as Frames,
    HeapSetupError as Heap,
    PagingError as Paging
);
