//! The kernel heap: `mm`'s buddy system, and the frames that are mapped as it grows.
//!
//! ```text
//! guard page │ chunk │ chunk │ not mapped, up to the maximum │ guard page
//!            └ HEAP                                           └ HEAP + maximum
//! ```
//! [`allocate`] and [`free`] are the bare buddy system, without corruption detection. Kernel code
//! calls `kmalloc` and its family, or Rust's global allocator, on the same heap. All memory is
//! zeroed when it is allocated.

use crate::lock::{Mutex, MutexGuard};
use crate::machine::memory_functions::fill_words;
use crate::memory::error::InitError;
use crate::memory::heap::sites;
use crate::memory::paging::kernel_space::{self, PagingError};
use crate::memory::paging::{guard_pages, layout, regions};
use crate::memory::physical::frames::FRAME;
use crate::memory::physical::slices;
use crate::memory::trace::{self, KernelTracer};
use mm::heap::{
    Allocation, CHUNK_BYTES, CacheStack, Header, Heap, HeapError, HeapFreeError, HeapStorage,
    Marks, Request,
};
use mm::memory_map::MemoryMap;
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use mm::units::Bytes;
use spin::Once;
use x86_64::VirtAddr;

/// The heap with the kernel's tracer.
pub type KernelHeap = Heap<'static, KernelTracer>;

/// Chunks of the heap at boot.
const START_CHUNKS: u64 = 1;
/// The largest heap in bytes.
const LARGEST: u64 = 64 << 20;
/// The heap has at most one part in this many of usable memory. With its metadata of 12.8 % this
/// keeps the metadata of all allocators together under 1 % of memory.
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
    // SAFETY: zeros are valid words, headers, counts and stacks.
    let storage = unsafe {
        HeapStorage {
            bits: slices::allocate_slice(sizes.bits, Tag::KERNEL)?,
            headers: slices::allocate_slice::<Header>(sizes.headers, Tag::KERNEL)?,
            references: slices::allocate_slice(sizes.references, Tag::KERNEL)?,
            cache: slices::allocate_slice::<CacheStack>(sizes.cache, Tag::KERNEL)?,
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

/// Locks the heap.
///
/// # Panics
/// Before [`init`].
#[inline(always)]
#[track_caller]
pub fn lock() -> MutexGuard<'static, KernelHeap> {
    HEAP.get()
        .expect("the heap is used before memory initialization")
        .lock()
}

/// Allocates a zeroed block of at least `bytes` bytes.
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
            marks: Marks::empty(),
            trimmed: false,
        },
        caller,
        0,
    )
}

/// Serves a request of the code at `caller`. The requested bytes are zeroed, and those after them
/// have the value `rest`.
///
/// # Errors
/// As [`allocate`].
#[inline(always)]
pub fn serve(request: Request, caller: u64, rest: u8) -> Result<Allocation, HeapError> {
    trace::set_site(caller);
    let mut heap = lock();
    let allocation = match heap.reuse(&request) {
        Some(allocation) => allocation,
        None => find(&mut heap, &request)?,
    };
    drop(heap);
    // SAFETY: the blocks are mapped, were free a moment ago, and belong to the caller now.
    unsafe { fill(&allocation, rest) };
    Ok(allocation)
}

/// Zeroes the requested bytes of an allocation, and fills the others with `rest`, word by word.
///
/// # Safety
/// The bytes may be written.
#[inline(always)]
unsafe fn fill(allocation: &Allocation, rest: u8) {
    const WORD: usize = size_of::<u64>();
    let start = allocation.address.as_mut_ptr::<u64>();
    let words = allocation.bytes as usize / WORD;
    // SAFETY: all words are in the allocation, whose size is a multiple of a word.
    unsafe {
        if rest == 0 {
            return fill_words(start, 0, words);
        }
        let requested = allocation.requested as usize;
        let pattern = u64::from_ne_bytes([rest; WORD]);
        let (mut at, part) = (requested / WORD, requested % WORD);
        fill_words(start, 0, at);
        if part > 0 {
            // The lowest bytes of a word come first in memory.
            start.add(at).write(pattern << (8 * part));
            at += 1;
        }
        fill_words(start.add(at), pattern, words - at);
    }
}

/// Frees an allocation by its first byte, without checks or quarantine.
///
/// # Errors
/// When none begins there; nothing changes then.
#[inline(never)]
pub fn free(address: VirtAddr) -> Result<Allocation, HeapFreeError> {
    trace::set_site(trace::return_address());
    lock().free(address)
}

/// Frees an allocation past the cache: its blocks merge with their free buddies at once.
///
/// # Errors
/// As [`free`].
#[inline(never)]
pub fn free_uncached(address: VirtAddr) -> Result<Allocation, HeapFreeError> {
    trace::set_site(trace::return_address());
    lock().free_uncached(address)
}

/// Returns all cached allocations to the buddy system, where they merge, and how many there were.
pub fn drain_cache() -> usize {
    lock().drain()
}

/// Allocates, and grows the heap if necessary.
#[cold]
#[inline(never)]
fn find(heap: &mut KernelHeap, request: &Request) -> Result<Allocation, HeapError> {
    loop {
        match heap.serve(*request) {
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

/// Maps frames at the next chunk. Frees them if they do not suffice.
#[cold]
#[inline(never)]
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

/// Unmaps free chunks at the end, down to the size at boot, and returns how many.
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
