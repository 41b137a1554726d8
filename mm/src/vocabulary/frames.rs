//! Frames, their numbers and their addresses.

use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// The size of a frame, and of a page.
pub const FRAME_BYTES: u64 = 4096;

/// Returns the number of a frame: its address divided by [`FRAME_BYTES`].
#[inline]
pub(crate) fn number(frame: PhysFrame) -> usize {
    (frame.start_address().as_u64() / FRAME_BYTES) as usize
}

/// Returns the address of the frame with this number.
#[inline]
pub(crate) fn address(number: usize) -> PhysAddr {
    PhysAddr::new(number as u64 * FRAME_BYTES)
}

/// Returns the frame with this number.
#[inline]
pub(crate) fn frame(number: usize) -> PhysFrame {
    PhysFrame::containing_address(address(number))
}
