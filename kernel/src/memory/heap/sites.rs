//! Call sites: 23 bits beside each allocation that identify the code that requested it.
//!
//! A site is a return address, stored as an offset from the start of the kernel image. For Rust's
//! collections, [`caller_outside_library`] follows the frame pointers to the first caller outside
//! Rust's libraries.

use crate::boot::image;
use crate::machine::symbols;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use mm::heap::Site;

/// Returns the site of a return address in the kernel image.
#[inline(always)]
pub fn site(address: u64) -> Site {
    // An address below the image gives an offset that does not fit.
    Site::new(address.wrapping_sub(image::image_start()))
}

/// A site, which formats itself as the function that contains it.
pub struct SiteName(pub Site);

impl SiteName {
    /// Returns the code address, 0 if unknown.
    pub fn address(&self) -> u64 {
        match self.0 {
            Site::UNKNOWN => 0,
            site => image::image_start() + u64::from(site.distance()),
        }
    }
}

impl fmt::Display for SiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            0 => f.write_str("unknown code"),
            address => symbols::name(address).fmt(f),
        }
    }
}

/// The maximum number of callers that are followed.
const DEPTH: usize = 10;
/// The largest stack frame: a larger step means that the chain is broken.
const LARGEST_FRAME: u64 = 16 << 10;

/// Returns the first return address, from the frame pointer `rbp` on, outside of Rust's libraries.
///
/// # Safety
/// `rbp` is the frame pointer of a live function of the kernel.
pub unsafe fn caller_outside_library(mut rbp: u64) -> u64 {
    let text = image::text();
    let mut found = 0;
    for _ in 0..DEPTH {
        // SAFETY: every function of the kernel keeps a frame pointer, which points to the saved one
        // of its caller, with the return address above. The checks below end the walk with the
        // chain.
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

/// A cache of [`is_library`]: the address, and 1 in bit 63 for yes.
static ANSWERS: [AtomicU64; 256] = [const { AtomicU64::new(0) }; 256];
const YES: u64 = 1 << 63;

/// Returns whether a function of Rust's libraries contains this address.
fn is_library(address: u64) -> bool {
    // Kernel addresses have bit 63 set; here the bit is the answer.
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
