//! Slices of zeroed values in whole frames: the metadata and buffers of the kernel.

use super::allocator::lock;
use super::direct_map::{FRAME, direct_map, frame_at, pointer};
use super::frames::allocate_run;
use core::slice;
use mm::frame::{AllocateError, Run};
use mm::tag::Tag;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// Allocates a slice of zeroed values in whole frames, forever.
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
    // SAFETY: the run is new, zeroed, page-aligned and never freed; by the contract, zeros are a
    // valid T.
    Ok(unsafe { slice::from_raw_parts_mut(pointer(first.start_address()).cast(), count) })
}

/// Slices that are useful only together: dropping this frees them, unless [`Slices::keep`] was
/// called.
pub struct Slices {
    tag: Tag,
    runs: heapless::Vec<(PhysFrame, u64), SLICES>,
}

/// The maximum number of slices.
const SLICES: usize = 32;

impl Slices {
    /// Creates an empty list of slices for this owner.
    pub fn new(tag: Tag) -> Slices {
        let runs = heapless::Vec::new();
        Slices { tag, runs }
    }

    /// Allocates a slice of zeroed values in whole frames.
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
        // SAFETY: by the contract, zeros are a valid T.
        let slice = unsafe { allocate_slice::<T>(count, self.tag) }?;
        let frames = (size_of_val(slice) as u64).div_ceil(FRAME).max(1);
        let offset = slice.as_ptr() as u64 - direct_map().as_u64();
        let first = frame_at(PhysAddr::new(offset));
        let added = self.runs.push((first, frames));
        added.expect("there are at most 32 slices");
        Ok(slice)
    }

    /// Keeps the slices forever.
    pub fn keep(mut self) {
        self.runs.clear();
    }
}

impl Drop for Slices {
    fn drop(&mut self) {
        for &(first, frames) in &self.runs {
            lock()
                .free_run(first, frames)
                .expect("a run of a slice is freed once");
        }
    }
}
