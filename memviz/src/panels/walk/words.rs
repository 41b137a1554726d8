//! A page walk in words: flags of an entry, and the result.

use super::translation::Translation;
use crate::model::Entry;
use crate::model::tables::EntryPosition;
use crate::model::walk::End;
use core::fmt;
use mm::paging::{Access, RegionPolicy};
use mm::units::Bytes;

/// Lines of the flags of an entry: see [`Flags`].
pub const FLAG_LINES: usize = 3;

/// Text cells of "present, read-only".
const PRESENT: usize = 18;

/// Formats the flags of an entry in three lines: write access; user access and execution; the rest.
pub struct Flags {
    pub entry: Entry,
    pub line: usize,
    /// The available text cells.
    pub cells: usize,
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = self.entry.access;
        let has = |flag, yes, no| if access.contains(flag) { yes } else { no };
        match self.line {
            0 => {
                let present = if self.cells >= PRESENT {
                    "present, "
                } else {
                    ""
                };
                write!(
                    f,
                    "{present}{}",
                    has(Access::WRITE, "writable", "read-only")
                )
            }
            1 => write!(
                f,
                "{}, {}",
                has(Access::USER, "user", "kernel"),
                has(Access::EXECUTE, "execute", "no-execute")
            ),
            _ => {
                let rest = [
                    (Access::COPY_ON_WRITE, "copy-on-write"),
                    (Access::GLOBAL, "global"),
                    (Access::WRITE_COMBINING, "combining"),
                    (Access::UNCACHED, "uncached"),
                ];
                let mut separator = "";
                for (flag, word) in rest {
                    if access.contains(flag) {
                        write!(f, "{separator}{word}")?;
                        separator = ", ";
                    }
                }
                Ok(())
            }
        }
    }
}

/// Formats all flags of an entry in few letters.
pub struct ShortFlags(pub Entry);

impl fmt::Display for ShortFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = self.0.access;
        let has = |flag, yes, no| if access.contains(flag) { yes } else { no };
        f.write_str(has(Access::WRITE, "write", "read"))?;
        f.write_str(has(Access::USER, " user", " kernel"))?;
        f.write_str(has(Access::EXECUTE, " exec", " NX"))?;
        f.write_str(has(Access::COPY_ON_WRITE, " copy", ""))?;
        f.write_str(has(Access::GLOBAL, " global", ""))
    }
}

/// Returns the name of the table at this level.
pub fn table_name(place: EntryPosition) -> &'static str {
    place.level().map_or("CR3", |level| level.words())
}

/// Formats the result of the walk, and its reason.
pub struct Verdict<'t>(pub &'t Translation);

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let walk = &self.0.walk;
        match (walk.end, walk.steps().last()) {
            (End::Mapped { physical, size, .. }, _) => {
                write!(f, "→ {physical:#x}, a page of {}", Bytes(size.bytes()))
            }
            (End::NotPresent, Some(last)) => {
                let name = table_name(last.position);
                let why = match self.0.region.map(|region| region.policy) {
                    Some(RegionPolicy::Guard) => ": a guard page",
                    Some(RegionPolicy::DemandZero) => ": the first access maps it",
                    Some(RegionPolicy::Stack) => ": an access grows the stack",
                    Some(_) => "",
                    None => ": no region",
                };
                write!(f, "not present in the {name}{why}")
            }
            _ if walk.space != 0 => f.write_str("its page tables are gone"),
            _ => f.write_str("its tables are not known"),
        }
    }
}
