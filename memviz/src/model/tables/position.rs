//! The position of a page-table entry, and its content.
//!
//! ```text
//! depth 0      1        2        3        4
//!      CR3 ─► PML4 ─► PDPT ─► PD ─► PT ─► frame         on the walk of an address
//! ```

use mm::memory_map::FRAME_BYTES;
use mm::paging::{Access, PageSize, TableLevel};
use x86_64::{PhysAddr, VirtAddr};

/// The depth of the entries of page tables, the maximum.
pub const DEEPEST: u8 = 4;

/// The position of a page-table entry. In ascending order, an entry comes right before those below
/// it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryPosition {
    /// The address space: the number of the process, or 0 for the kernel, which owns the upper half
    /// of all spaces.
    pub space: u32,
    /// The page number of the first address that the entry covers, without sign extension: 36 bits.
    pub(super) page: u64,
    /// The depth: 0 is CR3, 1 an entry of the PML4, 2 of a PDPT, 3 of a PD, 4 of a PT.
    pub depth: u8,
}

impl EntryPosition {
    /// Returns the entry at this depth, [`DEEPEST`] at most, on the walk of an address.
    pub fn on_way(space: u32, address: VirtAddr, depth: u8) -> EntryPosition {
        let page = (address.as_u64() & ((1 << 48) - 1)) >> 12;
        let below = 9 * u32::from(DEEPEST - depth.min(DEEPEST));
        let is_kernel_half = depth > 0 && address.as_u64() >> 63 != 0;
        EntryPosition {
            space: if is_kernel_half { 0 } else { space },
            page: page >> below << below,
            depth,
        }
    }

    /// Returns the first address that the entry covers.
    pub fn base(&self) -> VirtAddr {
        VirtAddr::new_truncate(self.page << 12)
    }

    /// Returns the index of the entry in its table, below 512.
    pub fn index(&self) -> u16 {
        (self.page >> (9 * u32::from(DEEPEST - self.depth)) & 511) as u16
    }

    /// Returns the level of its table; `None` for CR3.
    pub fn level(&self) -> Option<TableLevel> {
        TableLevel::from_number(DEEPEST + 1 - self.depth)
    }

    /// Returns the size of a page that an entry at this depth can map.
    pub fn page_size(&self) -> Option<PageSize> {
        PageSize::from_number(DEEPEST - self.depth)
    }

    pub(in crate::model) fn of_page(space: u32, page: VirtAddr, size: PageSize) -> EntryPosition {
        EntryPosition::on_way(space, page, DEEPEST - size as u8)
    }

    pub(super) fn of_table(space: u32, base: VirtAddr, level: TableLevel) -> EntryPosition {
        EntryPosition::on_way(space, base, DEEPEST - level as u8)
    }
}

/// An entry in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The frame of the next table, or the first frame of a page.
    pub frame: PhysAddr,
    /// The access that it allows.
    pub access: Access,
    /// True if it points to a table.
    pub is_table: bool,
}

impl Entry {
    /// Returns an entry that maps a page. The low bits of the address are not part of an entry.
    pub fn page(frame: PhysAddr, access: Access) -> Entry {
        let is_table = false;
        Entry {
            frame: frame.align_down(FRAME_BYTES),
            access,
            is_table,
        }
    }

    /// Returns an entry that points to a table.
    pub fn table(frame: PhysAddr, access: Access) -> Entry {
        let is_table = true;
        Entry {
            frame: frame.align_down(FRAME_BYTES),
            access,
            is_table,
        }
    }
}
