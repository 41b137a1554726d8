//! bitmap-allocator: a 16-ary tree of bitmaps for 1 Mi frames.

use crate::contests::frames::contender::FrameContender;
use bitmap_allocator::{BitAlloc, BitAlloc1M};

/// The allocator.
pub struct Bits(Box<BitAlloc1M>);

impl FrameContender for Bits {
    const NAME: &'static str = "bitmap-allocator 0.4.6";
    const MOST_ORDER: u32 = 10;
    const RUNS_ARE_LINEAR: bool = true;

    fn new(frames: usize) -> Self {
        let mut bits = Box::new(BitAlloc1M::DEFAULT);
        bits.insert(0..frames);
        Bits(bits)
    }

    #[inline]
    fn allocate(&mut self) -> Option<usize> {
        self.0.alloc()
    }

    #[inline]
    fn free(&mut self, frame: usize) {
        self.0.dealloc(frame);
    }

    #[inline]
    fn allocate_run(&mut self, order: u32) -> Option<usize> {
        self.0.alloc_contiguous(None, 1 << order, order as usize)
    }

    #[inline]
    fn free_run(&mut self, first: usize, order: u32) {
        self.0.dealloc_contiguous(first, 1 << order);
    }
}
