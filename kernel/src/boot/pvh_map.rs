//! Extends the direct map in the boot tables of a boot straight from QEMU.
//!
//! ```text
//! PML4[256]      ─► the first 512 GiB: 4 GiB are mapped by the entry code
//! PML4[257 …]    ─► nothing
//!                   [`map`] adds entries of 1 GiB, or of 2 MiB where the CPU has no larger pages
//! ```
//! On a large machine the frame allocator's metadata does not fit below 4 GiB, and the kernel
//! writes it before it has its own tables. The page tables for it come from a small array in the
//! image.

use super::image::IMAGE_BASE;
use core::cell::UnsafeCell;
use raw_cpuid::CpuId;

/// Tables that can be added: enough for 512 GiB with pages of 1 GiB, or 6 GiB with pages of 2 MiB.
const TABLES: usize = 8;
const ENTRIES: usize = 512;
/// Bits of an entry: present and writable; and a large page.
const PRESENT_WRITABLE: u64 = 0b11;
const PAGE: u64 = 1 << 7;
/// The bits of an entry that hold an address.
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;
/// The entry of the root where the direct map begins.
const DIRECT_MAP_ENTRY: u64 = 256;
/// Entries of the root that the direct map may have: the kernel's heap begins after them.
const DIRECT_MAP_ENTRIES: u64 = 128;

type Table = [u64; ENTRIES];

#[repr(C, align(4096))]
struct Pool(UnsafeCell<[Table; TABLES]>);

// SAFETY: only `map` uses it, once, on the one CPU.
unsafe impl Sync for Pool {}

static POOL: Pool = Pool(UnsafeCell::new([[0; ENTRIES]; TABLES]));

unsafe extern "C" {
    static mut boot_pml4: Table;
}

/// Maps physical memory from `start` to `end` in the direct map. Returns false if there are too few
/// tables for it.
///
/// # Safety
/// The boot tables of the direct way are active, and no other code uses them.
pub unsafe fn map(start: u64, end: u64) -> bool {
    let extended = CpuId::new().get_extended_processor_and_feature_identifiers();
    let has_huge_pages = extended.is_some_and(|cpu| cpu.has_1gib_pages());
    let bits = if has_huge_pages { 30 } else { 21 };
    let mut taken = 0;
    let mut address = start >> bits << bits;
    while address < end {
        let top = address >> 39;
        if top >= DIRECT_MAP_ENTRIES {
            return false;
        }
        let mut table = &raw mut boot_pml4;
        let mut index = (DIRECT_MAP_ENTRY + top) as usize;
        let mut shift = 39;
        while shift > bits {
            // SAFETY: the table is one of the boot tables or of the pool.
            let Some(next) = (unsafe { below(table, index, &mut taken) }) else {
                return false;
            };
            table = next;
            shift -= 9;
            index = (address >> shift) as usize % ENTRIES;
        }
        // SAFETY: as above; an entry that is in use maps the same memory already.
        unsafe { (*table)[index] = address | PRESENT_WRITABLE | PAGE };
        address += 1 << bits;
    }
    true
}

/// Returns the table that an entry points to, or adds one if the entry is empty.
///
/// # Safety
/// The table is one of the boot tables, or one of the pool, of which `taken` are in use.
unsafe fn below(table: *mut Table, index: usize, taken: &mut usize) -> Option<*mut Table> {
    // SAFETY: all boot tables and the pool lie in the image, at a fixed distance.
    unsafe {
        let entry = &raw mut (*table)[index];
        if *entry & PRESENT_WRITABLE == 0 {
            if *taken == TABLES {
                return None;
            }
            let new = POOL.0.get().cast::<Table>().add(*taken);
            *taken += 1;
            *entry = (new as u64 - IMAGE_BASE) | PRESENT_WRITABLE;
        }
        Some(((*entry & ADDRESS) + IMAGE_BASE) as *mut Table)
    }
}
