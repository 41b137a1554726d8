//! The balance: free frames and live heap bytes at one moment. It is equal before and after code
//! that leaks nothing.

use crate::memory::heap::{kernel_heap, kmalloc};
use crate::memory::physical::frames;
use core::fmt;

/// Free frames and live heap bytes at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Free frames.
    pub free_frames: u64,
    /// Bytes in live blocks of the heap.
    pub live_bytes: u64,
}

impl Balance {
    /// Shrinks the heap, and returns the balance.
    pub fn now() -> Balance {
        kmalloc::shrink();
        Balance {
            free_frames: frames::lock().statistics().free,
            live_bytes: kernel_heap::lock().statistics().live_bytes,
        }
    }

    /// Returns the memory that was allocated since `before` and not freed; negative if more was
    /// freed.
    pub fn leaked_since(&self, before: &Balance) -> Leak {
        Leak {
            frames: before.free_frames.wrapping_sub(self.free_frames) as i64,
            bytes: self.live_bytes.wrapping_sub(before.live_bytes) as i64,
        }
    }
}

/// A difference of two balances.
#[derive(Clone, Copy, Debug)]
pub struct Leak {
    frames: i64,
    bytes: i64,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Leak { frames, bytes } = self;
        write!(f, "{frames} frames and {bytes} B of heap leaked")
    }
}
