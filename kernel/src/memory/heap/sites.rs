//! Call sites: who asked for memory, kept in 24 bits beside each block.
//!
//! A site is a return address as a distance from where the kernel image begins. For Rust's own
//! collections the interesting caller is the one behind the library: [`caller_behind_library`]
//! looks for it along the frame pointers.

use crate::boot::image;
use crate::machine::symbols;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use mm::heap::Site;

/// The site of a return address in the kernel image.
#[inline]
pub fn site(address: u64) -> Site {
    address
        .checked_sub(image::image_start())
        .map_or(Site::UNKNOWN, Site::new)
}

/// A site as the function that it lies in.
pub struct Place(pub Site);

impl Place {
    /// The code address, 0 if unknown.
    pub fn address(&self) -> u64 {
        match self.0 {
            Site::UNKNOWN => 0,
            site => image::image_start() + u64::from(site.distance()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            0 => f.write_str("somebody unknown"),
            address => symbols::name(address).fmt(f),
        }
    }
}

/// How many callers are looked at.
const DEPTH: usize = 10;
/// One frame on the stack is smaller than this; a larger step means that the chain is broken.
const LARGEST_FRAME: u64 = 16 << 10;

/// The first return address, from the frame pointer `rbp` on, that does not lie in Rust's
/// libraries.
///
/// # Safety
/// `rbp` is the frame pointer of a live function of the kernel.
pub unsafe fn caller_behind_library(mut rbp: u64) -> u64 {
    let text = image::text();
    let mut found = 0;
    for _ in 0..DEPTH {
        // SAFETY: every function of the kernel keeps a frame pointer, which points to the saved one
        // of its caller and the return address above; the checks below end the walk where
        // the chain does.
        let (next, caller) = unsafe { (*(rbp as *const u64), *((rbp + 8) as *const u64)) };
        if !(text.start..text.end).contains(&caller) {
            break;
        }
        found = caller;
        let step = next.wrapping_sub(rbp);
        if !is_library(caller) || step == 0 || step > LARGEST_FRAME || !next.is_multiple_of(8) {
            break;
        }
        rbp = next;
    }
    found
}

/// Answers of [`is_library`] that were given before: the address, and 1 in bit 63 for yes.
static ANSWERS: [AtomicU64; 256] = [const { AtomicU64::new(0) }; 256];
const YES: u64 = 1 << 63;

/// Whether a function of Rust's libraries has this address.
fn is_library(address: u64) -> bool {
    // Kernel addresses have bit 63 set; here it tells the answer.
    let key = address & !YES;
    let answer = &ANSWERS[address as usize % ANSWERS.len()];
    let known = answer.load(Ordering::Relaxed);
    if known & !YES == key {
        return known & YES != 0;
    }
    let name = symbols::name(address).function();
    let name = name.trim_start_matches(['<', '&']);
    let libraries = ["alloc::", "core::", "hashbrown::", "__rust", "_RN"];
    let yes = libraries.iter().any(|library| name.starts_with(library));
    answer.store(key | u64::from(yes) << 63, Ordering::Relaxed);
    yes
}
