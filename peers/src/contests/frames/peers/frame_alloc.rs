//! frame-alloc: a lock-free buddy system with summaries, and magazines before it.

use super::span::{ALIGN, Span};
use crate::contests::frames::contender::FrameContender;
use frame_alloc::{
    DepotAllocator, NoCpuId, PageSize, PhysicalAllocator, Provenance, RegionInit,
    SummaryBuddyAllocator,
};
use std::num::NonZeroUsize;
use std::ptr::{NonNull, with_exposed_provenance_mut};

const BASE: PageSize = PageSize::from_log2(12);
const ONE: NonZeroUsize = NonZeroUsize::MIN;

type Inner = SummaryBuddyAllocator<11, Identity>;

/// Addresses of the span are physical addresses.
pub struct Identity;

// SAFETY: the span exposes its provenance before the allocator uses an address of it.
unsafe impl Provenance for Identity {
    unsafe fn create(phys: usize) -> NonNull<u8> {
        NonNull::new(with_exposed_provenance_mut(phys)).expect("no span is at 0")
    }

    unsafe fn destroy<T>(ptr: NonNull<T>) -> usize {
        ptr.addr().get()
    }
}

/// The allocator over a span.
pub struct Over<A> {
    inner: Box<A>,
    span: Span,
}

/// The buddy system.
pub type Summary = Over<Inner>;
/// The buddy system with magazines.
pub type Depot = Over<DepotAllocator<Inner, NoCpuId, 1>>;

/// A name, and how to create it.
pub trait Named: PhysicalAllocator + RegionInit {
    /// The contender's name.
    const NAME: &'static str;
    /// Creates it, without memory.
    fn create() -> Self;
}

impl Named for Inner {
    const NAME: &'static str = "frame-alloc 0.1.0, SummaryBuddy";
    fn create() -> Self {
        Inner::new(BASE)
    }
}

impl Named for DepotAllocator<Inner, NoCpuId, 1> {
    const NAME: &'static str = "frame-alloc 0.1.0, Depot";
    fn create() -> Self {
        DepotAllocator::new(BASE, Inner::new(BASE))
    }
}

impl<A: Named> FrameContender for Over<A> {
    const NAME: &'static str = A::NAME;
    const MOST_ORDER: u32 = 10;

    fn new(frames: usize) -> Self {
        // Its bitmaps take less than 2 bits a frame of the pool.
        let span = Span::new((frames << 12) + ALIGN);
        let inner = Box::new(A::create());
        // SAFETY: the span belongs to the allocator, is aligned, and lives as long.
        unsafe { inner.init_region(span.address(), span.bytes()) };
        Over { inner, span }
    }

    #[inline]
    fn allocate(&mut self) -> Option<usize> {
        let address = self.inner.allocate_physical(BASE, ONE).ok()?;
        Some((address - self.span.start().addr()) >> 12)
    }

    #[inline]
    fn free(&mut self, frame: usize) {
        let address = self.span.start().addr() + (frame << 12);
        // SAFETY: the frame was allocated alone.
        unsafe { self.inner.deallocate_physical(BASE, ONE, address) };
    }

    #[inline]
    fn allocate_run(&mut self, order: u32) -> Option<usize> {
        let frames = NonZeroUsize::new(1 << order)?;
        let address = self.inner.allocate_physical(BASE, frames).ok()?;
        Some((address - self.span.start().addr()) >> 12)
    }

    #[inline]
    fn free_run(&mut self, first: usize, order: u32) {
        let address = self.span.start().addr() + (first << 12);
        let frames = NonZeroUsize::new(1 << order).expect("a run has frames");
        // SAFETY: the run was allocated with this length.
        unsafe { self.inner.deallocate_physical(BASE, frames, address) };
    }
}
