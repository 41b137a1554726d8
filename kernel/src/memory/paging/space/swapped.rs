//! Entries of pages whose content is in swap: not present, with the number of a slot.
//!
//! The tables above such an entry stay, so that writing it needs no frame.

use super::tables::{indices, table_at};
use super::{Flush, PagingError, Space};
use crate::memory::paging::translation::{MEASURED, USED, WRITTEN};
use crate::memory::physical::frames;
use crate::memory::trace;
use mm::event::Payload;
use mm::paging::SwapSlot;
use x86_64::VirtAddr;
use x86_64::registers::control::Cr3;
use x86_64::structures::paging::{PageTableFlags, PhysFrame};

/// The bits that say how a page was used.
const USE_BITS: PageTableFlags = PageTableFlags::ACCESSED
    .union(PageTableFlags::DIRTY)
    .union(WRITTEN)
    .union(USED)
    .union(MEASURED);

impl Space {
    /// Unmaps a 4 KiB page and stores the slot of its content in the entry. Returns the frame.
    ///
    /// # Errors
    /// When no page of that size is mapped there.
    pub fn swap_out(
        &mut self,
        page: VirtAddr,
        slot: SwapSlot,
    ) -> Result<(PhysFrame, Flush), PagingError> {
        self.store_slot(page, slot, false)
    }

    /// Does the same as [`Space::swap_out`], for a page of a child process: the slot is that of its
    /// parent.
    ///
    /// # Errors
    /// As [`Space::swap_out`].
    pub fn inherit_swapped(
        &mut self,
        page: VirtAddr,
        slot: SwapSlot,
    ) -> Result<(PhysFrame, Flush), PagingError> {
        self.store_slot(page, slot, true)
    }

    fn store_slot(
        &mut self,
        page: VirtAddr,
        slot: SwapSlot,
        forked: bool,
    ) -> Result<(PhysFrame, Flush), PagingError> {
        let was_used = self
            .used_bits(page)
            .intersects(PageTableFlags::ACCESSED | MEASURED);
        let taken = self.take(page)?;
        let entry = self.entry(page).ok_or(PagingError::BadEntry(page))?;
        let mark = if was_used { MEASURED.bits() } else { 0 };
        // SAFETY: `entry` belongs to a live table of this space, which we hold. It is unused, and
        // the CPU ignores the other bits of a not-present entry.
        unsafe { entry.write_volatile(slot.entry() | mark) };
        let slot = slot.number();
        trace::record(Payload::PageOut { page, slot, forked });
        Ok(taken)
    }

    /// Returns the slot that holds the content of a page.
    pub fn swapped(&self, page: VirtAddr) -> Option<SwapSlot> {
        let entry = self.entry(page)?;
        // SAFETY: `entry` belongs to a live table of this space.
        SwapSlot::of_entry(unsafe { entry.read_volatile() })
    }

    /// Clears the entry of a page that was read back from swap, and returns its slot. The tables
    /// stay.
    pub fn clear_swapped(&mut self, page: VirtAddr) -> Option<SwapSlot> {
        self.take_slot(page, false)
    }

    /// Clears the entry of a page in swap, frees empty tables, and returns the slot.
    pub fn forget_swapped(&mut self, page: VirtAddr) -> Option<SwapSlot> {
        let slot = self.take_slot(page, true)?;
        self.tables.free_empty(page);
        Some(slot)
    }

    fn take_slot(&mut self, page: VirtAddr, dropped: bool) -> Option<SwapSlot> {
        let slot = self.swapped(page)?;
        let entry = self.entry(page)?;
        // SAFETY: as in `swap_out`.
        unsafe { entry.write_volatile(0) };
        self.tables.announce(page);
        trace::record(Payload::PageIn {
            page,
            slot: slot.number(),
            dropped,
        });
        Some(slot)
    }

    /// Returns whether the CPU wrote to a mapped page since it was mapped.
    pub fn is_dirty(&self, page: VirtAddr) -> bool {
        let written = PageTableFlags::DIRTY | WRITTEN;
        self.used_bits(page).intersects(written)
    }

    /// Returns whether a mapped page was used since the last call for it, and whether it was ever
    /// written.
    pub fn take_use(&mut self, page: VirtAddr) -> Option<bool> {
        let bits = self.used_bits(page);
        let used = PageTableFlags::ACCESSED | USED;
        if !bits.intersects(used) {
            return None;
        }
        let entry = self.entry(page)?;
        let is_new = bits.contains(PageTableFlags::ACCESSED);
        let mark = if is_new { MEASURED.bits() } else { 0 };
        // SAFETY: `entry` belongs to a live table of this space. The process does not run.
        unsafe { entry.write_volatile(entry.read_volatile() & !used.bits() | mark) };
        self.flush_used(page);
        Some(bits.intersects(PageTableFlags::DIRTY | WRITTEN))
    }

    /// Returns whether a page, mapped or in swap, was used since the last call for it. Code that
    /// pages out still knows that it was.
    pub fn measure_use(&mut self, page: VirtAddr) -> bool {
        let Some(entry) = self.entry(page) else {
            return false;
        };
        // SAFETY: `entry` belongs to a live table of this space.
        let bits = unsafe { entry.read_volatile() };
        let flags = PageTableFlags::from_bits_retain(bits);
        let is_accessed = flags.contains(PageTableFlags::PRESENT | PageTableFlags::ACCESSED);
        let mut after = flags - MEASURED;
        if is_accessed {
            after = after.difference(PageTableFlags::ACCESSED).union(USED);
        }
        if after != flags {
            // SAFETY: as above. The process does not run.
            unsafe { entry.write_volatile(after.bits()) };
            self.flush_used(page);
        }
        is_accessed || flags.contains(MEASURED)
    }

    /// Makes the CPU set the accessed bit again at the next access: it does so only if it walks the
    /// tables.
    fn flush_used(&self, page: VirtAddr) {
        if self.is_active() {
            x86_64::instructions::tlb::flush(page);
        }
    }

    /// Returns whether the CPU translates addresses by these tables now.
    pub fn is_active(&self) -> bool {
        Cr3::read().0 == self.root()
    }

    /// Returns the bits that say how a mapped page was used.
    pub(super) fn used_bits(&self, page: VirtAddr) -> PageTableFlags {
        let Some(entry) = self.entry(page) else {
            return PageTableFlags::empty();
        };
        // SAFETY: `entry` belongs to a live table of this space.
        let flags = PageTableFlags::from_bits_truncate(unsafe { entry.read_volatile() });
        match flags.contains(PageTableFlags::PRESENT) {
            true => flags & USE_BITS,
            false => PageTableFlags::empty(),
        }
    }

    /// For a test: marks a mapped page as written.
    pub fn set_dirty_for_test(&mut self, page: VirtAddr) {
        let entry = self.entry(page).expect("the page is mapped");
        let bits = (PageTableFlags::ACCESSED | PageTableFlags::DIRTY).bits();
        // SAFETY: `entry` belongs to a live table of this space.
        unsafe { entry.write_volatile(entry.read_volatile() | bits) };
    }

    /// Returns the entry of a 4 KiB page, if all tables above it exist.
    fn entry(&self, page: VirtAddr) -> Option<*mut u64> {
        let mut table = self.root();
        for index in indices(page) {
            // SAFETY: the frame is a table of this space, which we hold.
            let entry = unsafe { &(&(*table_at(table)))[index] };
            let flags = entry.flags();
            if !flags.contains(PageTableFlags::PRESENT) || flags.contains(PageTableFlags::HUGE_PAGE)
            {
                return None;
            }
            table = frames::frame_at(entry.addr());
        }
        // SAFETY: a table has 512 entries, and the index has nine bits.
        Some(unsafe { table_at(table).cast::<u64>().add(page.p1_index().into()) })
    }
}
