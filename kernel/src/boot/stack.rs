//! The stack that the kernel stands on until it has a guarded one, the same on all three ways in.
//!
//! ```text
//!  lowest address                                   highest
//!  +--------------------------+--------------------------+
//!  | never touched: all zero  |  was in use              |  ◄── the first call stands here
//!  +--------------------------+--------------------------+
//! ```
//! Nothing guards it: who runs over its end writes to other data of the image. So it is measured
//! before it is left: it begins as zeros, and [`check`] looks how many are left.

use crate::units::Bytes;
use core::cell::UnsafeCell;

/// Its length in bytes.
pub const BYTES: usize = 256 << 10;
/// So much of it must never have been touched.
const RESERVE: usize = BYTES / 4;

/// The stack itself; ways in begin at its end.
#[repr(C, align(4096))]
pub struct Stack(UnsafeCell<[u8; BYTES]>);

// SAFETY: one CPU stands on it, and nobody else writes to it.
unsafe impl Sync for Stack {}

/// Where all three ways in begin, [`BYTES`] above its first byte.
pub static STACK: Stack = Stack(UnsafeCell::new([0; BYTES]));

/// Looks how much of it was in use, up to now.
///
/// # Panics
/// If less than a quarter is left: then it must be longer before the next thing grows.
pub fn check() {
    // SAFETY: all of it is mapped, and whatever a word is, it may be read; volatile, because the
    // lower end may be in use.
    let word = |at: usize| unsafe { STACK.0.get().cast::<u64>().add(at).read_volatile() };
    let left = size_of::<u64>()
        * (0..BYTES / size_of::<u64>())
            .take_while(|&at| word(at) == 0)
            .count();
    log::debug!(
        target: "kernel::boot",
        "boot stack: {} of {} were in use", Bytes((BYTES - left) as u64), Bytes(BYTES as u64)
    );
    assert!(
        left >= RESERVE,
        "the boot stack has only {left} bytes left of {BYTES}: it may have run over"
    );
}
