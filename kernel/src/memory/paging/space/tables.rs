//! The tables of a space: adding new ones when a page is mapped, and freeing empty ones.
//!
//! ```text
//! depth 0      1         2       3
//!       root ─► pointer ─► page ─► page ─► page       the path to a page
//!               table      dir.    table
//! ```
//! Every new or freed table is an event. The root exists as long as the space, and the tables right
//! below it in the kernel's half exist forever.

use crate::memory::paging::translation::from_hardware;
use crate::memory::physical::frames;
use crate::memory::trace;
use mm::event::Payload;
use mm::paging::{Access, TableLevel};
use mm::tag::Tag;
use x86_64::structures::paging::{
    FrameAllocator, PageTable, PageTableFlags, PageTableIndex, PhysFrame, Size4KiB,
};
use x86_64::{PhysAddr, VirtAddr};

/// The first entry of the root that belongs to the kernel.
pub(super) const KERNEL_HALF: usize = 256;

/// The root table of a space, and the number of the process it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    /// The frame that CR3 holds when these tables are active.
    pub root: PhysFrame,
    /// The process's number, 0 for the kernel.
    pub number: u32,
}

impl Tables {
    /// Makes events of the lower half belong to this space from now on.
    pub fn announce(self, page: VirtAddr) {
        if usize::from(page.p4_index()) < KERNEL_HALF {
            trace::enter_space(self.number);
        }
    }

    /// Records that the root was allocated or freed.
    pub fn record_root(
        self,
        payload: impl FnOnce(PhysAddr, VirtAddr, TableLevel, Access) -> Payload,
    ) {
        let base = VirtAddr::zero();
        self.announce(base);
        let root = self.root.start_address();
        trace::record(payload(root, base, TableLevel::Pml4, Access::empty()));
    }

    /// Returns the tables on the path to this page, from the root down.
    fn path(self, page: VirtAddr) -> heapless::Vec<PhysFrame, 4> {
        let mut path = heapless::Vec::new();
        let mut table = Some(self.root);
        for index in indices(page) {
            let Some(found) = table else { break };
            let _ = path.push(found);
            // SAFETY: the frame is a table of this space, which we hold. An entry without
            // a frame is a large page.
            table = unsafe { (&(*table_at(found)))[index].frame().ok() };
        }
        path.extend(table);
        path
    }

    /// Records that the lowest `count` tables on the path to this page are new.
    pub fn record_new(self, page: VirtAddr, count: usize) {
        if count == 0 {
            return;
        }
        let path = self.path(page);
        self.announce(page);
        for depth in path.len() - count..path.len() {
            let (base, level) = base_and_level(page, depth);
            trace::record(Payload::TableLink {
                table: path[depth].start_address(),
                base,
                level,
                access: from_hardware(table_flags(page)),
            });
        }
    }

    /// Frees the tables on the path to this page that have no entry left.
    pub fn free_empty(self, page: VirtAddr) {
        let mut path = self.path(page);
        // The lowest table first. The root stays, and in the kernel's half the tables below it.
        let shared = usize::from(page.p4_index()) >= KERNEL_HALF;
        let stays = if shared { 2 } else { 1 };
        while path.len() > stays {
            let Some(table) = path.pop() else { return };
            // SAFETY: as above.
            if unsafe { (&(*table_at(table))).iter().any(|entry| !entry.is_unused()) } {
                return;
            }
            let parent = path[path.len() - 1];
            // SAFETY: as above; the table has no entry, so nothing is mapped through it.
            unsafe { (&mut (*table_at(parent)))[indices(page)[path.len() - 1]].set_unused() };
            x86_64::instructions::tlb::flush(page);
            let (base, level) = base_and_level(page, path.len());
            self.announce(page);
            trace::record(Payload::TableUnlink {
                table: table.start_address(),
                base,
                level,
                access: from_hardware(table_flags(page)),
            });
            frames::free(table).expect("a page table has a frame of its own");
        }
    }
}

/// Returns the flags of an entry that refers to a table: all rights that its half may have. The
/// pages below it may have fewer.
pub(super) fn table_flags(page: VirtAddr) -> PageTableFlags {
    let flags = PageTableFlags::PRESENT | PageTableFlags::WRITABLE;
    match usize::from(page.p4_index()) < KERNEL_HALF {
        true => flags | PageTableFlags::USER_ACCESSIBLE,
        false => flags,
    }
}

/// Returns the indices of the entries on the path to the page, from the root down.
pub(super) fn indices(page: VirtAddr) -> [PageTableIndex; 3] {
    [page.p4_index(), page.p3_index(), page.p2_index()]
}

/// Returns the first address that the table at this depth maps, on the path to this page, and its
/// level.
fn base_and_level(page: VirtAddr, depth: usize) -> (VirtAddr, TableLevel) {
    match depth {
        0 => (VirtAddr::zero(), TableLevel::Pml4),
        1 => (page.align_down(1_u64 << 39), TableLevel::PointerTable),
        2 => (page.align_down(1_u64 << 30), TableLevel::PageDirectory),
        _ => (page.align_down(1_u64 << 21), TableLevel::PageTable),
    }
}

/// Returns the address of a page table in the direct map.
pub(super) fn table_at(frame: PhysFrame) -> *mut PageTable {
    frames::pointer(frame.start_address()).cast()
}

/// Allocates the frames of new page tables, and counts them.
pub(super) struct TableFrames {
    pub(super) taken: usize,
}

// SAFETY: the frame allocator never hands out a frame twice.
unsafe impl FrameAllocator<Size4KiB> for TableFrames {
    fn allocate_frame(&mut self) -> Option<PhysFrame> {
        let table = frames::allocate(Tag::PAGE_TABLE).ok()?;
        self.taken += 1;
        Some(table)
    }
}
