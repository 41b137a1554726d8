//! The boot stack: the kernel runs on it until it has a guarded stack.
//!
//! ```text
//!  lowest address                                   highest
//!  +--------------------------+--------------------------+
//!  | never touched: all zero  |  was in use              |  ◄── the first call
//!  +--------------------------+--------------------------+
//! ```
//! It has no guard page: an overflow writes to other data of the image. So the kernel measures its
//! use before it switches stacks. The stack starts as zeros, and [`check`] counts those left.

use core::cell::UnsafeCell;
use mm::units::Bytes;

/// Its length in bytes.
pub const BYTES: usize = 256 << 10;
/// The bytes that must never have been used.
const RESERVE: usize = BYTES / 4;

/// The stack; all entries start at its end.
#[repr(C, align(4096))]
pub struct Stack(UnsafeCell<[u8; BYTES]>);

// SAFETY: the one CPU uses it as its stack, and no other code writes to it.
unsafe impl Sync for Stack {}

/// The stack of all three entries; its end is [`BYTES`] above its first byte.
pub static STACK: Stack = Stack(UnsafeCell::new([0; BYTES]));

/// Logs how much of the boot stack has been used.
///
/// # Panics
/// If less than a quarter was never used: then the stack must become longer.
pub fn check() {
    // SAFETY: all of it is mapped, and every word is initialized; volatile, because the lower end
    // may be in use.
    let word = |at: usize| unsafe { STACK.0.get().cast::<u64>().add(at).read_volatile() };
    let left = size_of::<u64>()
        * (0..BYTES / size_of::<u64>())
            .take_while(|&at| word(at) == 0)
            .count();
    log::debug!(
        target: "kernel::boot",
        "boot stack: {} of {} used", Bytes((BYTES - left) as u64), Bytes(BYTES as u64)
    );
    assert!(
        left >= RESERVE,
        "the boot stack has only {left} of {BYTES} bytes left: it may have overflowed"
    );
}
