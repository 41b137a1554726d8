//! One entry of the firmware's memory map, unchecked.

use crate::vocabulary::memory_kind::MemoryKind;

/// Physical addresses end here: 52 bits (Intel SDM vol. 3A, 4.1.4).
pub const PHYSICAL_LIMIT: u64 = 1 << 52;

/// A region as the firmware gives it: nothing about it is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareEntry {
    /// The first byte.
    pub start: u64,
    /// How many bytes; 0 says nothing.
    pub bytes: u64,
    /// What it is said to be.
    pub kind: MemoryKind,
}
