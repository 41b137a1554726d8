//! Where an entry of the page tables stands, and what it says.
//!
//! ```text
//! depth 0      1        2        3        4
//!      CR3 ─► PML4 ─► PDPT ─► PD ─► PT ─► frame         on the way to an address
//! ```

use mm::paging::{Access, PageSize, TableLevel};
use x86_64::{PhysAddr, VirtAddr};

/// The deepest entries: those of page tables.
pub const DEEPEST: u8 = 4;

/// Where an entry of the page tables stands. In ascending order, an entry comes right before those
/// below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryPosition {
    /// Whose tables: the number of the process, 0 for the kernel, which has the upper half of all
    /// spaces.
    pub space: u32,
    /// The page number of the first address that the entry is for, without the sign: 36 bits.
    pub(super) page: u64,
    /// 0 is CR3, which leads to the root; 1 an entry of the PML4, 2 of a PDPT, 3 of a PD, 4 of a
    /// PT.
    pub depth: u8,
}

impl EntryPosition {
    /// The entry at this depth, [`DEEPEST`] at most, on the way to an address.
    pub fn on_way(space: u32, address: VirtAddr, depth: u8) -> EntryPosition {
        let page = (address.as_u64() & ((1 << 48) - 1)) >> 12;
        let below = 9 * u32::from(DEEPEST - depth.min(DEEPEST));
        let is_kernel_s = depth > 0 && address.as_u64() >> 63 != 0;
        EntryPosition {
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

    pub(super) fn of_page(space: u32, page: VirtAddr, size: PageSize) -> EntryPosition {
        EntryPosition::on_way(space, page, DEEPEST - size as u8)
    }

    pub(super) fn of_table(space: u32, base: VirtAddr, level: TableLevel) -> EntryPosition {
        EntryPosition::on_way(space, base, DEEPEST - level as u8)
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
