//! A slot of the table: an entry and its place in two words, and the links of the two buckets that
//! it is in.
//!
//! ```text
//! bit  63                     28 27       0     63  52 51      50   48 47    40 39             0
//!     +-------------------------+----------+   +------+-------+-------+--------+----------------+
//!     | page: address / 4096    |  space   |   | used | table | depth | access | frame number   |
//!     +-------------------------+----------+   +------+-------+-------+--------+----------------+
//!       Slot::place                              Slot::entry
//! ```

use super::position::{Entry, EntryPosition};
use mm::memory_map::FRAME_BYTES;
use mm::paging::Access;
use x86_64::PhysAddr;

/// An entry, its bucket-mates, and the heads of two buckets. All-zero is a free slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot {
    place: u64,
    entry: u64,
    /// The next one in the bucket of the place, or the next free slot; 0 is none, other numbers
    /// are one too high.
    pub(super) next_by_place: u32,
    pub(super) next_by_frame: u32,
    /// The buckets with this slot's number.
    pub(super) first_by_place: u32,
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

    pub(super) fn is_at(&self, place: EntryPosition) -> bool {
        self.place == packed(place) && self.depth() == place.depth && self.is_used()
    }

    fn depth(&self) -> u8 {
        (self.entry >> DEPTH_SHIFT & 7) as u8
    }

    pub(super) fn place(&self) -> EntryPosition {
        EntryPosition {
            space: (self.place & SPACE) as u32,
            page: self.place >> SPACE_BITS,
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

    /// No entry is in it any more; the links stay.
    pub(super) fn vacate(&mut self) {
        self.entry = 0;
    }

    pub(super) fn set(&mut self, place: EntryPosition, entry: Entry) {
        self.place = packed(place);
        self.entry = (entry.frame.as_u64() / FRAME_BYTES)
            | (u64::from(entry.access.bits()) << ACCESS_SHIFT)
            | (u64::from(place.depth) << DEPTH_SHIFT)
            | if entry.is_table { TABLE } else { 0 }
            | USED;
    }
}

pub(super) fn packed(place: EntryPosition) -> u64 {
    place.page << SPACE_BITS | u64::from(place.space)
}
