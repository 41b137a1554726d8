//! The page-table entries of all address spaces.
//!
//! ```text
//! position ──hash──► bucket ─► slot ─► slot     the entry at a position: four look-ups for a walk
//! frame    ──hash──► bucket ─► slot ─► slot     the entries that map a frame
//! ```
//! Invariants: a slot in use is in the bucket of its position and in that of its frame, and no two
//! slots have the same position. The table is bounded; entries that do not fit are counted
//! ([`Tables::missing`]), and reverting events can change which entries these are.

mod change;
mod position;
mod slot;
#[cfg(test)]
mod tests;

pub(crate) use change::Change;
pub use position::{DEEPEST, Entry, EntryPosition};
pub use slot::Slot;

use core::ops::Range;
use mm::memory_map::FRAME_BYTES;
use mm::paging::{Access, PageSize};
use slot::{SPACE, packed};
use x86_64::{PhysAddr, VirtAddr};

/// Returns the number of slots for a machine with `frames` frames: one per frame, within limits.
/// Most pages have their own frame, and large pages map most of a large memory.
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

/// All entries in use.
#[derive(Debug)]
pub struct Tables<'m> {
    slots: &'m mut [Slot],
    /// The first slot that was never used.
    fresh: usize,
    free: u32,
    len: usize,
    missing: u64,
    /// The number of entries that differed from the machine in the last comparison.
    pub differing: u64,
}

impl<'m> Tables<'m> {
    /// Creates an empty table in a power of two of the slots. Overwrites them.
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

    /// Removes all entries.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(Slot::default());
        (self.fresh, self.free, self.len, self.missing) = (0, 0, 0, 0);
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns all known entries, in no particular order.
    pub fn all(&self) -> impl Iterator<Item = (EntryPosition, Entry)> {
        self.in_slots(0..self.fresh)
    }

    /// Returns the number of entries that did not fit.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Returns the entry at a position.
    pub fn get(&self, position: EntryPosition) -> Option<Entry> {
        self.find(position).map(|at| self.slots[at].entry())
    }

    /// Returns the entry of the page, of any size, that contains an address.
    pub fn page_of(&self, space: u32, address: VirtAddr) -> Option<(EntryPosition, Entry)> {
        for depth in (2..=DEEPEST).rev() {
            let position = EntryPosition::on_way(space, address, depth);
            match self.get(position) {
                Some(entry) if entry.is_table => return None,
                Some(entry) => return Some((position, entry)),
                None => {}
            }
        }
        None
    }

    /// Returns the entries that point to a frame, or to a large page that contains it, in no
    /// particular order.
    pub fn leading_to(&self, frame: PhysAddr) -> impl Iterator<Item = (EntryPosition, Entry)> {
        let sizes = [PageSize::Size4KiB, PageSize::Size2MiB, PageSize::Size1GiB];
        sizes.into_iter().flat_map(move |size| {
            let first = frame.align_down(size.bytes());
            let chain = self.chain(self.bucket_of_frame(first), first);
            chain.filter(move |(position, entry)| match size {
                PageSize::Size4KiB => entry.is_table || position.depth == DEEPEST,
                _ => !entry.is_table && position.page_size() == Some(size),
            })
        })
    }

    /// Returns the entries in a range of slots.
    pub(crate) fn in_slots(
        &self,
        numbers: Range<usize>,
    ) -> impl Iterator<Item = (EntryPosition, Entry)> {
        let end = numbers.end.min(self.fresh);
        let slots = self.slots[numbers.start.min(end)..end].iter();
        let used = slots.filter(|slot| slot.is_used());
        used.map(|slot| (slot.position(), slot.entry()))
    }

    /// Returns the number of slots that may be in use.
    pub(crate) fn slots_in_use(&self) -> usize {
        self.fresh
    }

    /// Adds an entry, if there is room. Overwrites an existing one and returns false.
    pub(crate) fn put(&mut self, position: EntryPosition, entry: Entry) -> bool {
        if let Some(at) = self.find(position) {
            self.unlink_from_frame(at);
            self.slots[at].set(position, entry);
            self.link_to_frame(at);
            return false;
        }
        let fits = u64::from(position.space) <= SPACE;
        let Some(at) = fits.then(|| self.vacant()).flatten() else {
            self.missing += 1;
            return true;
        };
        self.slots[at].set(position, entry);
        let bucket = self.bucket_of_place(position);
        self.slots[at].next_by_position = self.slots[bucket].first_by_position;
        self.slots[bucket].first_by_position = at as u32 + 1;
        self.link_to_frame(at);
        self.len += 1;
        true
    }

    /// Removes an entry. Returns false if there was another one, or none although none is missing.
    fn take(&mut self, position: EntryPosition, entry: Entry) -> bool {
        let Some(at) = self.find(position) else {
            let agrees = self.missing > 0;
            self.missing = self.missing.saturating_sub(1);
            return agrees;
        };
        let agrees = self.slots[at].entry() == entry;
        self.unlink_from_frame(at);
        let bucket = self.bucket_of_place(position);
        let (next, number) = (self.slots[at].next_by_position, at as u32 + 1);
        let mut link = self.slots[bucket].first_by_position;
        if link == number {
            self.slots[bucket].first_by_position = next;
        } else {
            while self.slots[link as usize - 1].next_by_position != number {
                link = self.slots[link as usize - 1].next_by_position;
            }
            self.slots[link as usize - 1].next_by_position = next;
        }
        self.slots[at].vacate();
        self.slots[at].next_by_position = core::mem::replace(&mut self.free, number);
        self.len -= 1;
        agrees
    }

    /// Changes an entry. Returns false if its old state differs from that of the change.
    pub(super) fn change(&mut self, position: EntryPosition, change: Change) -> bool {
        match change {
            Change::Put(entry) => self.put(position, entry),
            Change::Take(entry) => self.take(position, entry),
            Change::Protect { from, to } => self.protect(position, from, to),
        }
    }

    fn protect(&mut self, position: EntryPosition, from: Access, to: Access) -> bool {
        let Some(at) = self.find(position) else {
            return self.missing > 0;
        };
        let entry = self.slots[at].entry();
        self.slots[at].set(
            position,
            Entry {
                access: to,
                ..entry
            },
        );
        entry.access == from
    }

    fn find(&self, position: EntryPosition) -> Option<usize> {
        if u64::from(position.space) > SPACE {
            return None;
        }
        let mut link = self
            .slots
            .get(self.bucket_of_place(position))?
            .first_by_position;
        while link != 0 {
            let at = link as usize - 1;
            if self.slots[at].is_at(position) {
                return Some(at);
            }
            link = self.slots[at].next_by_position;
        }
        None
    }

    /// Returns the entries in a bucket that point to exactly this frame.
    fn chain(
        &self,
        bucket: usize,
        frame: PhysAddr,
    ) -> impl Iterator<Item = (EntryPosition, Entry)> {
        let mut link = self.slots.get(bucket).map_or(0, |slot| slot.first_by_frame);
        let all = core::iter::from_fn(move || {
            let slot = self.slots.get((link as usize).checked_sub(1)?)?;
            link = slot.next_by_frame;
            Some((slot.position(), slot.entry()))
        });
        all.filter(move |(_, entry)| entry.frame == frame)
    }

    /// Finds a free slot.
    fn vacant(&mut self) -> Option<usize> {
        if self.free != 0 {
            let at = self.free as usize - 1;
            self.free = self.slots[at].next_by_position;
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

    fn bucket_of_place(&self, position: EntryPosition) -> usize {
        // Adjacent entries of the same depth already have distant hashes.
        self.bucket(packed(position) ^ u64::from(position.depth) << 61)
    }

    fn bucket_of_frame(&self, frame: PhysAddr) -> usize {
        self.bucket(frame.as_u64() / FRAME_BYTES)
    }

    /// Returns a bucket by Fibonacci hashing: the high bits of a product with 2^64 / φ.
    fn bucket(&self, key: u64) -> usize {
        let bits = self.slots.len().max(1).trailing_zeros();
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1 >> (63 - bits)) as usize
    }
}
