//! All pages that the CPU would find, walked from CR3: the truth about page tables.
//!
//! ```text
//! CR3 ─► PML4 (512) ─► PDPT (512) ─► PD (512) ─► PT (512) ─► 4 KiB
//!                        └ 1 GiB       └ 2 MiB
//! ```

use super::frames;
use super::paging::from_hardware;
use mm::paging::{Access, PageSize};
use x86_64::registers::control::Cr3;
use x86_64::structures::paging::{PageTable, PageTableFlags, PhysFrame};

/// Calls `visit` with the size and access of each mapped page.
pub fn pages(mut visit: impl FnMut(PageSize, Access)) {
    walk(Cr3::read().0, 4, &mut visit);
}

fn walk(table: PhysFrame, level: u8, visit: &mut impl FnMut(PageSize, Access)) {
    // SAFETY: a frame that CR3 or an entry names is a table, the direct map shows it, and nobody
    // changes tables while the main loop compares.
    let table = unsafe { &*frames::pointer(table.start_address()).cast::<PageTable>() };
    for entry in table
        .iter()
        .filter(|entry| entry.flags().contains(PageTableFlags::PRESENT))
    {
        let large = entry.flags().contains(PageTableFlags::HUGE_PAGE);
        match level {
            1 => visit(PageSize::Size4KiB, from_hardware(entry.flags())),
            2 if large => visit(PageSize::Size2MiB, from_hardware(entry.flags())),
            3 if large => visit(PageSize::Size1GiB, from_hardware(entry.flags())),
            _ => walk(frames::frame_at(entry.addr()), level - 1, visit),
        }
    }
}
