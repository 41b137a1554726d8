//! offset-allocator: segregated fit by size class, with a node for each allocation.

use crate::contests::frames::contender::FrameContender;
use offset_allocator::{Allocation, Allocator};

/// The allocator, and its handles by frame: its user must keep them.
pub struct Offsets {
    inner: Allocator<u32>,
    handles: Vec<Option<Allocation<u32>>>,
}

impl FrameContender for Offsets {
    const NAME: &'static str = "offset-allocator 0.2.0";
    // It knows no alignment, so it only takes part with single frames.
    const MOST_ORDER: u32 = 0;

    fn new(frames: usize) -> Self {
        Offsets {
            inner: Allocator::with_max_allocs(frames as u32, 2 * frames as u32 + 2),
            handles: vec![None; frames],
        }
    }

    #[inline]
    fn allocate(&mut self) -> Option<usize> {
        let handle = self.inner.allocate(1)?;
        self.handles[handle.offset as usize] = Some(handle);
        Some(handle.offset as usize)
    }

    #[inline]
    fn free(&mut self, frame: usize) {
        let handle = self.handles[frame].take().expect("the frame is in use");
        self.inner.free(handle);
    }

    fn allocate_run(&mut self, _: u32) -> Option<usize> {
        None
    }

    fn free_run(&mut self, _: usize, _: u32) {}
}
