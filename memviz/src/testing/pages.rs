//! Pages, their page tables, and memory regions.

use super::Machine;
use crate::model::tables::{DEEPEST, Entry, EntryPosition};
use mm::event::Payload;
use mm::paging::{Access, PageSize, Region, RegionPolicy, TableLevel};
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

impl Machine {
    pub(super) fn act_on_pages(&mut self, frame: PhysAddr, amount: u64) {
        const AREAS: [u64; 4] = [
            0x40_0000,
            0x7fff_0000_0000,
            0xffff_d000_0000_0000,
            0xffff_ffff_8000_0000,
        ];
        let is_large = amount.is_multiple_of(11);
        let size = match is_large {
            true => PageSize::Size2MiB,
            false => PageSize::Size4KiB,
        };
        // The lower half of the kernel's space is empty.
        let area = AREAS[(amount as usize / 5 % 4) | if self.space == 0 { 2 } else { 0 }];
        let page = match is_large {
            true => VirtAddr::new(area + 0x4000_0000),
            false => VirtAddr::new(area + amount / 20 % 12 * 4096 + amount % 2 * 0x20_0000),
        };
        let access = Access::from_bits_truncate(amount as u8);
        let place = EntryPosition::on_way(self.space, page, DEEPEST - size as u8);
        match self.entries.get(&place).copied() {
            None => {
                let frame = frame.align_down(size.bytes());
                self.link_tables(page, place.depth);
                self.entries.insert(place, Entry::page(frame, access));
                self.emit(Payload::Map {
                    page,
                    frame,
                    size,
                    access,
                });
            }
            Some(Entry { access: from, .. }) if amount.is_multiple_of(3) => {
                let entry = self.entries.get_mut(&place);
                entry.expect("it was found").access = access;
                self.emit(Payload::Protect {
                    page,
                    size,
                    from,
                    to: access,
                });
            }
            Some(entry) => {
                self.unmap(page, size, entry);
                self.unlink_tables(page);
            }
        }
        self.act_on_regions(page, amount);
    }

    fn act_on_regions(&mut self, page: VirtAddr, amount: u64) {
        let space = EntryPosition::on_way(self.space, page, DEEPEST).space;
        let key = (space, page.as_u64());
        let (start, bytes) = (page, 4096);
        if let Some(region) = self.regions.remove(&key) {
            let Region { policy, owner, .. } = region;
            self.emit(Payload::RegionClose {
                start,
                bytes,
                policy,
                owner,
            });
        } else if amount.is_multiple_of(3) {
            let policy = RegionPolicy::ALL[amount as usize % RegionPolicy::ALL.len()];
            let owner = Tag::STACK;
            let region = Region {
                start,
                bytes,
                policy,
                owner,
            };
            self.regions.insert(key, region);
            self.emit(Payload::RegionOpen {
                start,
                bytes,
                policy,
                owner,
            });
        }
    }

    pub(super) fn unmap(&mut self, page: VirtAddr, size: PageSize, entry: Entry) {
        let Entry { frame, access, .. } = entry;
        let place = EntryPosition::on_way(self.space, page, DEEPEST - size as u8);
        self.entries.remove(&place);
        self.emit(Payload::Unmap {
            page,
            frame,
            size,
            access,
        });
    }

    /// Creates the tables above an entry.
    pub(super) fn link_tables(&mut self, page: VirtAddr, depth: u8) {
        for depth in 0..depth {
            let place = EntryPosition::on_way(self.space, page, depth);
            if self.entries.contains_key(&place) {
                continue;
            }
            let access = match depth {
                0 => Access::empty(),
                _ => Access::WRITE | Access::EXECUTE,
            };
            let table = PhysAddr::new(self.events.len() as u64 % 50 * 4096);
            self.entries.insert(place, Entry::table(table, access));
            self.emit(Payload::TableLink {
                table,
                base: place.base(),
                level: TableLevel::from_number(4 - depth).expect("four levels"),
                access,
            });
        }
    }

    /// Removes the empty tables above a page, except for the root.
    fn unlink_tables(&mut self, page: VirtAddr) {
        for depth in (1..DEEPEST).rev() {
            let is_below = |entry: &&EntryPosition| {
                entry.depth == depth + 1
                    && EntryPosition::on_way(entry.space, entry.base(), depth)
                        == EntryPosition::on_way(self.space, page, depth)
            };
            if self.entries.keys().any(|entry| is_below(&entry)) {
                return;
            }
            self.unlink_table(EntryPosition::on_way(self.space, page, depth));
        }
    }

    pub(super) fn unlink_table(&mut self, place: EntryPosition) {
        let Some(entry) = self.entries.get(&place).filter(|entry| entry.is_table) else {
            return;
        };
        let (table, access) = (entry.frame, entry.access);
        self.entries.remove(&place);
        self.emit(Payload::TableUnlink {
            table,
            base: place.base(),
            level: TableLevel::from_number(4 - place.depth).expect("four levels"),
            access,
        });
    }
}
