//! What is taken of frames and heap: the same before and after whatever gives back all that it
//! took.

use crate::memory::heap::{kernel_heap, kmalloc};
use crate::memory::physical::frames;
use core::fmt;

/// How much is free, and how much is in use, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Frames that nobody has.
    pub free_frames: u64,
    /// Bytes in live blocks of the heap.
    pub live_bytes: u64,
}

impl Balance {
    /// That of now. The heap gives back first what it does not need.
    pub fn now() -> Balance {
        kmalloc::shrink();
        Balance {
            free_frames: frames::lock().statistics().free,
            live_bytes: kernel_heap::lock().statistics().live_bytes,
        }
    }

    /// What was taken since `before` and not given back; less than nothing if more was given back.
    pub fn leaked_since(&self, before: &Balance) -> Leak {
        Leak {
            frames: before.free_frames.wrapping_sub(self.free_frames) as i64,
            bytes: self.live_bytes.wrapping_sub(before.live_bytes) as i64,
        }
    }
}

/// What is missing.
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
