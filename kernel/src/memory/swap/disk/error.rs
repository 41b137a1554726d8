//! Why there is no disk.

use crate::memory::heap::kmalloc::KmallocError;
use crate::memory::paging::kernel_space::PagingError;
use core::fmt;
use virtio_drivers::Error;
use virtio_drivers::transport::pci::VirtioPciError;

/// Why there is no disk.
#[derive(Debug)]
pub enum NoDisk {
    /// No virtio block device is on bus 0.
    Absent,
    /// Its registers are not in one range of whole pages of memory.
    Registers,
    /// Its registers could not be mapped.
    Paging(PagingError),
    /// There are no frames for its buffers.
    Memory(KmallocError),
    /// It does not describe itself as a virtio device does.
    Description(VirtioPciError),
    /// The driver refused it.
    Driver(Error),
    /// It can only be read.
    ReadOnly,
    /// It has fewer bytes than a page.
    TooSmall,
}

impl From<PagingError> for NoDisk {
    fn from(error: PagingError) -> NoDisk {
        NoDisk::Paging(error)
    }
}

impl From<KmallocError> for NoDisk {
    fn from(error: KmallocError) -> NoDisk {
        NoDisk::Memory(error)
    }
}

impl fmt::Display for NoDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoDisk::Absent => f.write_str("there is no virtio block device"),
            NoDisk::Registers => f.write_str("its registers cannot be mapped as whole pages"),
            NoDisk::Paging(error) => error.fmt(f),
            NoDisk::Memory(error) => error.fmt(f),
            NoDisk::Description(error) => error.fmt(f),
            NoDisk::Driver(error) => error.fmt(f),
            NoDisk::ReadOnly => f.write_str("the disk is read-only"),
            NoDisk::TooSmall => f.write_str("the disk has no room for a page"),
        }
    }
}
