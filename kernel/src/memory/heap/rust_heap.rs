//! Rust's global allocator, on `kmalloc`.

use crate::machine::stack_trace;
use crate::memory::heap::{kmalloc, sites};
use alloc::boxed::Box;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use mm::tag::Tag;
use x86_64::VirtAddr;

struct RustHeap;

#[global_allocator]
static RUST_HEAP: RustHeap = RustHeap;

/// Returns the first caller outside Rust's libraries.
#[inline(always)]
fn caller() -> u64 {
    // SAFETY: this is inlined into a live function, whose frame pointer it reads.
    unsafe { sites::caller_outside_library(stack_trace::frame_pointer()) }
}

fn pointer(allocated: Result<VirtAddr, kmalloc::KmallocError>) -> *mut u8 {
    allocated.map_or(ptr::null_mut(), VirtAddr::as_mut_ptr)
}

/// Moves a value to the heap, as `Box::new` does, and returns an error if the heap is full.
///
/// # Errors
/// When the heap refuses.
pub fn try_box<T>(value: T) -> Result<Box<T>, kmalloc::KmallocError> {
    let layout = Layout::new::<T>();
    let bytes = layout.size().max(1);
    let place = kmalloc::allocate(bytes, layout.align(), Tag::KERNEL, caller())?;
    let place = place.as_mut_ptr::<T>();
    // SAFETY: the allocation is new, aligned, and large enough; it comes from the allocator that
    // `Box` gives it back to.
    unsafe {
        place.write(value);
        Ok(Box::from_raw(place))
    }
}

// SAFETY: allocations are disjoint, aligned as asked, mapped, and stay until they are freed.
unsafe impl GlobalAlloc for RustHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (bytes, align) = (layout.size(), layout.align());
        pointer(kmalloc::allocate(bytes, align, Tag::KERNEL, caller()))
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        if let Err(error) = kmalloc::release(VirtAddr::from_ptr(block), caller()) {
            panic!("Rust freed an invalid address: {error}");
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: by the contract; memory is always zeroed.
        unsafe { self.alloc(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        let address = VirtAddr::from_ptr(block);
        pointer(kmalloc::resize(address, bytes, layout.align(), caller()))
    }
}
