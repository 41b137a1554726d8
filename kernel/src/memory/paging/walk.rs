//! Walks of page tables from the root: the pages that the CPU would find.
//!
//! ```text
//! CR3 ─► PML4 (512) ─► PDPT (512) ─► PD (512) ─► PT (512) ─► 4 KiB
//!                        └ 1 GiB       └ 2 MiB
//! ```

use crate::memory::paging::translation::{WRITTEN, from_hardware};
use crate::memory::physical::frames;
use mm::paging::walk::{Entry, Walk};
use mm::paging::{Access, PageSize, SwapSlot};
use x86_64::structures::paging::{PageTable, PageTableFlags, PhysFrame};
use x86_64::{PhysAddr, VirtAddr};

/// One page that the tables map.
#[derive(Clone, Copy, Debug)]
pub struct MappedPage {
    /// The first byte.
    pub page: VirtAddr,
    /// The first frame.
    pub frame: PhysFrame,
    /// The size.
    pub size: PageSize,
    /// The access rights.
    pub access: Access,
    /// Whether the page was written since it was mapped.
    pub is_written: bool,
}

/// A half of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The processes' half.
    Lower,
    /// The kernel's half.
    Upper,
}

/// Calls `visit` with each page of one half of the space with this root, ascending.
pub fn pages(root: PhysFrame, half: Half, visit: &mut impl FnMut(MappedPage)) {
    let entries = match half {
        Half::Lower => 0..256,
        Half::Upper => 256..512,
    };
    // SAFETY: a frame that is a root, or that an entry names, is a table; the direct map maps it,
    // and the caller ensures that no code changes the tables meanwhile.
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

/// Walks one address through the tables with this root, level by level.
pub fn decode(root: PhysFrame, address: VirtAddr) -> Walk {
    mm::paging::walk::walk(root.start_address(), address, |table, index| {
        let entries = frames::pointer(table).cast::<u64>();
        // SAFETY: as in `pages`; a table has 512 entries, and the index has nine bits.
        unsafe { entries.add(index.into()).read_volatile() }
    })
}

/// Visits the pages of the table of this level that maps `base` (without its sign) first.
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
            is_written: is_written(entry.flags()),
        });
    }
}

/// Returns whether the flags of an entry say that its page was written.
fn is_written(flags: PageTableFlags) -> bool {
    flags.intersects(PageTableFlags::DIRTY | WRITTEN)
}

/// An entry in use, and its position: entries of the root have depth 1, those of a page table 4.
#[derive(Clone, Copy, Debug)]
pub struct FoundEntry {
    /// The first address that it maps.
    pub base: VirtAddr,
    /// The depth below CR3.
    pub depth: u8,
    /// The table or the first frame of the page.
    pub frame: PhysFrame,
    /// The access rights.
    pub access: Access,
    /// True if it refers to a table.
    pub is_table: bool,
}

/// Calls `visit` with each entry in use among the next `left` entries of one half of a space. The
/// first one is that for `from` at `depth` (see [`FoundEntry`]). An entry comes before
/// those below it. Returns the position to continue with if there are more.
pub fn entries(
    root: PhysFrame,
    half: Half,
    from: (VirtAddr, u8),
    left: &mut usize,
    visit: &mut dyn FnMut(FoundEntry),
) -> Option<(VirtAddr, u8)> {
    let from = (from.0.as_u64() & ((1 << 48) - 1), from.1);
    let mut scan = Scan { from, left, visit };
    let next = scan.table(root, 1, 0, half);
    next.map(|(at, depth)| (VirtAddr::new_truncate(at), depth))
}

/// Returns the entry for an address at this depth, if it is in use.
pub fn entry(root: PhysFrame, address: VirtAddr, depth: u8) -> Option<FoundEntry> {
    let walk = decode(root, address);
    let step = walk.steps().get(usize::from(depth).checked_sub(1)?)?;
    let span = 1_u64 << (48 - 9 * depth);
    found(step.entry.flags(), step.entry.address(), depth).map(|entry| FoundEntry {
        base: address.align_down(span),
        ..entry
    })
}

/// A bounded pass over entries in order.
struct Scan<'a> {
    /// The first position: address without its sign, depth.
    from: (u64, u8),
    left: &'a mut usize,
    visit: &'a mut dyn FnMut(FoundEntry),
}

impl Scan<'_> {
    /// Visits the table whose entries have this depth, and which maps `base` first. Returns the
    /// position to continue with if there are more.
    fn table(&mut self, table: PhysFrame, depth: u8, base: u64, half: Half) -> Option<(u64, u8)> {
        let shift = 48 - 9 * u32::from(depth);
        let entries = match (depth, half) {
            (1, Half::Lower) => 0..256,
            (1, Half::Upper) => 256..512,
            _ => 0..512,
        };
        let first = entries.start.max(self.from.0.saturating_sub(base) >> shift);
        // SAFETY: as in `pages`.
        let table = unsafe { &*frames::pointer(table.start_address()).cast::<PageTable>() };
        for index in first..entries.end {
            let entry = &table[index as usize];
            let at = base | index << shift;
            let is_due = (at, depth) >= self.from;
            if is_due {
                if *self.left == 0 {
                    return Some((at, depth));
                }
                *self.left -= 1;
            }
            let Some(found) = found(entry.flags(), entry.addr(), depth) else {
                continue;
            };
            if is_due {
                (self.visit)(FoundEntry {
                    base: VirtAddr::new_truncate(at),
                    ..found
                });
            }
            if found.is_table
                && let Some(next) = self.table(found.frame, depth + 1, at, half)
            {
                return Some(next);
            }
        }
        None
    }
}

/// Decodes the bits of an entry.
fn found(flags: PageTableFlags, address: PhysAddr, depth: u8) -> Option<FoundEntry> {
    let is_large = flags.contains(PageTableFlags::HUGE_PAGE);
    flags.contains(PageTableFlags::PRESENT).then(|| FoundEntry {
        base: VirtAddr::zero(),
        depth,
        frame: frames::frame_at(address),
        access: from_hardware(flags),
        is_table: depth < 4 && !is_large,
    })
}

/// Returns the first page of the lower half at or above `from`.
pub fn first_from(root: PhysFrame, from: VirtAddr) -> Option<MappedPage> {
    let from = from.as_u64();
    search(root, 4, 0, from).filter(|found| found.page.as_u64() < 1 << 47)
}

/// Returns the first page at or above `from` in the table of this level that maps `base` first.
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
                is_written: is_written(entry.flags()),
            }),
            _ => search(frame, level - 1, at, from),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Returns the first page of the lower half at or above `from` whose entry names a swap slot.
pub fn first_swapped_from(root: PhysFrame, from: VirtAddr) -> Option<(VirtAddr, SwapSlot)> {
    search_swapped(root, 4, 0, from.as_u64())
}

/// Returns the first such page in the table of this level that maps `base` first.
fn search_swapped(
    table: PhysFrame,
    level: u32,
    base: u64,
    from: u64,
) -> Option<(VirtAddr, SwapSlot)> {
    let shift = 3 + 9 * level;
    let entries = if level == 4 { 256 } else { 512 };
    let first = from.saturating_sub(base) >> shift;
    for index in first..entries {
        // SAFETY: as in `pages`; a table has 512 entries.
        let entry = unsafe {
            let entries = frames::pointer(table.start_address()).cast::<u64>();
            entries.add(index as usize).read_volatile()
        };
        let at = base | index << shift;
        let flags = PageTableFlags::from_bits_truncate(entry);
        let found = match level {
            1 => SwapSlot::of_entry(entry).map(|slot| (VirtAddr::new_truncate(at), slot)),
            _ if !flags.contains(PageTableFlags::PRESENT)
                || flags.contains(PageTableFlags::HUGE_PAGE) =>
            {
                None
            }
            _ => {
                let next = Entry(entry).address();
                search_swapped(frames::frame_at(next), level - 1, at, from)
            }
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The bits of a physical address in an entry (Intel SDM vol. 3A, 4.1.4).
pub const ADDRESS_BITS: u8 = 52;

/// Sets the highest address bit in the entry of a 4 KiB page, for a test. Returns the entry and its
/// old value.
///
/// # Safety The CPU has fewer than [`ADDRESS_BITS`], so that the bit is reserved. The page is the
/// caller's, and the entry is restored before any other code walks the tables.
pub unsafe fn corrupt_for_test(root: PhysFrame, page: VirtAddr) -> Option<(*mut u64, u64)> {
    const RESERVED: u64 = 1 << (ADDRESS_BITS - 1);
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
    // SAFETY: by the contract.
    unsafe {
        let value = entry.read_volatile();
        entry.write_volatile(value | RESERVED);
        Some((entry, value))
    }
}
