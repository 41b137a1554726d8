//! A region of pages that nobody maps until somebody touches them.

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

/// The first byte of a page of the region.
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

/// Adds one to the first word of a page, which faults the first time: what it was before.
pub fn touch(number: u64) -> u64 {
    let word = page(number).as_mut_ptr::<u64>();
    // SAFETY: the region is this module's; the page is mapped, or the fault handler maps it.
    unsafe {
        let before = word.read_volatile();
        word.write_volatile(before + 1);
        before
    }
}

/// Whether a page has a frame now.
pub fn is_present(number: u64) -> bool {
    kernel_space::is_mapped(page(number))
}

/// Takes the frame of a page away again, if it has one.
pub fn give_back(number: u64) {
    let page = page(number);
    let unmapped = kernel_space::lock().unmap(page);
    if let Ok((frame, flush)) = unmapped {
        flush.flush();
        frames::free(frame).expect("a page of the region has a frame of its own");
    }
}
