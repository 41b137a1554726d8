//! One entry of the firmware's memory map, unchecked.

use crate::vocabulary::memory_kind::MemoryKind;

/// Physical addresses end here: 52 bits (Intel SDM vol. 3A, 4.1.4).
pub const PHYSICAL_LIMIT: u64 = 1 << 52;

/// An entry as the firmware gives it: unaligned, overlapping or wrapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareEntry {
    /// The first byte.
    pub start: u64,
    /// The size in bytes. An entry of 0 bytes is ignored.
    pub bytes: u64,
    /// The kind according to the firmware.
    pub kind: MemoryKind,
}
