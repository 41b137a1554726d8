//! buddy-slab-allocator: a buddy system over page metadata. 0.3.0 is its fastest version here.

use super::span::{ALIGN, Span};
use crate::contests::frames::contender::FrameContender;
use buddy_slab_allocator::BuddyAllocator;
use std::slice;

/// The allocator over a span. Its metadata lies at the start of the span; it aligns runs relative
/// to the first page after that.
pub struct BuddySlab {
    buddy: BuddyAllocator<4096>,
    first: usize,
    _span: Span,
}

impl FrameContender for BuddySlab {
    const NAME: &'static str = "buddy-slab-allocator 0.3.0";
    const MOST_ORDER: u32 = 10;

    fn new(frames: usize) -> Self {
        let metadata = BuddyAllocator::<4096>::required_meta_size(frames << 12);
        let bytes = (frames << 12) + metadata.next_multiple_of(ALIGN) + ALIGN;
        let span = Span::new(bytes);
        let mut buddy = BuddyAllocator::new();
        // SAFETY: the span belongs to the allocator and lives as long.
        let added = unsafe {
            let region = slice::from_raw_parts_mut(span.start(), bytes);
            buddy.init(region, None)
        };
        added.expect("the region is large enough");
        let section = buddy.section(0).expect("a region was added");
        BuddySlab {
            buddy,
            first: section.start,
            _span: span,
        }
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
        let address = self.buddy.alloc_pages(1 << order, 4096 << order).ok()?;
        Some((address - self.first) >> 12)
    }

    #[inline]
    fn free_run(&mut self, first: usize, order: u32) {
        let address = self.first + (first << 12);
        self.buddy.dealloc_pages(address, 1 << order);
    }
}
