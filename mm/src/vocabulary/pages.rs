//! Access rights, page sizes, levels of page tables, and policies of memory regions.

use super::byte_enum::byte_enum;
use bitflags::bitflags;

bitflags! {
    /// The access rights of a mapping.
    ///
    /// `EXECUTE` grants a right, unlike the hardware's NX bit: no flags means the fewest rights.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Access: u8 {
        /// Writes are allowed.
        const WRITE = 1 << 0;
        /// Instructions may be fetched.
        const EXECUTE = 1 << 1;
        /// Ring 3 may access it.
        const USER = 1 << 2;
        /// The TLB keeps it when CR3 changes.
        const GLOBAL = 1 << 3;
        /// Write-combining memory type instead of write-back.
        const WRITE_COMBINING = 1 << 4;
        /// Read-only until the first write copies the frame.
        const COPY_ON_WRITE = 1 << 5;
        /// No caching, for the registers of a device.
        const UNCACHED = 1 << 6;
    }
}

/// The size of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum PageSize {
    /// 4 KiB, an entry of a page table.
    Size4KiB = 0,
    /// 2 MiB, an entry of a page directory.
    Size2MiB = 1,
    /// 1 GiB, an entry of a page directory pointer table.
    Size1GiB = 2,
}

impl PageSize {
    /// Returns the size in bytes.
    pub const fn bytes(self) -> u64 {
        4096 << (9 * self as u64)
    }

    /// Returns the size with this number, 0 to 2.
    pub const fn from_number(number: u8) -> Option<PageSize> {
        match number {
            0 => Some(PageSize::Size4KiB),
            1 => Some(PageSize::Size2MiB),
            2 => Some(PageSize::Size1GiB),
            _ => None,
        }
    }
}

byte_enum! {
    /// The level of a page table.
    TableLevel {
        /// Its entries are pages of 4 KiB.
        PageTable = 1, "PT";
        /// Its entries are page tables, or pages of 2 MiB.
        PageDirectory = 2, "PD";
        /// Its entries are page directories, or pages of 1 GiB.
        PointerTable = 3, "PDPT";
        /// The root: its entries are page directory pointer tables.
        Pml4 = 4, "PML4";
    }
}

byte_enum! {
    /// The policy of a memory region: what a page fault in it means.
    RegionPolicy {
        /// Mapped at boot, and stays mapped.
        Fixed = 0, "fixed";
        /// Never mapped: an access is an overflow of the memory next to it.
        Guard = 1, "guard page";
        /// Mapped to a zeroed frame at the first access.
        DemandZero = 2, "demand-zero";
        /// Shared and read-only until the first write copies it.
        CopyOnWrite = 3, "copy-on-write";
        /// Grows downwards at an access, as far as its guard page.
        Stack = 4, "stack";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_sizes_are_the_hardware_s() {
        assert_eq!(PageSize::Size4KiB.bytes(), 4 << 10);
        assert_eq!(PageSize::Size2MiB.bytes(), 2 << 20);
        assert_eq!(PageSize::Size1GiB.bytes(), 1 << 30);
    }
}
