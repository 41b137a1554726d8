//! Error codes, causes and outcomes of page faults.

use super::byte_enum::byte_enum;
use bitflags::bitflags;

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

byte_enum! {
    /// The cause of a page fault.
    FaultCause {
        /// An access to a guard page: an overflow, or a use after free.
        Guard = 0, "guard page";
        /// An access to the first page of the address space.
        Null = 1, "null pointer";
        /// The first access to a page of a demand-zero region.
        DemandZero = 2, "demand-zero";
        /// The first write to a shared page.
        CopyOnWrite = 3, "copy-on-write";
        /// A write to a read-only page.
        WriteReadOnly = 4, "read-only page";
        /// An instruction fetch from a no-execute page.
        ExecuteNoExecute = 5, "no-execute page";
        /// An access of ring 3 to a page of the kernel.
        UserTouchedKernel = 6, "user touched kernel";
        /// A reserved bit is set in a page-table entry.
        ReservedBit = 7, "reserved bit set";
        /// No page is mapped there, and no region has a policy for it.
        Unmapped = 8, "unmapped";
        /// An access just below a growing stack.
        StackGrowth = 9, "stack growth";
        /// An access or an instruction fetch of ring 0 that SMAP or SMEP forbids.
        KernelTouchedUser = 10, "kernel touched user";
        /// An access to a page whose content is in swap.
        Swapped = 11, "page in swap";
    }
}

byte_enum! {
    /// The outcome of a page fault.
    FaultOutcome {
        /// It mapped a frame; the instruction ran again.
        Mapped = 0, "frame mapped";
        /// It copied the frame and mapped the copy writable.
        Copied = 1, "frame copied";
        /// It returned an error to the code that tests whether the address can be accessed.
        AccessCaught = 2, "access caught";
        /// It ended the process and freed its memory.
        ProcessEnded = 3, "process ended";
        /// It stopped the kernel.
        Fatal = 4, "kernel stopped";
        /// It made a copy-on-write page writable, because the process is the only user of the
        /// frame.
        MadeWritable = 5, "made writable";
        /// It read the page from swap and mapped it.
        SwappedIn = 6, "read from swap";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_names_its_variant() {
        for &cause in FaultCause::ALL {
            assert_eq!(FaultCause::from_number(cause as u8), Some(cause));
        }
        assert_eq!(FaultCause::from_number(FaultCause::ALL.len() as u8), None);
    }
}
