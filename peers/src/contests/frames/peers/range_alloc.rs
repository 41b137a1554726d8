//! range-alloc: best fit in a sorted vector of free ranges.

use crate::contests::frames::contender::FrameContender;
use range_alloc::RangeAllocator;

/// The allocator.
pub struct Ranges(RangeAllocator<u32>);

impl FrameContender for Ranges {
    const NAME: &'static str = "range-alloc 0.1.5";
    const MOST_ORDER: u32 = 10;
    const IS_LINEAR: bool = true;

    fn new(frames: usize) -> Self {
        Ranges(RangeAllocator::new(0..frames as u32))
    }

    #[inline]
    fn allocate(&mut self) -> Option<usize> {
        let range = self.0.allocate_range(1).ok()?;
        Some(range.start as usize)
    }

    #[inline]
    fn free(&mut self, frame: usize) {
        self.0.free_range(frame as u32..frame as u32 + 1);
    }

    #[inline]
    fn allocate_run(&mut self, order: u32) -> Option<usize> {
        let frames = 1 << order;
        let range = self.0.allocate_range_aligned(frames, frames).ok()?;
        Some(range.start as usize)
    }

    #[inline]
    fn free_run(&mut self, first: usize, order: u32) {
        self.0.free_range(first as u32..first as u32 + (1 << order));
    }
}
