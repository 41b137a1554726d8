//! Guard pages: pages that are never mapped, beside every stack and at both ends of the heap and of
//! the demand-zero region.
//!
//! ```text
//! guard page │ memory │ guard page      an access past either end faults
//! ```
//! If they are off, by Cargo feature `guard-pages` or `guard-pages=off`, stacks are adjacent, and
//! an overflow into mapped memory is not detected.

use crate::memory::paging::regions;
use crate::memory::physical::frames::FRAME;
use core::sync::atomic::{AtomicBool, Ordering};
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use x86_64::VirtAddr;

static ON: AtomicBool = AtomicBool::new(true);

/// Switches guard pages on or off: at boot, before there is a stack.
pub fn switch(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

/// Returns whether there are guard pages.
#[inline]
pub fn is_on() -> bool {
    cfg!(feature = "guard-pages") && ON.load(Ordering::Relaxed)
}

/// Returns the size of a guard page, 0 if there are none.
#[inline]
pub fn bytes() -> u64 {
    if is_on() { FRAME } else { 0 }
}

/// Opens a guard region for this page, so that a fault there has its own cause.
pub fn open(page: VirtAddr, owner: Tag) {
    if is_on() {
        regions::open(page, FRAME, RegionPolicy::Guard, owner);
    }
}

/// Reverses [`open`].
pub fn close(page: VirtAddr) {
    if is_on() {
        regions::close(page);
    }
}
