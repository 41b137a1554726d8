//! A detected corruption, as an event and in words.

use crate::memory::heap::sites::SiteName;
use core::fmt;
use mm::event::Payload;
use mm::heap::corruption::{CorruptionKind, Damage, Freed};
use mm::heap::{Allocation, Site};
use x86_64::VirtAddr;

/// A detected corruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corruption {
    /// A write past the end of an allocation, or before the start of the next one.
    OutOfBounds {
        /// The allocation whose redzone is damaged.
        allocation: Allocation,
        /// The damage, counted from the end of the requested bytes.
        damage: Damage,
    },
    /// A write to an allocation that was freed.
    UseAfterFree {
        /// The freed allocation.
        freed: Freed,
        /// The damage, counted from its first byte.
        damage: Damage,
    },
    /// A free of an allocation that was freed before.
    DoubleFree {
        /// Its first byte.
        address: VirtAddr,
        /// The record of the first free, if it is still stored.
        freed: Option<Freed>,
    },
    /// A free of an address at which no allocation begins.
    WildFree {
        /// The address.
        address: VirtAddr,
        /// The allocation that it lies in.
        inside: Option<Allocation>,
    },
}

/// Converts a number to a field of an event; [`u32::MAX`] means "at least".
pub fn saturated(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

impl Corruption {
    /// Returns the event.
    pub fn event(&self) -> Payload {
        let (corruption, address, damage) = match *self {
            Corruption::OutOfBounds { allocation, damage } => (
                CorruptionKind::OutOfBounds,
                allocation.address,
                Some(damage),
            ),
            Corruption::UseAfterFree { freed, damage } => {
                (CorruptionKind::UseAfterFree, freed.address, Some(damage))
            }
            Corruption::DoubleFree { address, .. } => (CorruptionKind::DoubleFree, address, None),
            Corruption::WildFree { address, .. } => (CorruptionKind::WildFree, address, None),
        };
        Payload::Corruption {
            address,
            kind: corruption,
            first: damage.map_or(0, |damage| saturated(damage.first)),
            count: damage.map_or(0, |damage| saturated(damage.count)),
        }
    }
}

/// A corruption, and the call site that found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The corruption.
    pub corruption: Corruption,
    /// The call site whose call found it.
    pub found_by: Site,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.corruption {
            Corruption::OutOfBounds { allocation, damage } => {
                explain_out_of_bounds(f, &allocation, damage)?;
            }
            Corruption::UseAfterFree { freed, damage } => write!(
                f,
                "use after free: {} B written {} B inside {:#x} (first {:#04x}){}",
                damage.count,
                damage.first,
                freed.address,
                damage.found,
                Callers(&freed)
            )?,
            Corruption::DoubleFree { address, freed } => {
                write!(f, "double free of {address:#x}")?;
                if let Some(freed) = freed {
                    Callers(&freed).fmt(f)?;
                }
            }
            Corruption::WildFree { address, inside } => match inside {
                None => write!(f, "wild free: {address:#x} is no allocation")?,
                Some(allocation) => write!(
                    f,
                    "wild free: {address:#x} lies {} B inside the {} B at {:#x}, allocated by {}",
                    address - allocation.address,
                    allocation.requested,
                    allocation.address,
                    SiteName(allocation.site)
                )?,
            },
        }
        if self.found_by != Site::UNKNOWN {
            write!(f, "; found in a call by {}", SiteName(self.found_by))?;
        }
        Ok(())
    }
}

/// Writes the allocation, and the number of bytes written past its end.
fn explain_out_of_bounds(
    f: &mut fmt::Formatter<'_>,
    allocation: &Allocation,
    damage: Damage,
) -> fmt::Result {
    write!(
        f,
        "out of bounds: {} B written {} B past the end of {} B at {:#x} (first {:#04x}), allocated by {}",
        damage.count,
        damage.first,
        allocation.requested,
        allocation.address,
        damage.found,
        SiteName(allocation.site)
    )?;
    if damage.first > 0 {
        let end = allocation.end();
        write!(f, "; or before the start of the block at {end:#x}")?;
    }
    Ok(())
}

/// The call sites that allocated and freed a block.
struct Callers<'f>(&'f Freed);

impl fmt::Display for Callers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allocated_by = SiteName(self.0.allocated_by);
        let freed_by = SiteName(self.0.freed_by);
        write!(f, ", allocated by {allocated_by}, freed by {freed_by}")
    }
}
