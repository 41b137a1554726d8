//! Addresses for the allocators that keep their metadata inside the memory that they manage.

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::NonNull;

/// 4 MiB, what the longest runs of these allocators take.
pub const ALIGN: usize = 4 << 20;

/// Reserved memory; only what is touched costs memory of the host.
pub struct Span {
    start: NonNull<u8>,
    layout: Layout,
}

impl Span {
    /// Reserves this many bytes.
    pub fn new(bytes: usize) -> Span {
        let layout = Layout::from_size_align(bytes, ALIGN).expect("a valid layout");
        // SAFETY: the layout is not empty.
        let start = NonNull::new(unsafe { alloc(layout) }).expect("addresses are left");
        Span { start, layout }
    }

    /// The first address; code may use it through [`std::ptr::with_exposed_provenance_mut`].
    pub fn address(&self) -> usize {
        self.start.as_ptr().expose_provenance()
    }

    /// The size in bytes.
    pub fn bytes(&self) -> usize {
        self.layout.size()
    }

    /// The start.
    pub fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout; the allocator over it is dropped with its owner.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}
