//! A demand-zero region: the fault handler maps a page at its first touch.

use crate::memory::paging::guard_pages;
use crate::memory::paging::kernel_space;
use crate::memory::paging::{layout, regions};
use crate::memory::physical::frames::{self, FRAME};
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Pages in the region.
pub const PAGES: u64 = 64;

/// Opens the region, with guard pages at both ends.
pub fn open() {
    guard_pages::open(layout::DEMAND_ZERO - FRAME, Tag::USER);
    regions::open(
        layout::DEMAND_ZERO,
        PAGES * FRAME,
        RegionPolicy::DemandZero,
        Tag::USER,
    );
    guard_pages::open(layout::DEMAND_ZERO + PAGES * FRAME, Tag::USER);
}

/// Returns the first byte of a page of the region.
///
/// # Panics
/// If there is no such page.
pub fn page(number: u64) -> VirtAddr {
    assert!(
        number < PAGES,
        "the region has {PAGES} pages, there is no page {number}"
    );
    layout::DEMAND_ZERO + number * FRAME
}

/// Adds one to the first word of a page, which faults the first time. Returns the old value.
pub fn touch(number: u64) -> u64 {
    let word = page(number).as_mut_ptr::<u64>();
    // SAFETY: only this module uses the region; the page is mapped, or the fault handler maps it.
    unsafe {
        let before = word.read_volatile();
        word.write_volatile(before + 1);
        before
    }
}

/// Returns whether a page is mapped.
pub fn is_present(number: u64) -> bool {
    kernel_space::is_mapped(page(number))
}

/// Unmaps a page and frees its frame, if it is mapped.
pub fn release(number: u64) {
    let page = page(number);
    let unmapped = kernel_space::lock().unmap(page);
    if let Ok((frame, flush)) = unmapped {
        flush.flush();
        frames::free(frame).expect("a page of the region has a frame of its own");
    }
}
