//! What of paging is pure: the words for mappings, regions and faults; which region an address is
//! in; what a fault means.

mod classify;
mod region;
pub mod walk;

pub use classify::classify;
pub use region::{Region, RegionError, RegionTable};

use bitflags::bitflags;

bitflags! {
    /// What a mapping allows, packed into the flags byte of an event.
    ///
    /// `EXECUTE` is positive here, unlike the hardware's NX bit, so that "no flags" means least.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Access: u8 {
        /// Writes are allowed.
        const WRITE = 1 << 0;
        /// Instructions may be fetched.
        const EXECUTE = 1 << 1;
        /// Ring 3 may touch it.
        const USER = 1 << 2;
        /// Survives a CR3 switch in the TLB.
        const GLOBAL = 1 << 3;
        /// Write-combining instead of write-back.
        const WRITE_COMBINING = 1 << 4;
        /// Read-only for now: the first write copies the frame.
        const COPY_ON_WRITE = 1 << 5;
    }
}

bitflags! {
    /// The error code that the CPU pushes for a page fault (Intel SDM vol. 3A, 4.7), low byte.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ErrorCode: u8 {
        /// P: set for a protection violation, clear for a page that is not present.
        const PROTECTION = 1 << 0;
        /// W/R: the access was a write.
        const WRITE = 1 << 1;
        /// U/S: the access came from ring 3.
        const USER = 1 << 2;
        /// RSVD: a reserved bit was set in an entry.
        const RESERVED_BIT = 1 << 3;
        /// I/D: the access was an instruction fetch.
        const FETCH = 1 << 4;
    }
}

/// How many bytes one entry of the page tables maps.
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
    /// The size in bytes.
    pub const fn bytes(self) -> u64 {
        4096 << (9 * self as u64)
    }

    /// The size with this number, 0 to 2.
    pub const fn from_number(number: u8) -> Option<PageSize> {
        match number {
            0 => Some(PageSize::Size4KiB),
            1 => Some(PageSize::Size2MiB),
            2 => Some(PageSize::Size1GiB),
            _ => None,
        }
    }
}

/// Declares an enum that travels as one byte: its numbers, and its words for a screen or a log.
macro_rules! byte_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $number:literal, $words:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant = $number,)* }

        impl $name {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The one with this number.
            pub const fn from_number(number: u8) -> Option<$name> {
                match number { $($number => Some($name::$variant),)* _ => None }
            }

            /// In words.
            pub const fn words(self) -> &'static str {
                match self { $($name::$variant => $words,)* }
            }
        }
    };
}
pub(crate) use byte_enum;

byte_enum! {
    /// The level of a table.
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
    /// What a range of virtual addresses is for, and so what a fault in it means.
    RegionPolicy {
        /// Mapped at boot, stays.
        Fixed = 0, "fixed";
        /// Never mapped: a touch is an overflow of its neighbour.
        Guard = 1, "guard page";
        /// Mapped to a zeroed frame at the first touch.
        DemandZero = 2, "demand-zero";
        /// Shared and read-only until the first write copies it.
        CopyOnWrite = 3, "copy-on-write";
        /// Grows downwards at a touch, down to its guard page.
        Stack = 4, "stack";
    }
}

byte_enum! {
    /// Why a page fault happened.
    FaultCause {
        /// A guard page was touched: something ran over its end, or used what was given back.
        Guard = 0, "guard page";
        /// The first page of the address space: a null pointer.
        Null = 1, "null pointer";
        /// First touch in a demand-zero region.
        DemandZero = 2, "demand-zero";
        /// First write to a shared page.
        CopyOnWrite = 3, "copy-on-write";
        /// A write to a read-only page.
        WriteReadOnly = 4, "read-only page";
        /// An instruction fetch from a no-execute page.
        ExecuteNoExecute = 5, "no-execute page";
        /// Ring 3 touched a page of the kernel.
        UserTouchedKernel = 6, "user touched kernel";
        /// A reserved bit is set in a page-table entry.
        ReservedBit = 7, "reserved bit set";
        /// Nothing is mapped there and no region claims it.
        Unmapped = 8, "unmapped";
        /// A touch just below a growing stack.
        StackGrowth = 9, "stack growth";
        /// Ring 0 touched or ran a user page against SMAP or SMEP.
        KernelTouchedUser = 10, "kernel touched user";
    }
}

byte_enum! {
    /// What the handler did about a page fault.
    FaultOutcome {
        /// A frame was mapped and the instruction ran again.
        Mapped = 0, "frame mapped";
        /// A frame was copied and mapped writable.
        Copied = 1, "frame copied";
        /// A guarded probe was told that the access failed.
        AccessCaught = 2, "access caught";
        /// The process was ended, and all it had came back.
        ProcessEnded = 3, "process ended";
        /// The kernel stopped.
        Fatal = 4, "kernel stopped";
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

    #[test]
    fn every_number_names_its_variant() {
        for &cause in FaultCause::ALL {
            assert_eq!(FaultCause::from_number(cause as u8), Some(cause));
        }
        assert_eq!(FaultCause::from_number(FaultCause::ALL.len() as u8), None);
    }
}
