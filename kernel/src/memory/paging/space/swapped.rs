//! Entries of pages whose content is in swap: not present, with the number of a slot.
//!
//! The tables above such an entry stay, so that writing it needs no frame.

use super::tables::{indices, table_at};
use super::{Flush, PagingError, Space};
use crate::memory::physical::frames;
use mm::paging::SwapSlot;
use x86_64::VirtAddr;
use x86_64::structures::paging::{PageTableFlags, PhysFrame};

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
        let taken = self.take(page)?;
        let entry = self.entry(page).ok_or(PagingError::BadEntry(page))?;
        // SAFETY: `entry` belongs to a live table of this space, which we hold. It is unused, and
        // the CPU ignores what a not-present entry holds.
        unsafe { entry.write_volatile(slot.entry()) };
        Ok(taken)
    }

    /// Returns the slot that holds the content of a page.
    pub fn swapped(&self, page: VirtAddr) -> Option<SwapSlot> {
        let entry = self.entry(page)?;
        // SAFETY: `entry` belongs to a live table of this space.
        SwapSlot::of_entry(unsafe { entry.read_volatile() })
    }

    /// Clears the entry of a page in swap, and returns its slot. The tables stay.
    pub fn clear_swapped(&mut self, page: VirtAddr) -> Option<SwapSlot> {
        let slot = self.swapped(page)?;
        let entry = self.entry(page)?;
        // SAFETY: as in `swap_out`.
        unsafe { entry.write_volatile(0) };
        Some(slot)
    }

    /// Clears the entry of a page in swap, frees empty tables, and returns the slot.
    pub fn forget_swapped(&mut self, page: VirtAddr) -> Option<SwapSlot> {
        let slot = self.clear_swapped(page)?;
        self.tables.free_empty(page);
        Some(slot)
    }

    /// Returns whether the CPU wrote to a mapped page since it was mapped.
    pub fn is_dirty(&self, page: VirtAddr) -> bool {
        let Some(entry) = self.entry(page) else {
            return false;
        };
        // SAFETY: `entry` belongs to a live table of this space.
        let flags = PageTableFlags::from_bits_truncate(unsafe { entry.read_volatile() });
        flags.contains(PageTableFlags::PRESENT | PageTableFlags::DIRTY)
    }

    /// For a test: marks a mapped page as written.
    pub fn set_dirty_for_test(&mut self, page: VirtAddr) {
        let entry = self.entry(page).expect("the page is mapped");
        // SAFETY: `entry` belongs to a live table of this space.
        unsafe { entry.write_volatile(entry.read_volatile() | PageTableFlags::DIRTY.bits()) };
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
