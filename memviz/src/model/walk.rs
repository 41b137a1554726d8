//! The walk of an address through the tables that the model knows: what the CPU would do.
//!
//! ```text
//!  47    39 38    30 29    21 20    12 11        0
//! +--------+--------+--------+--------+-----------+
//! |  PML4  |  PDPT  |   PD   |   PT   |  offset   |
//! +--------+--------+--------+--------+-----------+
//! CR3 ─► entry ─► entry ─► entry ─► entry ─► frame      a large page ends it early, and so does what is not present
//! ```

use super::tables::{DEEPEST, Entry, EntryPosition, Tables};
use mm::paging::{Access, PageSize};
use x86_64::{PhysAddr, VirtAddr};

/// One table on the way, and its entry for the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkStep {
    /// Where the entry stands.
    pub place: EntryPosition,
    /// The frame of the table that it stands in.
    pub table: PhysAddr,
    /// The entry, if it is present.
    pub entry: Option<Entry>,
}

/// How a walk ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At a page.
    Mapped {
        /// Where the address leads to.
        physical: PhysAddr,
        /// By a page of this size.
        size: PageSize,
        /// What all levels together allow: writing, execution and ring 3 only where every level
        /// does. The rest is the last entry's.
        access: Access,
    },
    /// The last entry is not present.
    NotPresent,
    /// No root is known for this space: it has none, or there was no room for it.
    NoRoot,
}

/// The tables on the way, from the root on, and the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Whose space.
    pub space: u32,
    /// The address.
    pub address: VirtAddr,
    /// How it ends.
    pub end: End,
    steps: [WalkStep; DEEPEST as usize],
    count: usize,
}

impl Walk {
    /// What was read, from the root on.
    pub fn steps(&self) -> &[WalkStep] {
        &self.steps[..self.count]
    }
}

impl Tables<'_> {
    /// Where an address leads to in this space. The upper half is the kernel's: it is there when
    /// the space is gone, too.
    pub fn end_of(&self, space: u32, address: VirtAddr) -> End {
        match self.walk(space, address).end {
            End::NoRoot if address.as_u64() >> 63 != 0 => self.walk(0, address).end,
            end => end,
        }
    }

    /// Walks from the root of this space.
    pub fn walk(&self, space: u32, address: VirtAddr) -> Walk {
        let unread = WalkStep {
            place: EntryPosition::default(),
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
            let place = EntryPosition::on_way(space, address, depth);
            let entry = self.get(place);
            walk.steps[walk.count] = WalkStep {
                place,
                table,
                entry,
            };
            walk.count += 1;
            let Some(entry) = entry else {
                walk.end = End::NotPresent;
                break;
            };
            allowed &= entry.access;
            if let Some(size) = place.page_size().filter(|_| !entry.is_table) {
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
