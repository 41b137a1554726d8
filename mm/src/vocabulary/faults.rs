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
    fn every_number_names_its_variant() {
        for &cause in FaultCause::ALL {
            assert_eq!(FaultCause::from_number(cause as u8), Some(cause));
        }
        assert_eq!(FaultCause::from_number(FaultCause::ALL.len() as u8), None);
    }
}
