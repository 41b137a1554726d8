//! The page walk of an address through the tables of the model, as the CPU would do it.
//!
//! ```text
//!  47    39 38    30 29    21 20    12 11        0
//! +--------+--------+--------+--------+-----------+
//! |  PML4  |  PDPT  |   PD   |   PT   |  offset   |
//! +--------+--------+--------+--------+-----------+
//! CR3 ─► entry ─► entry ─► entry ─► entry ─► frame      a large page, or an entry that is not present, ends it early
//! ```

use super::tables::{DEEPEST, Entry, EntryPosition, Tables};
use mm::paging::{Access, PageSize};
use x86_64::{PhysAddr, VirtAddr};

/// A table on the walk, and its entry for the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkStep {
    /// The position of the entry.
    pub position: EntryPosition,
    /// The frame of the table.
    pub table: PhysAddr,
    /// The entry, if it is present.
    pub entry: Option<Entry>,
}

/// The end of a page walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At a page.
    Mapped {
        /// The physical address.
        physical: PhysAddr,
        /// The size of the page.
        size: PageSize,
        /// The access that all levels together allow: writing, execution and ring 3 only if every
        /// level allows it. The other bits are those of the last entry.
        access: Access,
    },
    /// The last entry is not present.
    NotPresent,
    /// The model has no root for this space: the space has none, or it did not fit.
    NoRoot,
}

/// A page walk: the tables from the root on, and the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The address space.
    pub space: u32,
    /// The address.
    pub address: VirtAddr,
    /// The end of the walk.
    pub end: End,
    steps: [WalkStep; DEEPEST as usize],
    count: usize,
}

impl Walk {
    /// Returns the entries that were read, from the root on.
    pub fn steps(&self) -> &[WalkStep] {
        &self.steps[..self.count]
    }
}

impl Tables<'_> {
    /// Returns the end of the page walk of an address. The upper half belongs to the kernel, so its
    /// walk does not need the space.
    pub fn end_of(&self, space: u32, address: VirtAddr) -> End {
        match self.walk(space, address).end {
            End::NoRoot if address.as_u64() >> 63 != 0 => self.walk(0, address).end,
            end => end,
        }
    }

    /// Walks the tables of a space from the root on.
    pub fn walk(&self, space: u32, address: VirtAddr) -> Walk {
        let unread = WalkStep {
            position: EntryPosition::default(),
            table: PhysAddr::zero(),
            entry: None,
        };
        let mut walk = Walk {
            space,
            address,
            end: End::NoRoot,
            steps: [unread; DEEPEST as usize],
            count: 0,
        };
        let Some(root) = self.get(EntryPosition::on_way(space, address, 0)) else {
            return walk;
        };
        let mut table = root.frame;
        let all = Access::WRITE | Access::EXECUTE | Access::USER;
        let mut allowed = all;
        for depth in 1..=DEEPEST {
            let position = EntryPosition::on_way(space, address, depth);
            let entry = self.get(position);
            walk.steps[walk.count] = WalkStep {
                position,
                table,
                entry,
            };
            walk.count += 1;
            let Some(entry) = entry else {
                walk.end = End::NotPresent;
                break;
            };
            allowed &= entry.access;
            if let Some(size) = position.page_size().filter(|_| !entry.is_table) {
                let offset = address.as_u64() & (size.bytes() - 1);
                walk.end = End::Mapped {
                    physical: entry.frame + offset,
                    size,
                    access: (entry.access - all) | allowed,
                };
                break;
            }
            table = entry.frame;
        }
        walk
    }
}
