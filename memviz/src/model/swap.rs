//! Swap: the pages whose entry names a slot instead of a frame, and the slots.
//!
//! ```text
//! page out  page ──► slot     pages    by page and by slot, as page-table entries are
//! page in   page ─╳─ slot     slots    users and stored bytes of each number; no user: free
//! ```
//! Invariant: `used` and `bytes` are sums over the slots. Pages and slots are bounded; those that
//! do not fit are counted.

use super::direction::Direction;
use super::tables::{self, Change, Entry, EntryPosition, Tables};
use mm::event::Payload;
use mm::memory_map::FRAME_BYTES;
use mm::paging::{Access, PageSize};
use x86_64::{PhysAddr, VirtAddr};

/// Returns the number of slots of the table of pages for a machine with `frames` frames.
pub const fn page_slots(frames: usize) -> usize {
    tables::slots(frames / 4)
}

/// The content of a swap slot; all zeros if it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredPage {
    /// The page-table entries and resident pages that use it.
    pub users: u16,
    /// The size of the stored page; 0 for a page of one repeated word.
    pub bytes: u16,
}

/// The pages in swap, and the slots: see the picture of the module.
#[derive(Debug)]
pub struct Swap<'m> {
    /// The entry of a page points to the address `slot × 4096`.
    pages: Tables<'m>,
    slots: &'m mut [StoredPage],
    used: u64,
    bytes: u64,
    /// The number of pages and slots that differed from the machine in the last comparison.
    pub differing: u64,
}

impl<'m> Swap<'m> {
    pub(super) fn new(pages: &'m mut [tables::Slot], slots: &'m mut [StoredPage]) -> Swap<'m> {
        slots.fill(StoredPage::default());
        Swap {
            pages: Tables::new(pages),
            slots,
            used: 0,
            bytes: 0,
            differing: 0,
        }
    }

    /// Returns the number of slots with a page.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Returns the number of slots that the model has room for.
    pub fn slots(&self) -> u32 {
        self.slots.len() as u32
    }

    /// Returns the bytes of all stored pages.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the number of pages whose entry names a slot.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Returns the number of such pages that did not fit.
    pub fn missing(&self) -> u64 {
        self.pages.missing()
    }

    /// Returns the slot that the entry of a page names.
    pub fn slot_of(&self, space: u32, page: VirtAddr) -> Option<u32> {
        let entry = self.pages.get(position(space, page))?;
        Some(slot_of(entry))
    }

    /// Returns the pages whose entry names a slot, in no particular order.
    pub fn users_of(&self, slot: u32) -> impl Iterator<Item = (u32, VirtAddr)> {
        let entries = self.pages.leading_to(address(slot));
        entries.map(|(position, _)| (position.space, position.base()))
    }

    /// Returns all pages whose entry names a slot, with the slot, in no particular order.
    pub fn all_pages(&self) -> impl Iterator<Item = (u32, VirtAddr, u32)> {
        let all = self.pages.all();
        all.map(|(position, entry)| (position.space, position.base(), slot_of(entry)))
    }

    /// Returns the content of a slot.
    pub fn slot(&self, number: u32) -> StoredPage {
        let slot = self.slots.get(number as usize).copied();
        slot.unwrap_or_default()
    }

    /// Removes all pages and slots.
    pub(crate) fn clear(&mut self) {
        self.pages.clear();
        self.slots.fill(StoredPage::default());
        (self.used, self.bytes, self.differing) = (0, 0, 0);
    }

    /// Adds a page that is in swap.
    pub(crate) fn add_page(&mut self, space: u32, page: VirtAddr, slot: u32) {
        self.pages.put(position(space, page), entry(slot));
    }

    /// Sets the content of a slot. Returns the old content; `None` if the slot does not fit.
    pub(crate) fn set_slot(&mut self, number: u32, stored: StoredPage) -> Option<StoredPage> {
        let slot = self.slots.get_mut(number as usize)?;
        let before = core::mem::replace(slot, stored);
        let count = |stored: StoredPage| (u64::from(stored.users > 0), u64::from(stored.bytes));
        let ((used, bytes), (used_before, bytes_before)) = (count(stored), count(before));
        self.used = self.used + used - used_before;
        self.bytes = self.bytes + bytes - bytes_before;
        Some(before)
    }

    /// Applies or reverts an event. Returns false if it contradicts the state.
    pub(super) fn step(&mut self, space: u32, payload: Payload, direction: Direction) -> bool {
        match payload {
            Payload::PageOut { page, slot, .. } => self.entry_changed(space, page, slot, direction),
            Payload::PageIn { page, slot, .. } => {
                self.entry_changed(space, page, slot, direction.reversed())
            }
            Payload::SlotAllocate { slot, bytes } => self.change(slot, bytes, (0, 1), direction),
            Payload::SlotFree { slot, bytes } => self.change(slot, bytes, (1, 0), direction),
            Payload::SlotReference { slot, from, to } => {
                self.change(slot, self.slot(slot).bytes, (from, to), direction)
            }
            _ => true,
        }
    }

    fn entry_changed(
        &mut self,
        space: u32,
        page: VirtAddr,
        slot: u32,
        direction: Direction,
    ) -> bool {
        let entry = entry(slot);
        let change = match direction {
            Direction::Forward => Change::Put(entry),
            Direction::Back => Change::Take(entry),
        };
        self.pages.change(position(space, page), change)
    }

    /// Changes the number of users of a slot that holds this many bytes while it has any.
    fn change(
        &mut self,
        slot: u32,
        bytes: u16,
        (from, to): (u16, u16),
        direction: Direction,
    ) -> bool {
        let (from, to) = direction.ordered(from, to);
        let stored = |users| match users {
            0 => StoredPage::default(),
            _ => StoredPage { users, bytes },
        };
        let before = self.set_slot(slot, stored(to));
        before.is_none_or(|before| before == stored(from))
    }
}

fn position(space: u32, page: VirtAddr) -> EntryPosition {
    EntryPosition::of_page(space, page, PageSize::Size4KiB)
}

fn address(slot: u32) -> PhysAddr {
    PhysAddr::new(u64::from(slot) * FRAME_BYTES)
}

fn entry(slot: u32) -> Entry {
    Entry::page(address(slot), Access::empty())
}

fn slot_of(entry: Entry) -> u32 {
    (entry.frame.as_u64() / FRAME_BYTES) as u32
}
