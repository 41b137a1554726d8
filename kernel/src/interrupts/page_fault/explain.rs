//! A page fault in words: the access, the address, the cause, and the code that made the access.

use super::record::Record;
use crate::machine::symbols;
use crate::memory::heap::guarded;
use crate::memory::paging::{layout, stacks};
use core::fmt;
use mm::paging::{ErrorCode, FaultCause, Region, RegionPolicy};
use mm::tag::Tag;

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = if self.code.contains(ErrorCode::FETCH) {
            "executing"
        } else if self.code.contains(ErrorCode::WRITE) {
            "writing"
        } else {
            "reading"
        };
        write!(
            f,
            "page fault {} {access} {:#x}: ",
            self.number, self.address
        )?;
        match (self.cause, self.region) {
            (FaultCause::Guard, Some(region)) => self.explain_guard(f, &region)?,
            (cause, Some(region)) if region.policy != RegionPolicy::Fixed => {
                let whose = if self.is_in_lower_half() {
                    "process's"
                } else {
                    "kernel's"
                };
                write!(
                    f,
                    "{} in the {whose} {}",
                    cause.words(),
                    owner_name(region.owner)
                )?;
            }
            (cause, _) => f.write_str(cause.words())?,
        }
        if let Some(outer) = self.inside {
            write!(f, ", inside the handler of fault {outer}")?;
        }
        match self.process.filter(|_| self.frame.is_from_user()) {
            Some(number) => write!(f, ", by process {number} at {:#x}", self.frame.rip),
            None => write!(f, ", by {}", symbols::name(self.frame.rip)),
        }
    }
}

impl Record {
    /// Writes which guard page it is, its owner, and the distance from the end of the owner's
    /// memory.
    fn explain_guard(&self, f: &mut fmt::Formatter<'_>, region: &Region) -> fmt::Result {
        let address = self.address.as_u64();
        let below = region.start.as_u64() + region.bytes - address;
        let above = address - region.start.as_u64() + 1;
        if self.is_in_lower_half() {
            return write!(
                f,
                "guard page, {below} B below the process's stack: stack overflow"
            );
        }
        if let Some((owner, side)) = stacks::beside(self.address) {
            return match side {
                stacks::Side::Below => {
                    write!(f, "guard page, {below} B below the {owner}: stack overflow")
                }
                stacks::Side::Above => write!(f, "guard page, {above} B above the {owner}"),
            };
        }
        if let Some(hit) = guarded::hit(self.address) {
            return write!(f, "guard page, {hit}");
        }
        match region.owner {
            Tag::HEAP if self.address < layout::HEAP => {
                write!(f, "guard page, {below} B before the kernel heap")
            }
            Tag::HEAP => write!(f, "guard page, {above} B past the largest kernel heap"),
            owner => write!(f, "guard page of the kernel's {}", owner_name(owner)),
        }
    }
}

/// Returns the owner of a region in words.
fn owner_name(owner: Tag) -> &'static str {
    match owner {
        Tag::STACK => "stack",
        Tag::HEAP => "heap",
        Tag::USER => "demand-zero region",
        _ => "memory",
    }
}

/// The callers of the faulting function, in one line.
pub struct Callers<'r>(pub &'r Record);

impl fmt::Display for Callers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first entry is the instruction itself, which the line already names.
        for &address in self.0.callers.iter().skip(1).take(3) {
            write!(f, " ← {}", symbols::name(address).function())?;
        }
        Ok(())
    }
}
