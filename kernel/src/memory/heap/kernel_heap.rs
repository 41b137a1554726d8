//! The kernel heap: `mm`'s buddy system, with frames put under it as it grows.
//!
//! ```text
//! guard page │ chunk │ chunk │ not mapped, up to the maximum │ guard page
//!            └ HEAP                                           └ HEAP + maximum
//! ```
//! [`allocate`] and [`free`] are the bare buddy system: one block, at once free again. What kernel
//! code calls is `kmalloc` and its family, and Rust's global allocator, on the same heap. All
//! memory is zeroed when it is handed out.

use crate::memory::error::InitError;
use crate::memory::heap::sites;
use crate::memory::paging::kernel_space::{self, PagingError};
use crate::memory::paging::{guard_pages, layout, regions};
use crate::memory::physical::frames::FRAME;
use crate::memory::physical::slices;
use crate::memory::trace::{self, KernelTracer};
use crate::units::Bytes;
use mm::heap::{
    Allocation, CHUNK_BYTES, Header, Heap, HeapError, HeapFreeError, HeapStorage, Request,
};
use mm::memory_map::MemoryMap;
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use spin::{Mutex, MutexGuard, Once};
use x86_64::VirtAddr;

/// The heap as this kernel has it.
pub type KernelHeap = Heap<'static, KernelTracer>;

/// Chunks that the heap begins with.
const START_CHUNKS: u64 = 1;
/// The most that it may grow to, whatever memory there is.
const LARGEST: u64 = 64 << 20;
/// It may have one part in so many of usable memory. With its metadata of 12.8 % this keeps the
/// metadata of all allocators together under 1 % of memory.
const SHARE: u64 = 32;

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
            bits: slices::allocate_slice(sizes.bits, Tag::KERNEL)?,
            headers: slices::allocate_slice::<Header>(sizes.headers, Tag::KERNEL)?,
            references: slices::allocate_slice(sizes.references, Tag::KERNEL)?,
        }
    };
    let heap = Heap::new(layout::HEAP, maximum, storage, KernelTracer)?;
    regions::open(layout::HEAP, maximum, RegionPolicy::Fixed, Tag::HEAP);
    guard_pages::open(layout::HEAP - FRAME, Tag::HEAP);
    guard_pages::open(layout::HEAP + maximum, Tag::HEAP);
    let mut heap = HEAP.call_once(|| Mutex::new(heap)).lock();
    for _ in 0..START_CHUNKS {
        grow(&mut heap)?;
    }
    log::info!(
        "heap at {:#x}: {} now, {} at most",
        heap.start(),
        Bytes(heap.committed_bytes()),
        Bytes(maximum)
    );
    Ok(())
}

/// The heap.
///
/// # Panics
/// Before [`init`].
#[inline]
pub fn lock() -> MutexGuard<'static, KernelHeap> {
    HEAP.get()
        .expect("the heap is asked for before memory is up")
        .lock()
}

/// One zeroed block of at least `bytes` bytes.
///
/// # Errors
/// See [`HeapError`]; when there are no frames to grow with, the request is refused as exhausted.
#[inline(never)]
pub fn allocate(bytes: usize, align: usize, owner: Tag) -> Result<Allocation, HeapError> {
    let caller = trace::return_address();
    serve(
        Request {
            bytes,
            spare: 0,
            align,
            owner,
            site: sites::site(caller),
            trimmed: false,
        },
        caller,
    )
}

/// What is asked for, zeroed, by the code at `caller`.
///
/// # Errors
/// As [`allocate`].
pub fn serve(request: Request, caller: u64) -> Result<Allocation, HeapError> {
    trace::set_site(caller);
    let allocation = find(&mut lock(), request)?;
    // SAFETY: the blocks are mapped, were free a moment ago, and belong to the caller now.
    unsafe {
        allocation
            .address
            .as_mut_ptr::<u8>()
            .write_bytes(0, allocation.bytes as usize);
    };
    Ok(allocation)
}

/// Gives an allocation back by its first byte, at once and unchecked.
///
/// # Errors
/// When none begins there; nothing changes then.
#[inline(never)]
pub fn free(address: VirtAddr) -> Result<Allocation, HeapFreeError> {
    trace::set_site(trace::return_address());
    lock().free(address)
}

/// An allocation, after growing if it must be.
fn find(heap: &mut KernelHeap, request: Request) -> Result<Allocation, HeapError> {
    loop {
        match heap.serve(request) {
            Err(HeapError::MustGrow { bytes }) => {
                if let Err(error) = grow(heap) {
                    log::warn!("the heap cannot grow: {error}");
                    heap.refuse(bytes, request.owner);
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
        if let Err(error) = kernel_space::map_frame(page, Tag::HEAP) {
            kernel_space::unmap_frames(start, page);
            return Err(error);
        }
        page += FRAME;
    }
    heap.grow().expect("a heap with a next chunk can grow");
    Ok(())
}

/// Gives free chunks at the end back, down to the start size, and returns how many.
pub fn shrink() -> u64 {
    let mut heap = lock();
    let mut chunks = 0;
    while heap.committed_bytes() > START_CHUNKS * CHUNK_BYTES {
        let Some(start) = heap.shrink() else { break };
        kernel_space::unmap_frames(start, start + CHUNK_BYTES);
        chunks += 1;
    }
    chunks
}
