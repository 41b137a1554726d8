//! Guard pages: beside every stack, at both ends of the heap and of the demand-zero region lies a
//! page that is never mapped.
//!
//! ```text
//! guard page │ memory │ guard page      a step over either end faults, and the fault handler knows whose end it was
//! ```
//! Off, by Cargo feature `guard-pages` or `guard-pages=off`, neighbours lie side by side: running
//! over the end of a stack then goes unseen where something else is mapped.

use crate::memory::paging::regions;
use crate::memory::physical::frames::FRAME;
use core::sync::atomic::{AtomicBool, Ordering};
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use x86_64::VirtAddr;

static ON: AtomicBool = AtomicBool::new(true);

/// Switches them on or off: at boot, before there is a stack.
pub fn switch(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

/// Whether there are any.
#[inline]
pub fn is_on() -> bool {
    cfg!(feature = "guard-pages") && ON.load(Ordering::Relaxed)
}

/// Bytes that one takes of the address space.
#[inline]
pub fn bytes() -> u64 {
    if is_on() { FRAME } else { 0 }
}

/// From now on touching this page is told apart from touching any other unmapped one.
pub fn open(page: VirtAddr, owner: Tag) {
    if is_on() {
        regions::open(page, FRAME, RegionPolicy::Guard, owner);
    }
}

/// The reverse of [`open`].
pub fn close(page: VirtAddr) {
    if is_on() {
        regions::close(page);
    }
}
