//! The machine's physical frames: `mm`'s allocator, its metadata in real memory, and zeroing.

use crate::memory::InitError;
use crate::memory::physical::heat;
use crate::memory::physical::tags;
use crate::memory::trace::{self, KernelTracer};
use core::slice;
use core::sync::atomic::{AtomicU64, Ordering};
use mm::frame::{
    AllocateError, FrameAllocator, FrameInfo, FrameState, FrameStorage, FreeError, Freed, Run,
    ShareError,
};
use mm::memory_map::MemoryMap;
use mm::tag::Tag;
use spin::{Mutex, MutexGuard, Once};
use x86_64::structures::paging::{PhysFrame, Size4KiB};
use x86_64::{PhysAddr, VirtAddr};

/// The allocator as this kernel has it.
pub type Frames = FrameAllocator<'static, KernelTracer>;

static FRAMES: Once<Mutex<Frames>> = Once::new();
static DIRECT_MAP: AtomicU64 = AtomicU64::new(0);

/// What old devices can reach: 24 address bits.
const LOW_END: u64 = 16 << 20;
/// At most one part in so many of memory is kept for them.
const LOW_SHARE: u64 = 16;

/// Bytes in a frame.
pub const FRAME: u64 = 4096;

/// From now on physical memory is found at this address.
pub fn set_direct_map(base: VirtAddr) {
    DIRECT_MAP.store(base.as_u64(), Ordering::Relaxed);
}

/// Where physical memory begins in the kernel's address space.
pub fn direct_map() -> VirtAddr {
    VirtAddr::new(DIRECT_MAP.load(Ordering::Relaxed))
}

/// Where this physical address is found in the direct map.
pub fn pointer(address: PhysAddr) -> *mut u8 {
    (direct_map() + address.as_u64()).as_mut_ptr()
}

/// How many bytes of metadata so many frames need.
pub fn metadata_bytes(frames: usize) -> u64 {
    let (words, infos) = FrameStorage::sizes(frames);
    (words * size_of::<u64>() + infos * size_of::<FrameInfo>()) as u64
}

/// Builds the allocator, with its metadata at `metadata`.
///
/// # Safety
/// [`metadata_bytes`] bytes from `metadata` are usable memory that the direct map shows, and
/// nobody else has them.
pub unsafe fn init(map: &MemoryMap<'_>, metadata: PhysAddr) -> Result<(), InitError> {
    let (words, infos) = FrameStorage::sizes(map.frames());
    let first = pointer(metadata);
    // SAFETY: the caller promises the memory; zeroes are valid words and valid infos, and words
    // come first because they need the stricter alignment.
    let storage = unsafe {
        first.write_bytes(0, metadata_bytes(map.frames()) as usize);
        FrameStorage {
            bits: slice::from_raw_parts_mut(first.cast(), words),
            info: slice::from_raw_parts_mut(first.cast::<u64>().add(words).cast(), infos),
        }
    };
    let mut frames = FrameAllocator::new(map, storage, KernelTracer)?;
    // Frame 0 stays unused, so that no frame ever has the address of a null pointer.
    frames.reserve(frame_at(PhysAddr::zero()), 1, Tag::KERNEL)?;
    let count = metadata_bytes(map.frames()).div_ceil(FRAME);
    frames.reserve(frame_at(metadata), count, Tag::KERNEL)?;
    let end = (map.frames() as u64 * FRAME / LOW_SHARE).min(LOW_END);
    frames.keep_low(PhysAddr::new(end));
    FRAMES.call_once(|| Mutex::new(frames));
    Ok(())
}

/// The allocator.
///
/// # Panics
/// Before [`init`].
pub fn lock() -> MutexGuard<'static, Frames> {
    FRAMES
        .get()
        .expect("frames are asked for before memory is up")
        .lock()
}

/// A zeroed frame.
///
/// # Errors
/// When none is free.
#[inline(never)]
pub fn allocate(tag: Tag) -> Result<PhysFrame, AllocateError> {
    trace::set_site(trace::return_address());
    let frame = lock().allocate(tags::kept(tag))?;
    heat::allocated(frame, 1);
    zero(frame, 1);
    Ok(frame)
}

/// Zeroed frames that lie side by side.
///
/// # Errors
/// When there is no such run, free or at all.
#[inline(never)]
pub fn allocate_run(run: Run, tag: Tag) -> Result<PhysFrame, AllocateError> {
    trace::set_site(trace::return_address());
    let first = lock().allocate_run(run, tags::kept(tag))?;
    heat::allocated(first, run.frames);
    zero(first, run.frames);
    Ok(first)
}

/// Gives one reference back; the last one frees the frame.
///
/// # Errors
/// When the frame was not allocated, or is not one to give back.
#[inline(never)]
pub fn free(frame: PhysFrame) -> Result<Freed, FreeError> {
    trace::set_site(trace::return_address());
    let freed = lock().free(frame)?;
    if let Freed::StillShared(users) = freed {
        tags::unshare(frame, users);
    }
    Ok(freed)
}

/// Gives a frame another user: how many it has then. `copied_on_write`: whoever writes gets a copy
/// of his own.
///
/// # Errors
/// When nobody has the frame.
#[inline(never)]
pub fn share(frame: PhysFrame, copied_on_write: bool) -> Result<u32, ShareError> {
    trace::set_site(trace::return_address());
    let users = lock().share(frame)?;
    tags::share(frame, users, copied_on_write);
    Ok(users)
}

/// How many users a frame has.
pub fn references(frame: PhysFrame) -> u32 {
    match lock().state(frame) {
        FrameState::InUse(info) => info.references,
        _ => 0,
    }
}

/// The frame that holds this address.
pub fn frame_at(address: PhysAddr) -> PhysFrame {
    PhysFrame::<Size4KiB>::containing_address(address)
}

/// Zeroes frames: nobody finds what the last owner left.
fn zero(first: PhysFrame, count: u64) {
    // SAFETY: the frames were free a moment ago and belong to the caller now; the direct map
    // shows all usable memory.
    unsafe { pointer(first.start_address()).write_bytes(0, (count * FRAME) as usize) };
}

/// A slice of zeroed values in frames of its own, kept for good.
///
/// # Errors
/// When there is no run of that many frames.
///
/// # Safety
/// All bits zero are a valid `T`.
#[inline(never)]
pub unsafe fn allocate_slice<T: Copy>(
    count: usize,
    tag: Tag,
) -> Result<&'static mut [T], AllocateError> {
    let bytes = (count * size_of::<T>()) as u64;
    let run = Run {
        frames: bytes.div_ceil(FRAME).max(1),
        align_frames: 1,
        ceiling: None,
    };
    let first = allocate_run(run, tag)?;
    // SAFETY: the run is ours, zeroed, page-aligned, and never given back; the caller
    // promises that zeroes make a T.
    Ok(unsafe { slice::from_raw_parts_mut(pointer(first.start_address()).cast(), count) })
}

/// Slices that are wanted all or not at all: unless they are kept, their frames go back with this.
pub struct Slices {
    tag: Tag,
    runs: heapless::Vec<(PhysFrame, u64), SLICES>,
}

/// The most slices that are wanted together.
const SLICES: usize = 32;

impl Slices {
    /// None yet, for this owner.
    pub fn new(tag: Tag) -> Slices {
        let runs = heapless::Vec::new();
        Slices { tag, runs }
    }

    /// A slice of zeroed values in frames of its own.
    ///
    /// # Errors
    /// When there is no run of that many frames.
    ///
    /// # Panics
    /// When there are 32 slices already.
    ///
    /// # Safety
    /// All bits zero are a valid `T`, and the slice is not used after `self` is dropped without
    /// [`Slices::keep`].
    pub unsafe fn add<T: Copy>(&mut self, count: usize) -> Result<&'static mut [T], AllocateError> {
        // SAFETY: the caller promises that zeroes make a T.
        let slice = unsafe { allocate_slice::<T>(count, self.tag) }?;
        let frames = (size_of_val(slice) as u64).div_ceil(FRAME).max(1);
        let offset = slice.as_ptr() as u64 - direct_map().as_u64();
        let first = frame_at(PhysAddr::new(offset));
        let added = self.runs.push((first, frames));
        added.expect("32 slices are room enough");
        Ok(slice)
    }

    /// The slices stay for good.
    pub fn keep(mut self) {
        self.runs.clear();
    }
}

impl Drop for Slices {
    fn drop(&mut self) {
        for &(first, frames) in &self.runs {
            lock()
                .free_run(first, frames)
                .expect("nobody else gives the run of a slice back");
        }
    }
}

/// Takes every free frame, for good: to show what the kernel says when there is none.
pub fn exhaust() {
    while lock().allocate(Tag::KERNEL).is_ok() {}
}
