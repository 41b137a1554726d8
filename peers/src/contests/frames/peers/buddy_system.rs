//! buddy_system_allocator: a buddy system over sorted sets.

use crate::contests::frames::contender::FrameContender;
use buddy_system_allocator::FrameAllocator;

/// The allocator.
pub struct Buddy(FrameAllocator<21>);

impl FrameContender for Buddy {
    const NAME: &'static str = "buddy_system_allocator 0.13.0";
    const MOST_ORDER: u32 = 10;

    fn new(frames: usize) -> Self {
        let mut buddy = FrameAllocator::new();
        buddy.add_frame(0, frames);
        Buddy(buddy)
    }

    #[inline]
    fn allocate(&mut self) -> Option<usize> {
        self.0.alloc(1)
    }

    #[inline]
    fn free(&mut self, frame: usize) {
        self.0.dealloc(frame, 1);
    }

    #[inline]
    fn allocate_run(&mut self, order: u32) -> Option<usize> {
        self.0.alloc(1 << order)
    }

    #[inline]
    fn free_run(&mut self, first: usize, order: u32) {
        self.0.dealloc(first, 1 << order);
    }
}
