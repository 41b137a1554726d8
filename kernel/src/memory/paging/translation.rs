//! One translation: access rights and flags of an entry, and the token for a change that must be
//! flushed.

use crate::machine::cpu::{self, Features};
use core::fmt;
use mm::paging::{Access, PageSize};
use x86_64::structures::paging::PageTableFlags;
use x86_64::structures::paging::mapper::MapperFlush;
use x86_64::structures::paging::page::PageSize as HardwareSize;
use x86_64::{PhysAddr, VirtAddr};

/// The reason why a page could not be mapped or unmapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingError {
    /// There is no frame for a page table.
    OutOfFrames(VirtAddr),
    /// Something is mapped there already.
    AlreadyMapped(VirtAddr),
    /// Nothing is mapped there.
    NotMapped(VirtAddr),
    /// A larger page is mapped there.
    LargerPage(VirtAddr),
    /// An entry of the tables is invalid.
    BadEntry(VirtAddr),
}

impl fmt::Display for PagingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PagingError::OutOfFrames(at) => write!(f, "no frame for a page table to map {at:#x}"),
            PagingError::AlreadyMapped(at) => write!(f, "{at:#x} is already mapped"),
            PagingError::NotMapped(at) => write!(f, "{at:#x} is not mapped"),
            PagingError::LargerPage(at) => write!(f, "{at:#x} belongs to a larger page"),
            PagingError::BadEntry(at) => write!(f, "a page-table entry of {at:#x} is invalid"),
        }
    }
}

/// A token for a changed entry: the TLB may still hold the old translation.
#[must_use = "the CPU may still use the old translation: flush it, or say why not"]
#[derive(Debug)]
pub struct Flush(VirtAddr);

impl Flush {
    /// Flushes the old translation from the TLB.
    pub fn flush(self) {
        x86_64::instructions::tlb::flush(self.0);
    }

    /// Flushes the old translation if these tables are active. Loading a root flushes all pages of
    /// processes, so the TLB holds none of another process.
    pub fn flush_if(self, is_active: bool) {
        if is_active {
            self.flush();
        }
    }

    /// Drops the token: the page was not mapped before, and the TLB holds no absent pages.
    pub fn not_cached(self) {}
}

impl<S: HardwareSize> From<MapperFlush<S>> for Flush {
    fn from(flush: MapperFlush<S>) -> Flush {
        let page = flush.page().start_address();
        flush.ignore();
        Flush(page)
    }
}

/// A bit that the CPU ignores. It is set if the page was written and the dirty bit was cleared
/// since.
pub const WRITTEN: PageTableFlags = PageTableFlags::BIT_10;

/// A bit that the CPU ignores: the page was used, and the accessed bit was cleared since.
pub const USED: PageTableFlags = PageTableFlags::BIT_11;

/// A bit that the CPU ignores: the page was used since the last measurement of working sets, and
/// the accessed bit was cleared since. The entry of a page in swap can have it too.
pub const MEASURED: PageTableFlags = PageTableFlags::BIT_52;

/// One translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The physical address.
    pub physical: PhysAddr,
    /// The size of the page.
    pub size: PageSize,
    /// The access rights.
    pub access: Access,
}

/// Returns the part of an access that the tables of this CPU can express. Without NX every page can
/// be executed; without PGE no page is global; without PAT none is write-combining.
pub fn enforceable(access: Access) -> Access {
    let mut access = access;
    if !cpu::has(Features::NX) {
        access.insert(Access::EXECUTE);
    }
    if !cpu::has(Features::PGE) {
        access.remove(Access::GLOBAL);
    }
    if !cpu::has(Features::PAT) {
        access.remove(Access::WRITE_COMBINING);
    }
    access
}

/// Returns the flags of an entry for an access that is [`enforceable`].
///
/// Write-combining is entry 1 of the page attribute table (see `machine::cpu`): PWT alone. Uncached
/// is entry 2: PCD alone.
pub fn to_hardware(access: Access) -> PageTableFlags {
    let mut flags = PageTableFlags::PRESENT;
    flags.set(PageTableFlags::WRITABLE, access.contains(Access::WRITE));
    flags.set(
        PageTableFlags::NO_EXECUTE,
        !access.contains(Access::EXECUTE),
    );
    flags.set(
        PageTableFlags::USER_ACCESSIBLE,
        access.contains(Access::USER),
    );
    flags.set(PageTableFlags::GLOBAL, access.contains(Access::GLOBAL));
    flags.set(
        PageTableFlags::WRITE_THROUGH,
        access.contains(Access::WRITE_COMBINING),
    );
    flags.set(PageTableFlags::NO_CACHE, access.contains(Access::UNCACHED));
    flags.set(
        PageTableFlags::BIT_9,
        access.contains(Access::COPY_ON_WRITE),
    );
    flags
}

/// Returns the access that the flags of an entry allow.
pub fn from_hardware(flags: PageTableFlags) -> Access {
    let mut access = Access::empty();
    access.set(Access::WRITE, flags.contains(PageTableFlags::WRITABLE));
    access.set(Access::EXECUTE, !flags.contains(PageTableFlags::NO_EXECUTE));
    access.set(
        Access::USER,
        flags.contains(PageTableFlags::USER_ACCESSIBLE),
    );
    access.set(Access::GLOBAL, flags.contains(PageTableFlags::GLOBAL));
    access.set(
        Access::WRITE_COMBINING,
        flags.contains(PageTableFlags::WRITE_THROUGH),
    );
    access.set(Access::UNCACHED, flags.contains(PageTableFlags::NO_CACHE));
    access.set(Access::COPY_ON_WRITE, flags.contains(PageTableFlags::BIT_9));
    access
}
