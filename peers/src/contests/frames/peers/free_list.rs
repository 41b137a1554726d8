//! free-list: a sorted list of free page ranges.

use crate::contests::frames::contender::FrameContender;
use free_list::{FreeList, PageLayout, PageRange};

/// The allocator; it counts bytes.
pub struct Pages(FreeList<4096>);

fn bytes(first: usize, order: u32) -> PageRange {
    PageRange::from_start_len(first << 12, 4096 << order).expect("the range is in pages")
}

impl FrameContender for Pages {
    const NAME: &'static str = "free-list 0.3.4";
    const MOST_ORDER: u32 = 10;
    const IS_LINEAR: bool = true;

    fn new(frames: usize) -> Self {
        let all = PageRange::new(0, frames << 12).expect("the range is in pages");
        let mut list = FreeList::new();
        // SAFETY: the list only counts; no code uses the memory.
        unsafe { list.deallocate(all) }.expect("the list is empty");
        Pages(list)
    }

    #[inline]
    fn allocate(&mut self) -> Option<usize> {
        self.allocate_run(0)
    }

    #[inline]
    fn free(&mut self, frame: usize) {
        self.free_run(frame, 0);
    }

    #[inline]
    fn allocate_run(&mut self, order: u32) -> Option<usize> {
        let size = 4096 << order;
        let layout = PageLayout::from_size_align(size, size).expect("a power of two");
        Some(self.0.allocate(layout).ok()?.start() >> 12)
    }

    #[inline]
    fn free_run(&mut self, first: usize, order: u32) {
        // SAFETY: the list only counts; no code uses the memory.
        unsafe { self.0.deallocate(bytes(first, order)) }.expect("the run is in use");
    }
}
