//! The origin of an event, in the form in which a producer keeps it.
//!
//! ```text
//!  63            32 31  24 23        0
//! +----------------+------+----------+
//! |   call site    | CPU  |    0     |    the second word of an event, without kind, tag and flags
//! +----------------+------+----------+
//! ```

use core::sync::atomic::{AtomicU64, Ordering};

/// CPU and call site of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin(u64);

impl Origin {
    /// Packs [`Event::cpu`](super::Event::cpu) and [`Event::site`](super::Event::site).
    #[inline(always)]
    pub const fn new(cpu: u8, site: u32) -> Origin {
        Origin((cpu as u64) << 24 | (site as u64) << 32)
    }

    #[inline(always)]
    pub(super) const fn bits(self) -> u64 {
        self.0
    }
}

/// The origin of the next event. Interrupt handlers may set it and restore it.
#[derive(Debug)]
pub struct OriginCell(AtomicU64);

impl OriginCell {
    /// Creates the origin with CPU 0 and an unknown call site. Usable in a static.
    pub const fn new() -> OriginCell {
        OriginCell(AtomicU64::new(0))
    }

    /// Sets the origin of later events.
    #[inline(always)]
    pub fn set(&self, origin: Origin) {
        self.0.store(origin.0, Ordering::Relaxed);
    }

    /// Returns the origin.
    #[inline(always)]
    pub fn get(&self) -> Origin {
        Origin(self.0.load(Ordering::Relaxed))
    }
}

impl Default for OriginCell {
    fn default() -> Self {
        OriginCell::new()
    }
}
