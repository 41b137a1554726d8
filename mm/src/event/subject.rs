//! The subject of an event, for searching a history.

use x86_64::{PhysAddr, VirtAddr};

/// The topic of a kind of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Frames: see [`Subject::Frames`].
    Frames,
    /// An allocation of the heap: see [`Subject::Allocation`].
    Allocation,
    /// Anything else.
    Other,
}

/// The frames or the allocation that an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The address of the first frame, and the number of frames.
    Frames(PhysAddr, u64),
    /// The first byte of an allocation, or of one of its blocks.
    Allocation(VirtAddr),
    /// Anything else.
    Other,
}
