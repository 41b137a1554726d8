//! A slot of the table: an entry and its position in two words, and the links of its two buckets.
//!
//! ```text
//! bit  63                     28 27       0     63  52 51      50   48 47    40 39             0
//!     +-------------------------+----------+   +------+-------+-------+--------+----------------+
//!     | page: address / 4096    |  space   |   | used | table | depth | access | frame number   |
//!     +-------------------------+----------+   +------+-------+-------+--------+----------------+
//!       Slot::position                           Slot::entry
//! ```

use super::position::{Entry, EntryPosition};
use mm::memory_map::FRAME_BYTES;
use mm::paging::Access;
use x86_64::PhysAddr;

/// An entry, the links to the next slots of its buckets, and the heads of two buckets. All-zero is
/// a free slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot {
    position: u64,
    entry: u64,
    /// The index + 1 of the next slot in the bucket of the position, or of the next free slot; 0
    /// for none.
    pub(super) next_by_position: u32,
    pub(super) next_by_frame: u32,
    /// The heads of the buckets with this slot's number.
    pub(super) first_by_position: u32,
    pub(super) first_by_frame: u32,
}

const SPACE_BITS: u32 = 28;
pub(super) const SPACE: u64 = (1 << SPACE_BITS) - 1;
const FRAME: u64 = (1 << 40) - 1;
const ACCESS_SHIFT: u32 = 40;
const DEPTH_SHIFT: u32 = 48;
const TABLE: u64 = 1 << 51;
const USED: u64 = 1 << 52;

impl Slot {
    pub(super) fn is_used(&self) -> bool {
        self.entry & USED != 0
    }

    pub(super) fn is_at(&self, position: EntryPosition) -> bool {
        self.position == packed(position) && self.depth() == position.depth && self.is_used()
    }

    fn depth(&self) -> u8 {
        (self.entry >> DEPTH_SHIFT & 7) as u8
    }

    pub(super) fn position(&self) -> EntryPosition {
        EntryPosition {
            space: (self.position & SPACE) as u32,
            page: self.position >> SPACE_BITS,
            depth: self.depth(),
        }
    }

    pub(super) fn entry(&self) -> Entry {
        Entry {
            frame: PhysAddr::new((self.entry & FRAME) * FRAME_BYTES),
            access: Access::from_bits_truncate((self.entry >> ACCESS_SHIFT) as u8),
            is_table: self.entry & TABLE != 0,
        }
    }

    /// Removes the entry, and keeps the links.
    pub(super) fn vacate(&mut self) {
        self.entry = 0;
    }

    pub(super) fn set(&mut self, position: EntryPosition, entry: Entry) {
        self.position = packed(position);
        self.entry = (entry.frame.as_u64() / FRAME_BYTES)
            | (u64::from(entry.access.bits()) << ACCESS_SHIFT)
            | (u64::from(position.depth) << DEPTH_SHIFT)
            | if entry.is_table { TABLE } else { 0 }
            | USED;
    }
}

pub(super) fn packed(position: EntryPosition) -> u64 {
    position.page << SPACE_BITS | u64::from(position.space)
}
