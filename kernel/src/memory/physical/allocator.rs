//! The machine's frame allocator: `mm`'s, in a lock, with its metadata in real memory.

use super::direct_map::{FRAME, frame_at, pointer};
use crate::lock::{Mutex, MutexGuard};
use crate::memory::trace::KernelTracer;
use core::fmt;
use core::slice;
use mm::frame::{
    FrameAllocator, FrameRecord, FrameState, FrameStorage, ReserveError, StorageError, low_frames,
};
use mm::memory_map::MemoryMap;
use mm::tag::Tag;
use spin::Once;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// The allocator with the kernel's tracer.
pub type Frames = FrameAllocator<'static, KernelTracer>;

static FRAMES: Once<Mutex<Frames>> = Once::new();

/// The reason why the allocator could not be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// The metadata has the wrong size.
    Storage(StorageError),
    /// The frames of the metadata could not be reserved.
    Reserve(ReserveError),
}

/// Returns the bytes of metadata for this many frames.
pub fn metadata_bytes(frames: usize) -> u64 {
    let (words, records) = FrameStorage::sizes(frames);
    (words * size_of::<u64>() + records * size_of::<FrameRecord>()) as u64
}

/// Builds the allocator, with its metadata at `metadata`.
///
/// # Safety
/// [`metadata_bytes`] bytes from `metadata` are usable memory in the direct map, and
/// no other code uses them.
pub unsafe fn init(map: &MemoryMap<'_>, metadata: PhysAddr) -> Result<(), SetupError> {
    let (words, records) = FrameStorage::sizes(map.frames());
    let first = pointer(metadata);
    // SAFETY: the memory is usable by the contract; zeros are valid words and valid records, and
    // words come first because they need the stricter alignment.
    let storage = unsafe {
        first.write_bytes(0, metadata_bytes(map.frames()) as usize);
        FrameStorage {
            bits: slice::from_raw_parts_mut(first.cast(), words),
            records: slice::from_raw_parts_mut(first.cast::<u64>().add(words).cast(), records),
        }
    };
    let mut frames =
        FrameAllocator::new(map, storage, KernelTracer).map_err(SetupError::Storage)?;
    // Frame 0 stays unused, so that no frame ever has the address of a null pointer.
    let null = frame_at(PhysAddr::zero());
    let count = metadata_bytes(map.frames()).div_ceil(FRAME);
    for (first, count) in [(null, 1), (frame_at(metadata), count)] {
        let reserved = frames.reserve(first, count, Tag::KERNEL);
        reserved.map_err(SetupError::Reserve)?;
    }
    let end = low_frames(map.frames()) as u64 * FRAME;
    frames.keep_low(PhysAddr::new(end));
    FRAMES.call_once(|| Mutex::new(frames));
    Ok(())
}

/// Locks the allocator.
///
/// # Panics
/// Before [`init`].
pub fn lock() -> MutexGuard<'static, Frames> {
    FRAMES
        .get()
        .expect("frames are used before memory initialization")
        .lock()
}

/// Returns how many users a frame has.
#[inline]
pub fn references(frame: PhysFrame) -> u32 {
    match lock().state(frame) {
        FrameState::InUse(info) => info.references,
        _ => 0,
    }
}

/// Allocates every free frame forever, to show what the kernel reports then.
pub fn exhaust() {
    while lock().allocate(Tag::KERNEL).is_ok() {}
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Storage(error) => error.fmt(f),
            SetupError::Reserve(error) => error.fmt(f),
        }
    }
}
