//! Fields of events as words of a sentence.

use crate::units::{Bytes, Count};
use crate::vocabulary::corruption::CorruptionKind;
use crate::vocabulary::order::GRANULE_BYTES;
use crate::vocabulary::pages::{Access, PageSize};
use core::fmt;

/// " × 7" for seven frames, nothing for one.
pub(super) struct Times(pub u64);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => Ok(()),
            count => write!(f, " × {}", Count(count)),
        }
    }
}

/// " 2 MiB" for a large page, nothing for one of 4 KiB.
pub(super) struct Large(pub PageSize);

impl fmt::Display for Large {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            PageSize::Size4KiB => Ok(()),
            size => write!(f, " {}", Bytes(size.bytes())),
        }
    }
}

/// The size of the blocks of an allocation.
pub(super) struct Granules(pub u16);

impl fmt::Display for Granules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Bytes(u64::from(self.0) * GRANULE_BYTES).fmt(f)
    }
}

/// "00 01 bb bb", the lowest address first; "?" for bytes that are not known.
pub(super) struct FourBytes(pub bool, pub u32);

impl fmt::Display for FourBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FourBytes(is_known, bytes) = *self;
        let [a, b, c, d] = bytes.to_le_bytes();
        match is_known {
            true => write!(f, "{a:02x} {b:02x} {c:02x} {d:02x}"),
            false => f.write_str("?"),
        }
    }
}

/// ", split from 1 MiB" if an allocation came from a larger block, or merged into it.
pub(super) struct Change {
    pub verb: &'static str,
    pub granules: u16,
    pub larger: u8,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let larger = GRANULE_BYTES.checked_shl(self.larger.into());
        let larger = larger.unwrap_or(u64::MAX);
        if larger <= u64::from(self.granules) * GRANULE_BYTES {
            return Ok(());
        }
        write!(f, ", {} {}", self.verb, Bytes(larger))
    }
}

/// Access rights as letters: "rwx user".
pub(super) struct Allowed(pub Access);

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |access, letter| if self.0.contains(access) { letter } else { '-' };
        let (write, execute) = (letter(Access::WRITE, 'w'), letter(Access::EXECUTE, 'x'));
        write!(f, "r{write}{execute}")?;
        if self.0.contains(Access::USER) {
            f.write_str(" user")?;
        }
        Ok(())
    }
}

/// A process by its number.
pub(super) struct Process(pub u32);

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("kernel"),
            number => write!(f, "process {number}"),
        }
    }
}

/// The bytes that a corruption overwrote.
pub(super) struct Overwritten {
    pub kind: CorruptionKind,
    pub first: u32,
    pub count: u32,
}

impl fmt::Display for Overwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Overwritten { kind, first, count } = self;
        match kind {
            CorruptionKind::OutOfBounds => write!(f, ", {count} B, {first} B past the end"),
            CorruptionKind::UseAfterFree => write!(f, ", {count} B, {first} B inside"),
            CorruptionKind::DoubleFree | CorruptionKind::WildFree => Ok(()),
        }
    }
}
