//! Error codes, entries and causes in words that fit a box.

use crate::model::{Entry, Fault};
use core::fmt::{self, Display};
use mm::paging::{Access, ErrorCode, FaultCause};

/// The bits of the error code: which, its letter, and what it says when it is set or clear.
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

/// All bits in a line.
pub struct Bits(pub ErrorCode);

impl Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        BITS.iter().try_for_each(|&(bit, letter, ..)| {
            let is_set = u8::from(self.0.contains(bit));
            write!(f, "{letter}={is_set}  ")
        })
    }
}

/// What they say, in a line.
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

/// Who does what.
pub struct Touch<'f>(pub &'f Fault);

impl Display for Touch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.0.code;
        let ring = if code.contains(ErrorCode::USER) { 3 } else { 0 };
        let deed = match (
            code.contains(ErrorCode::FETCH),
            code.contains(ErrorCode::WRITE),
        ) {
            (true, _) => "runs code at",
            (false, true) => "writes to",
            (false, false) => "reads from",
        };
        write!(f, "ring {ring} {deed}")
    }
}

/// What an entry allows, in short.
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

/// What a cause means for who touched the page.
pub fn meaning(cause: FaultCause) -> &'static str {
    match cause {
        FaultCause::Guard => "never mapped, or not any more",
        FaultCause::Null => "a pointer that was never set",
        FaultCause::DemandZero => "first touch: it needs a frame",
        FaultCause::CopyOnWrite => "first write: copied if shared",
        FaultCause::WriteReadOnly => "it may only be read",
        FaultCause::ExecuteNoExecute => "it is data, not code",
        FaultCause::UserTouchedKernel => "the kernel's, not the program's",
        FaultCause::ReservedBit => "the page tables are damaged",
        FaultCause::Unmapped => "nothing belongs there",
        FaultCause::StackGrowth => "the stack needs another frame",
        FaultCause::KernelTouchedUser => "not without saying so (SMAP)",
    }
}
