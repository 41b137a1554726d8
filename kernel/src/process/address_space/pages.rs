//! The frames of pages that can leave them.

use crate::memory::physical::frames;
use crate::memory::swap::{self, Content};
use mm::frame::Freed;
use mm::paging::RegionPolicy;
use x86_64::structures::paging::PhysFrame;

/// Returns whether pages of a region with this policy can leave their frames.
pub(super) fn can_leave(policy: RegionPolicy) -> bool {
    matches!(policy, RegionPolicy::DemandZero | RegionPolicy::Stack)
}

/// Drops a process's reference to a frame. With the last one the frame gives its slot back.
pub(super) fn drop_frame(frame: PhysFrame) {
    let freed = frames::free(frame).expect("a process has a reference to its frames");
    if freed == Freed::Free {
        swap::drop_copy(frame);
    }
}

/// The bytes of a frame.
pub fn content(frame: PhysFrame) -> *mut Content {
    frames::pointer(frame.start_address()).cast()
}
