//! Pages that leave their frames for swap and come back, and the slots that hold them.

use super::Machine;
use crate::model::swap::StoredPage;
use mm::event::Payload;
use x86_64::VirtAddr;

impl Machine {
    /// Pages a page in, or out: to a new slot, or to one that it shares with another page.
    pub(super) fn act_on_swap(&mut self, place: u64, amount: u64) {
        if self.space == 0 {
            return;
        }
        self.act_on_replays(place, amount);
        let page = 0x10_0000_0000 + place % 7 * 4096;
        if self.swapped.contains_key(&(self.space, page)) {
            return self.page_in(page, amount.is_multiple_of(2));
        }
        let forked = amount.is_multiple_of(3) && !self.slots.is_empty();
        let slot = match forked {
            true => {
                let at = place as usize % self.slots.len();
                let slot = *self.slots.keys().nth(at).expect("the index is in range");
                self.set_users(slot, self.slots[&slot].users + 1);
                slot
            }
            false => {
                let free = (0..).find(|slot| !self.slots.contains_key(slot));
                let slot = free.expect("there are more slots than pages");
                let bytes = (place % 4097) as u16;
                self.slots.insert(slot, StoredPage { users: 1, bytes });
                self.emit(Payload::SlotAllocate { slot, bytes });
                slot
            }
        };
        self.swapped.insert((self.space, page), slot);
        let page = VirtAddr::new(page);
        self.emit(Payload::PageOut { page, slot, forked });
    }

    /// Starts a replay of a reference string, or makes a reference.
    fn act_on_replays(&mut self, place: u64, amount: u64) {
        if amount.is_multiple_of(4) {
            return self.emit(Payload::ReplayStart {
                start: VirtAddr::new(0x10_0000_0000),
                process: self.space,
                frames: (place % 9) as u16 + 1,
                policy: (amount % 9) as u8,
            });
        }
        if amount % 4 == 1 {
            return self.measure(place, amount);
        }
        if amount % 4 == 2 {
            self.emit(Payload::ReclaimScan {
                first: VirtAddr::new(0x10_0000_0000 + place % 7 * 4096),
                process: self.space,
                passed: amount as u32,
                spared: (amount / 2) as u16,
            });
        }
        self.emit(Payload::PageReference {
            page: (place % 7) as u32,
            accessed: amount as u32,
            frame: (place % 5) as u16,
            next: (amount % 5) as u16,
            write: amount.is_multiple_of(2),
            fault: amount.is_multiple_of(3),
        });
    }

    /// Measures the working set of the current process.
    fn measure(&mut self, place: u64, amount: u64) {
        self.emit(Payload::WorkingSets {
            frames: place % 200,
        });
        self.emit(Payload::WorkingSet {
            process: self.space,
            nanoseconds: amount as u32,
            used: (amount % 300) as u32,
            resident: place % 100,
            limit: (place % 3) as u16,
        });
    }

    /// Drops all pages of the current space that are in swap.
    pub(super) fn drop_swapped(&mut self) {
        let own = |key: &&(u32, u64)| key.0 == self.space;
        let pages: Vec<_> = self.swapped.keys().filter(own).copied().collect();
        pages.iter().for_each(|&(_, page)| self.page_in(page, true));
    }

    fn page_in(&mut self, page: u64, dropped: bool) {
        let slot = self.swapped.remove(&(self.space, page));
        let slot = slot.expect("the page is in swap");
        let page = VirtAddr::new(page);
        self.emit(Payload::PageIn {
            page,
            slot,
            dropped,
        });
        match self.slots[&slot] {
            StoredPage { users: 1, bytes } => {
                self.slots.remove(&slot);
                self.emit(Payload::SlotFree { slot, bytes });
            }
            StoredPage { users, .. } => self.set_users(slot, users - 1),
        }
    }

    fn set_users(&mut self, slot: u32, to: u16) {
        let stored = self.slots.get_mut(&slot).expect("the slot is in use");
        let from = core::mem::replace(&mut stored.users, to);
        self.emit(Payload::SlotReference { slot, from, to });
    }
}
