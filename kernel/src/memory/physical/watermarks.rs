//! Watermarks of free frames: below the low one, processes get none.
//!
//! ```text
//! free frames   high ── a reclaim frees so many
//!               low  ── a process that needs a frame makes the kernel reclaim
//!                 0  ── the reserve below is for the kernel: page tables, the blocks of swap
//! ```
//! Without swap both are 0: processes get every frame.

use super::allocator;
use core::sync::atomic::{AtomicU64, Ordering};

/// The frames that one reclaim frees beyond the low watermark.
const BATCH: u64 = 32;

static LOW: AtomicU64 = AtomicU64::new(0);

/// Sets the low watermark; 0 for no reserve. Returns the one before.
pub fn set_low(frames: u64) -> u64 {
    LOW.swap(frames, Ordering::Relaxed)
}

/// Returns the low watermark.
pub fn low() -> u64 {
    LOW.load(Ordering::Relaxed)
}

/// Returns whether processes get no frames now.
#[inline]
pub fn is_low() -> bool {
    let low = low();
    low > 0 && allocator::lock().free_frames() <= low
}

/// Returns how many frames are missing up to the high watermark.
pub fn missing() -> u64 {
    let high = low() + BATCH;
    high.saturating_sub(allocator::lock().free_frames())
}
