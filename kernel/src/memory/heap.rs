//! The kernel heap: `mm`'s buddy system, with frames put under it as it grows.
//!
//! ```text
//! guard page │ chunk │ chunk │ not mapped, up to the maximum │ guard page
//!            └ HEAP                                           └ HEAP + maximum
//! ```
//! Rust's global allocator stands on the same heap. Blocks are zeroed when they are handed out.

use super::frames::{self, FRAME};
use super::paging::{self, PagingError};
use super::trace::{self, KernelTracer};
use super::{InitError, layout, windows};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr;
use mm::heap::{Block, CHUNK_BYTES, Header, Heap, HeapError, HeapFreeError, HeapStorage};
use mm::memory_map::MemoryMap;
use mm::paging::WindowPolicy;
use mm::tag::Tag;
use spin::{Mutex, MutexGuard, Once};
use x86_64::VirtAddr;

/// The heap as this kernel has it.
pub type KernelHeap = Heap<'static, KernelTracer>;

/// Chunks that the heap begins with.
const START_CHUNKS: u64 = 1;
/// The most that it may grow to, whatever memory there is.
const LARGEST: u64 = 64 << 20;
/// It may have one part in so many of usable memory.
const SHARE: u64 = 16;

static HEAP: Once<Mutex<KernelHeap>> = Once::new();

/// Builds the heap, maps its first chunks, and guards both ends.
///
/// # Errors
/// When frames run out.
pub fn init(map: &MemoryMap<'_>) -> Result<(), InitError> {
    let share = map.usable_bytes() / SHARE;
    let maximum = (share / CHUNK_BYTES * CHUNK_BYTES).clamp(START_CHUNKS * CHUNK_BYTES, LARGEST);
    let sizes = HeapStorage::sizes(maximum);
    // SAFETY: zeroes are valid words, headers and counts.
    let storage = unsafe {
        HeapStorage {
            bits: frames::allocate_slice(sizes.bits, Tag::KERNEL)?,
            headers: frames::allocate_slice::<Header>(sizes.headers, Tag::KERNEL)?,
            references: frames::allocate_slice(sizes.references, Tag::KERNEL)?,
        }
    };
    let heap = Heap::new(layout::HEAP, maximum, storage, KernelTracer)?;
    windows::open(layout::HEAP - FRAME, FRAME, WindowPolicy::Guard, Tag::HEAP);
    windows::open(
        layout::HEAP + maximum,
        FRAME,
        WindowPolicy::Guard,
        Tag::HEAP,
    );
    let mut heap = HEAP.call_once(|| Mutex::new(heap)).lock();
    for _ in 0..START_CHUNKS {
        grow(&mut heap)?;
    }
    log::info!(
        "heap at {:#x}: {} now, {} at most",
        heap.start(),
        super::size::Bytes(heap.committed_bytes()),
        super::size::Bytes(maximum)
    );
    Ok(())
}

/// The heap.
///
/// # Panics
/// Before [`init`].
pub fn lock() -> MutexGuard<'static, KernelHeap> {
    HEAP.get()
        .expect("the heap is asked for before memory is up")
        .lock()
}

/// A zeroed block of at least `bytes` bytes.
///
/// # Errors
/// See [`HeapError`]; when there are no frames to grow with, the request is refused as exhausted.
#[inline(never)]
pub fn allocate(bytes: usize, align: usize, owner: Tag) -> Result<Block, HeapError> {
    trace::set_site(trace::return_address());
    let block = find(&mut lock(), bytes, align, owner)?;
    // SAFETY: the block is mapped, was free a moment ago, and belongs to the caller now.
    unsafe {
        block
            .address
            .as_mut_ptr::<u8>()
            .write_bytes(0, block.order.bytes() as usize);
    };
    Ok(block)
}

/// Gives a block back by its first byte.
///
/// # Errors
/// When no live block begins there; nothing changes then.
#[inline(never)]
pub fn free(address: VirtAddr) -> Result<Block, HeapFreeError> {
    trace::set_site(trace::return_address());
    lock().free(address)
}

/// A block, after growing if it must be.
fn find(heap: &mut KernelHeap, bytes: usize, align: usize, owner: Tag) -> Result<Block, HeapError> {
    loop {
        match heap.allocate(bytes, align, owner) {
            Err(HeapError::MustGrow { .. }) => {
                if let Err(error) = grow(heap) {
                    log::warn!("the heap cannot grow: {error}");
                    heap.refuse(bytes, owner);
                    return Err(HeapError::Exhausted { bytes });
                }
            }
            other => return other,
        }
    }
}

/// Puts frames under the next chunk. If they run out, those of this chunk go back.
fn grow(heap: &mut KernelHeap) -> Result<(), PagingError> {
    let Some(start) = heap.next_chunk() else {
        return Ok(());
    };
    let mut page = start;
    while page < start + CHUNK_BYTES {
        if let Err(error) = paging::map_frame(page, Tag::HEAP) {
            paging::unmap_frames(start, page);
            return Err(error);
        }
        page += FRAME;
    }
    heap.grow().expect("a heap with a next chunk can grow");
    Ok(())
}

/// Gives wholly free chunks at the end back, down to the start size: how many.
pub fn shrink() -> u64 {
    let mut heap = lock();
    let mut chunks = 0;
    while heap.committed_bytes() > START_CHUNKS * CHUNK_BYTES {
        let Some(start) = heap.shrink() else { break };
        paging::unmap_frames(start, start + CHUNK_BYTES);
        chunks += 1;
    }
    chunks
}

/// Rust's `Box`, `Vec` and the rest on the kernel heap.
struct RustHeap;

#[global_allocator]
static RUST_HEAP: RustHeap = RustHeap;

// SAFETY: blocks are disjoint, aligned as asked, mapped, and stay until they are freed.
unsafe impl GlobalAlloc for RustHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match allocate(layout.size(), layout.align(), Tag::KERNEL) {
            Ok(block) => block.address.as_mut_ptr(),
            Err(_) => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        if let Err(error) = free(VirtAddr::from_ptr(block)) {
            panic!("Rust frees what it did not get: {error}");
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises; blocks are zeroed anyway.
        unsafe { self.alloc(layout) }
    }
}
