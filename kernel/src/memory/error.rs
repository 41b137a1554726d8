//! The reason why memory initialization failed.

use super::paging::translation::PagingError;
use super::physical::allocator::SetupError;
use core::fmt;
use mm::frame::AllocateError;
use mm::heap::HeapSetupError;
use mm::memory_map::MemoryMapError;
use mm::memory_map::text::TextError;
use mm::units::Bytes;
use x86_64::{PhysAddr, VirtAddr};

/// The reason why memory initialization failed.
#[derive(Clone, Copy, Debug)]
pub enum InitError {
    /// The firmware's map is invalid.
    Map(MemoryMapError),
    /// The map of another machine is invalid.
    Described(TextError),
    /// Too little memory is usable.
    TooLittle { usable: u64, minimum: u64 },
    /// No usable region has room for the frame allocator's metadata.
    NoRoom { frames: usize, bytes: u64 },
    /// The boot tables cannot map the metadata, which do not fit below `reachable`.
    OutOfReach { bytes: u64, reachable: PhysAddr },
    /// The frame allocator could not be built.
    Setup(SetupError),
    /// No frames for the kernel's own tables or metadata.
    Frames(AllocateError),
    /// The heap could not be built.
    Heap(HeapSetupError),
    /// A page could not be mapped.
    Paging(PagingError),
    /// The boot loader's direct map collides with the kernel's own address space.
    DirectMap(VirtAddr),
    /// More entries that reserve memory than the map has room for.
    TooManyEntries { entries: usize, dropped: usize },
    /// A page is not mapped as requested.
    Unconfirmed(VirtAddr),
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InitError::Map(error) => error.fmt(f),
            InitError::Described(error) => {
                write!(f, "the memory map that the host passes: {error}")
            }
            InitError::TooLittle { usable, minimum } => write!(
                f,
                "only {} of memory are usable; {} are needed",
                Bytes(*usable),
                Bytes(*minimum)
            ),
            InitError::NoRoom { frames, bytes } => write!(
                f,
                "no usable region has room for the {} of metadata of {frames} frames",
                Bytes(*bytes)
            ),
            InitError::OutOfReach { bytes, reachable } => write!(
                f,
                "the {} of metadata do not fit below {reachable:#x}, and this CPU has no pages of 1 GiB to map them above",
                Bytes(*bytes)
            ),
            InitError::Setup(error) => error.fmt(f),
            InitError::Frames(error) => error.fmt(f),
            InitError::Heap(error) => error.fmt(f),
            InitError::Paging(error) => error.fmt(f),
            InitError::DirectMap(at) => {
                write!(
                    f,
                    "the boot loader's direct map at {at:#x} leaves no room for the kernel"
                )
            }
            InitError::TooManyEntries { entries, dropped } => write!(
                f,
                "the firmware's memory map has {entries} entries; {dropped} that reserve memory do not fit"
            ),
            InitError::Unconfirmed(at) => {
                write!(f, "the page tables do not map {at:#x} as they should")
            }
        }
    }
}

/// Converts the errors of the steps, for `?`.
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
    TextError as Described,
    SetupError as Setup,
    AllocateError as Frames,
    HeapSetupError as Heap,
    PagingError as Paging
);
