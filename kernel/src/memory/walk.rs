//! All pages that the CPU would find, walked from the root: the truth about page tables.
//!
//! ```text
//! CR3 ─► PML4 (512) ─► PDPT (512) ─► PD (512) ─► PT (512) ─► 4 KiB
//!                        └ 1 GiB       └ 2 MiB
//! ```

use super::frames;
use super::translation::from_hardware;
use mm::paging::walk::Walk;
use mm::paging::{Access, PageSize};
use x86_64::VirtAddr;
use x86_64::structures::paging::{PageTable, PageTableFlags, PhysFrame};

/// One page that the tables map.
#[derive(Clone, Copy, Debug)]
pub struct MappedPage {
    /// Its first byte.
    pub page: VirtAddr,
    /// The first frame behind it.
    pub frame: PhysFrame,
    /// How large it is.
    pub size: PageSize,
    /// What it allows.
    pub access: Access,
}

/// Which half of a space is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// A process's.
    Lower,
    /// The kernel's.
    Upper,
}

/// Calls `visit` with each page of one half of the space with this root, ascending.
pub fn pages(root: PhysFrame, half: Half, visit: &mut impl FnMut(MappedPage)) {
    let entries = match half {
        Half::Lower => 0..256,
        Half::Upper => 256..512,
    };
    // SAFETY: a frame that is a root, or that an entry names, is a table; the direct map shows it, and
    // whoever walks sees to it that nobody changes the tables meanwhile.
    let table = unsafe { &*frames::pointer(root.start_address()).cast::<PageTable>() };
    for index in entries {
        let entry = &table[index];
        if entry.flags().contains(PageTableFlags::PRESENT) {
            walk(
                frames::frame_at(entry.addr()),
                3,
                (index as u64) << 39,
                visit,
            );
        }
    }
}

/// The walk of one address through the tables with this root, level by level.
pub fn decode(root: PhysFrame, address: VirtAddr) -> Walk {
    mm::paging::walk::walk(root.start_address(), address, |table, index| {
        let entries = frames::pointer(table).cast::<u64>();
        // SAFETY: as in `pages`; a table has 512 entries, and the index has nine bits.
        unsafe { entries.add(index.into()).read_volatile() }
    })
}

/// The table of this level whose first byte maps `base` (without its sign).
fn walk(table: PhysFrame, level: u32, base: u64, visit: &mut impl FnMut(MappedPage)) {
    // SAFETY: as in `pages`.
    let table = unsafe { &*frames::pointer(table.start_address()).cast::<PageTable>() };
    for (index, entry) in table.iter().enumerate() {
        if !entry.flags().contains(PageTableFlags::PRESENT) {
            continue;
        }
        let at = base | (index as u64) << (3 + 9 * level);
        let size = match level {
            1 => PageSize::Size4KiB,
            2 if entry.flags().contains(PageTableFlags::HUGE_PAGE) => PageSize::Size2MiB,
            3 if entry.flags().contains(PageTableFlags::HUGE_PAGE) => PageSize::Size1GiB,
            _ => {
                walk(frames::frame_at(entry.addr()), level - 1, at, visit);
                continue;
            }
        };
        visit(MappedPage {
            page: VirtAddr::new_truncate(at),
            frame: frames::frame_at(entry.addr()),
            size,
            access: from_hardware(entry.flags()),
        });
    }
}

/// The first page of the lower half at or above `from`.
pub fn first_from(root: PhysFrame, from: VirtAddr) -> Option<MappedPage> {
    let from = from.as_u64();
    search(root, 4, 0, from).filter(|found| found.page.as_u64() < 1 << 47)
}

/// The first page at or above `from` in the table of this level whose first byte maps `base`.
fn search(table: PhysFrame, level: u32, base: u64, from: u64) -> Option<MappedPage> {
    let shift = 3 + 9 * level;
    let entries = if level == 4 { 256 } else { 512 };
    let first = from.saturating_sub(base) >> shift;
    // SAFETY: as in `pages`.
    let table = unsafe { &*frames::pointer(table.start_address()).cast::<PageTable>() };
    for index in first..entries {
        let entry = &table[index as usize];
        if !entry.flags().contains(PageTableFlags::PRESENT) {
            continue;
        }
        let at = base | index << shift;
        let frame = frames::frame_at(entry.addr());
        let found = match level {
            1 => Some(MappedPage {
                page: VirtAddr::new_truncate(at),
                frame,
                size: PageSize::Size4KiB,
                access: from_hardware(entry.flags()),
            }),
            _ => search(frame, level - 1, at, from),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Sets a bit that must be clear in the entry of a 4 KiB page, for a test: where the entry is, and what it was.
///
/// # Safety
/// The page is the caller's, and the entry is restored before anybody else walks the tables.
pub unsafe fn spoil(root: PhysFrame, page: VirtAddr) -> Option<(*mut u64, u64)> {
    /// Above the physical address bits of every CPU so far.
    const RESERVED: u64 = 1 << 51;
    let walk = decode(root, page);
    let table = walk
        .steps()
        .iter()
        .rev()
        .nth(1)
        .filter(|step| step.level == 2)?;
    let entries = frames::pointer(table.entry.address()).cast::<u64>();
    // SAFETY: the table is live, and the index has nine bits.
    let entry = unsafe { entries.add(walk.last().index.into()) };
    // SAFETY: as the caller promises.
    unsafe {
        let value = entry.read_volatile();
        entry.write_volatile(value | RESERVED);
        Some((entry, value))
    }
}
