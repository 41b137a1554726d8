//! Error codes, entries and causes as text that fits a box.

use crate::model::{Entry, Fault};
use core::fmt::{self, Display};
use mm::paging::{Access, ErrorCode, FaultCause};

/// The bits of the error code: bit, letter, and meaning when set and when clear.
pub const BITS: [(ErrorCode, char, &str, &str); 5] = [
    (ErrorCode::PROTECTION, 'P', "not allowed", "not present"),
    (ErrorCode::WRITE, 'W', "a write", "a read"),
    (ErrorCode::USER, 'U', "in ring 3", "in ring 0"),
    (
        ErrorCode::RESERVED_BIT,
        'R',
        "a reserved bit is set",
        "no reserved bit",
    ),
    (ErrorCode::FETCH, 'I', "an instruction", "data"),
];

/// Formats all bits in a line.
pub struct Bits(pub ErrorCode);

impl Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        BITS.iter().try_for_each(|&(bit, letter, ..)| {
            let is_set = u8::from(self.0.contains(bit));
            write!(f, "{letter}={is_set}  ")
        })
    }
}

/// Formats the meaning of the bits in a line.
pub struct BitWords(pub ErrorCode);

impl Display for BitWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (bit, _, set, clear)) in BITS.into_iter().enumerate() {
            let is_set = self.0.contains(bit);
            // The last two matter only when they are set.
            if number < 3 || is_set {
                let separator = if number > 0 { ", " } else { "" };
                write!(f, "{separator}{}", if is_set { set } else { clear })?;
            }
        }
        Ok(())
    }
}

/// Formats the access.
pub struct Touch<'f>(pub &'f Fault);

impl Display for Touch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.0.code;
        let ring = if code.contains(ErrorCode::USER) { 3 } else { 0 };
        let action = match (
            code.contains(ErrorCode::FETCH),
            code.contains(ErrorCode::WRITE),
        ) {
            (true, _) => "fetches code at",
            (false, true) => "writes to",
            (false, false) => "reads from",
        };
        write!(f, "ring {ring} {action}")
    }
}

/// Formats the flags of an entry.
pub struct Flags(pub Entry);

impl Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |access| self.0.access.contains(access);
        f.write_str(if has(Access::WRITE) { "rw" } else { "ro" })?;
        f.write_str(if has(Access::USER) {
            " user"
        } else {
            " kernel"
        })?;
        if !self.0.is_table && !has(Access::EXECUTE) {
            f.write_str(" nx")?;
        }
        if has(Access::COPY_ON_WRITE) {
            f.write_str(" cow")?;
        }
        Ok(())
    }
}

/// Returns the meaning of a cause for the process that made the access.
pub fn meaning(cause: FaultCause) -> &'static str {
    match cause {
        FaultCause::Guard => "never mapped, or unmapped now",
        FaultCause::Null => "null pointer access",
        FaultCause::DemandZero => "first access: it needs a frame",
        FaultCause::CopyOnWrite => "first write: copied if shared",
        FaultCause::WriteReadOnly => "the page is read-only",
        FaultCause::ExecuteNoExecute => "the page is no-execute",
        FaultCause::UserTouchedKernel => "the page belongs to the kernel",
        FaultCause::ReservedBit => "the page table is corrupt",
        FaultCause::Unmapped => "no region at this address",
        FaultCause::StackGrowth => "the stack needs another frame",
        FaultCause::KernelTouchedUser => "blocked by SMAP or SMEP",
        FaultCause::Swapped => "its content is in swap",
    }
}
