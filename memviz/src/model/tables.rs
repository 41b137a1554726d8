//! The page tables of all spaces, entry by entry, as the events tell them.
//!
//! ```text
//! place ──hash──► bucket ─► slot ─► slot        what is at this place?       a walk asks this four times
//! frame ──hash──► bucket ─► slot ─► slot        who leads to this frame?
//!
//! bit  63                     28 27       0     63  52 51      50   48 47    40 39             0
//!     +-------------------------+----------+   +------+-------+-------+--------+----------------+
//!     | page: address / 4096    |  space   |   | used | table | depth | access | frame number   |
//!     +-------------------------+----------+   +------+-------+-------+--------+----------------+
//!       Slot::place                              Slot::entry
//! ```
//! Invariants: a slot in use is in the bucket of its place and in that of its frame, and no two have the same place. The table
//! is bounded; what does not fit is counted ([`Tables::missing`]), and which entries these are can change when one goes
//! back in time.

use super::Direction;
use super::regions::FRAME_BYTES;
use core::ops::Range;
use mm::event::Payload;
use mm::paging::{Access, PageSize, TableLevel};
use x86_64::{PhysAddr, VirtAddr};

/// Slots for a machine with this many frames: one each, within limits. A page has a frame of its own most of the time; where
/// memory is large it is mapped by large pages most of the time.
pub const fn slots(frames: usize) -> usize {
    const LEAST: usize = 1 << 11;
    const MOST: usize = 1 << 17;
    let slots = frames.next_power_of_two();
    match slots {
        ..LEAST => LEAST,
        MOST.. => MOST,
        _ => slots,
    }
}

/// The deepest entries: those of page tables.
pub const DEEPEST: u8 = 4;

/// Where an entry of the page tables stands. In ascending order, an entry comes right before those below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Whose tables: the number of the process, 0 for the kernel, which has the upper half of all spaces.
    pub space: u32,
    /// The page number of the first address that the entry is for, without the sign: 36 bits.
    page: u64,
    /// 0 is CR3, which leads to the root; 1 an entry of the PML4, 2 of a PDPT, 3 of a PD, 4 of a PT.
    pub depth: u8,
}

impl Place {
    /// The entry at this depth, [`DEEPEST`] at most, on the way to an address.
    pub fn on_way(space: u32, address: VirtAddr, depth: u8) -> Place {
        let page = (address.as_u64() & ((1 << 48) - 1)) >> 12;
        let below = 9 * u32::from(DEEPEST - depth.min(DEEPEST));
        let is_kernel_s = depth > 0 && address.as_u64() >> 63 != 0;
        Place {
            space: if is_kernel_s { 0 } else { space },
            page: page >> below << below,
            depth,
        }
    }

    /// The first address that the entry is for.
    pub fn base(&self) -> VirtAddr {
        VirtAddr::new_truncate(self.page << 12)
    }

    /// Which of the 512 entries of its table it is.
    pub fn index(&self) -> u16 {
        (self.page >> (9 * u32::from(DEEPEST - self.depth)) & 511) as u16
    }

    /// The level of the table that it stands in; none for CR3.
    pub fn level(&self) -> Option<TableLevel> {
        TableLevel::from_number(DEEPEST + 1 - self.depth)
    }

    /// How large a page is that an entry here leads to, if it can.
    pub fn page_size(&self) -> Option<PageSize> {
        PageSize::from_number(DEEPEST - self.depth)
    }

    fn of_page(space: u32, page: VirtAddr, size: PageSize) -> Place {
        Place::on_way(space, page, DEEPEST - size as u8)
    }

    fn of_table(space: u32, base: VirtAddr, level: TableLevel) -> Place {
        Place::on_way(space, base, DEEPEST - level as u8)
    }
}

/// An entry in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it leads to: a table, or the first byte of a page.
    pub frame: PhysAddr,
    /// What it allows.
    pub access: Access,
    /// It leads to a table.
    pub is_table: bool,
}

impl Entry {
    /// An entry that leads to a page.
    pub fn page(frame: PhysAddr, access: Access) -> Entry {
        let is_table = false;
        Entry {
            frame,
            access,
            is_table,
        }
    }

    /// An entry that leads to a table.
    pub fn table(frame: PhysAddr, access: Access) -> Entry {
        let is_table = true;
        Entry {
            frame,
            access,
            is_table,
        }
    }
}

/// An entry, its bucket-mates, and the heads of two buckets. All-zero is a free slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slot {
    place: u64,
    entry: u64,
    /// The next one in the bucket of the place, or the next free slot; 0 is none, other numbers are one too high.
    next_by_place: u32,
    next_by_frame: u32,
    /// The buckets with this slot's number.
    first_by_place: u32,
    first_by_frame: u32,
}

const SPACE_BITS: u32 = 28;
const SPACE: u64 = (1 << SPACE_BITS) - 1;
const FRAME: u64 = (1 << 40) - 1;
const ACCESS_SHIFT: u32 = 40;
const DEPTH_SHIFT: u32 = 48;
const TABLE: u64 = 1 << 51;
const USED: u64 = 1 << 52;

impl Slot {
    fn is_used(&self) -> bool {
        self.entry & USED != 0
    }

    fn is_at(&self, place: Place) -> bool {
        self.place == packed(place) && self.depth() == place.depth && self.is_used()
    }

    fn depth(&self) -> u8 {
        (self.entry >> DEPTH_SHIFT & 7) as u8
    }

    fn place(&self) -> Place {
        Place {
            space: (self.place & SPACE) as u32,
            page: self.place >> SPACE_BITS,
            depth: self.depth(),
        }
    }

    fn entry(&self) -> Entry {
        Entry {
            frame: PhysAddr::new((self.entry & FRAME) * FRAME_BYTES),
            access: Access::from_bits_truncate((self.entry >> ACCESS_SHIFT) as u8),
            is_table: self.entry & TABLE != 0,
        }
    }

    fn set(&mut self, place: Place, entry: Entry) {
        self.place = packed(place);
        self.entry = (entry.frame.as_u64() / FRAME_BYTES)
            | (u64::from(entry.access.bits()) << ACCESS_SHIFT)
            | (u64::from(place.depth) << DEPTH_SHIFT)
            | if entry.is_table { TABLE } else { 0 }
            | USED;
    }
}

fn packed(place: Place) -> u64 {
    place.page << SPACE_BITS | u64::from(place.space)
}

/// All entries in use.
#[derive(Debug)]
pub struct Tables<'m> {
    slots: &'m mut [Slot],
    /// Slots from this one on were never used.
    fresh: usize,
    free: u32,
    len: usize,
    missing: u64,
    /// Entries that the machine said are otherwise when all were compared last.
    pub differing: u64,
}

/// What an event changes at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing was there, and this is from now on.
    Put(Entry),
    /// The reverse.
    Take(Entry),
    /// The entry stays and allows something else.
    Protect { from: Access, to: Access },
}

impl Change {
    /// What an event about the tables changes, and where; what is in the lower half is about `space`.
    pub fn of(space: u32, payload: Payload, direction: Direction) -> Option<(Place, Change)> {
        let (place, entry, direction) = match payload {
            Payload::Map {
                page,
                frame,
                size,
                access,
            } => (
                Place::of_page(space, page, size),
                Entry::page(frame, access),
                direction,
            ),
            Payload::Unmap {
                page,
                frame,
                size,
                access,
            } => {
                let direction = direction.reversed();
                (
                    Place::of_page(space, page, size),
                    Entry::page(frame, access),
                    direction,
                )
            }
            Payload::TableLink {
                table,
                base,
                level,
                access,
            } => (
                Place::of_table(space, base, level),
                Entry::table(table, access),
                direction,
            ),
            Payload::TableUnlink {
                table,
                base,
                level,
                access,
            } => {
                let direction = direction.reversed();
                (
                    Place::of_table(space, base, level),
                    Entry::table(table, access),
                    direction,
                )
            }
            Payload::Protect {
                page,
                size,
                from,
                to,
            } => {
                let (from, to) = direction.ordered(from, to);
                let place = Place::of_page(space, page, size);
                return Some((place, Change::Protect { from, to }));
            }
            _ => return None,
        };
        let change = match direction {
            Direction::Forward => Change::Put(entry),
            Direction::Back => Change::Take(entry),
        };
        Some((place, change))
    }
}

impl<'m> Tables<'m> {
    /// No entries; the slots are overwritten. Of these a power of two is used.
    pub(super) fn new(slots: &'m mut [Slot]) -> Self {
        let len = (slots.len() + 1).next_power_of_two() / 2;
        let mut tables = Tables {
            slots: &mut slots[..len],
            fresh: 0,
            free: 0,
            len: 0,
            missing: 0,
            differing: 0,
        };
        tables.clear();
        tables
    }

    /// Forgets all entries.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(Slot::default());
        (self.fresh, self.free, self.len, self.missing) = (0, 0, 0, 0);
    }

    /// Entries that are known.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Entries that there was no room for.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// The entry at this place.
    pub fn get(&self, place: Place) -> Option<Entry> {
        self.find(place).map(|at| self.slots[at].entry())
    }

    /// The entry of the page, of any size, that has this address.
    pub fn page_of(&self, space: u32, address: VirtAddr) -> Option<(Place, Entry)> {
        for depth in (2..=DEEPEST).rev() {
            let place = Place::on_way(space, address, depth);
            match self.get(place) {
                Some(entry) if entry.is_table => return None,
                Some(entry) => return Some((place, entry)),
                None => {}
            }
        }
        None
    }

    /// The entries that lead to this frame, or to a large page that has it, in no particular order.
    pub fn leading_to(&self, frame: PhysAddr) -> impl Iterator<Item = (Place, Entry)> {
        let sizes = [PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB];
        sizes.into_iter().flat_map(move |size| {
            let first = frame.align_down(size.bytes());
            let chain = self.chain(self.bucket_of_frame(first), first);
            chain.filter(move |(place, entry)| match size {
                PageSize::Size4KiB => entry.is_table || place.depth == DEEPEST,
                _ => !entry.is_table && place.page_size() == Some(size),
            })
        })
    }

    /// The entries in the slots with these numbers: all, part by part.
    pub(crate) fn in_slots(&self, numbers: Range<usize>) -> impl Iterator<Item = (Place, Entry)> {
        let end = numbers.end.min(self.fresh);
        let slots = self.slots[numbers.start.min(end)..end].iter();
        let used = slots.filter(|slot| slot.is_used());
        used.map(|slot| (slot.place(), slot.entry()))
    }

    /// Slots that may be in use.
    pub(crate) fn slots_in_use(&self) -> usize {
        self.fresh
    }

    /// Puts an entry in, if there is room; false if one was there, which is overwritten.
    pub(crate) fn put(&mut self, place: Place, entry: Entry) -> bool {
        if let Some(at) = self.find(place) {
            self.unlink_from_frame(at);
            self.slots[at].set(place, entry);
            self.link_to_frame(at);
            return false;
        }
        let fits = u64::from(place.space) <= SPACE;
        let Some(at) = fits.then(|| self.vacant()).flatten() else {
            self.missing += 1;
            return true;
        };
        self.slots[at].set(place, entry);
        let bucket = self.bucket_of_place(place);
        self.slots[at].next_by_place = self.slots[bucket].first_by_place;
        self.slots[bucket].first_by_place = at as u32 + 1;
        self.link_to_frame(at);
        self.len += 1;
        true
    }

    /// Takes an entry out; false if there was another one, or none and all are known.
    fn take(&mut self, place: Place, entry: Entry) -> bool {
        let Some(at) = self.find(place) else {
            let agrees = self.missing > 0;
            self.missing = self.missing.saturating_sub(1);
            return agrees;
        };
        let agrees = self.slots[at].entry() == entry;
        self.unlink_from_frame(at);
        let bucket = self.bucket_of_place(place);
        let (next, number) = (self.slots[at].next_by_place, at as u32 + 1);
        let mut link = self.slots[bucket].first_by_place;
        if link == number {
            self.slots[bucket].first_by_place = next;
        } else {
            while self.slots[link as usize - 1].next_by_place != number {
                link = self.slots[link as usize - 1].next_by_place;
            }
            self.slots[link as usize - 1].next_by_place = next;
        }
        self.slots[at].entry = 0;
        self.slots[at].next_by_place = core::mem::replace(&mut self.free, number);
        self.len -= 1;
        agrees
    }

    /// Changes an entry; false if it was not as the change says.
    pub(super) fn change(&mut self, place: Place, change: Change) -> bool {
        match change {
            Change::Put(entry) => self.put(place, entry),
            Change::Take(entry) => self.take(place, entry),
            Change::Protect { from, to } => self.protect(place, from, to),
        }
    }

    fn protect(&mut self, place: Place, from: Access, to: Access) -> bool {
        let Some(at) = self.find(place) else {
            return self.missing > 0;
        };
        let entry = self.slots[at].entry();
        self.slots[at].set(
            place,
            Entry {
                access: to,
                ..entry
            },
        );
        entry.access == from
    }

    fn find(&self, place: Place) -> Option<usize> {
        if u64::from(place.space) > SPACE {
            return None;
        }
        let mut link = self.slots.get(self.bucket_of_place(place))?.first_by_place;
        while link != 0 {
            let at = link as usize - 1;
            if self.slots[at].is_at(place) {
                return Some(at);
            }
            link = self.slots[at].next_by_place;
        }
        None
    }

    /// The entries in this bucket that lead to exactly this frame.
    fn chain(&self, bucket: usize, frame: PhysAddr) -> impl Iterator<Item = (Place, Entry)> {
        let mut link = self.slots.get(bucket).map_or(0, |slot| slot.first_by_frame);
        let all = core::iter::from_fn(move || {
            let slot = self.slots.get((link as usize).checked_sub(1)?)?;
            link = slot.next_by_frame;
            Some((slot.place(), slot.entry()))
        });
        all.filter(move |(_, entry)| entry.frame == frame)
    }

    /// A slot that is not in use.
    fn vacant(&mut self) -> Option<usize> {
        if self.free != 0 {
            let at = self.free as usize - 1;
            self.free = self.slots[at].next_by_place;
            return Some(at);
        }
        let at = self.fresh;
        (at < self.slots.len()).then(|| {
            self.fresh += 1;
            at
        })
    }

    fn link_to_frame(&mut self, at: usize) {
        let bucket = self.bucket_of_frame(self.slots[at].entry().frame);
        self.slots[at].next_by_frame = self.slots[bucket].first_by_frame;
        self.slots[bucket].first_by_frame = at as u32 + 1;
    }

    fn unlink_from_frame(&mut self, at: usize) {
        let bucket = self.bucket_of_frame(self.slots[at].entry().frame);
        let (next, number) = (self.slots[at].next_by_frame, at as u32 + 1);
        let mut link = self.slots[bucket].first_by_frame;
        if link == number {
            self.slots[bucket].first_by_frame = next;
            return;
        }
        while self.slots[link as usize - 1].next_by_frame != number {
            link = self.slots[link as usize - 1].next_by_frame;
        }
        self.slots[link as usize - 1].next_by_frame = next;
    }

    fn bucket_of_place(&self, place: Place) -> usize {
        // Neighbours of one depth are far apart already.
        self.bucket(packed(place) ^ u64::from(place.depth) << 61)
    }

    fn bucket_of_frame(&self, frame: PhysAddr) -> usize {
        self.bucket(frame.as_u64() / FRAME_BYTES)
    }

    /// Fibonacci hashing: the high bits of a product with 2^64 / φ.
    fn bucket(&self, key: u64) -> usize {
        let bits = self.slots.len().max(1).trailing_zeros();
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1 >> (63 - bits)) as usize
    }
}

#[cfg(test)]
mod tests;
