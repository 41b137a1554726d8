//! Frames for the rest of the kernel: allocated zeroed, tagged, and counted as used.
//!
//! ```text
//! allocate ──► tags::filter ──► allocator (mm) ──► heat ──► zero
//! free     ──► allocator (mm) ──► tags, where one user is left
//! ```

use super::heat;
use super::tags;
use crate::memory::trace;
use mm::frame::{AllocateError, FreeError, Freed, Run, ShareError};
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

pub use super::allocator::{exhaust, init, lock, metadata_bytes, references};
pub use super::direct_map::{FRAME, direct_map, frame_at, pointer, set_direct_map};

/// A zeroed frame.
///
/// # Errors
/// When none is free.
#[inline(never)]
pub fn allocate(tag: Tag) -> Result<PhysFrame, AllocateError> {
    trace::set_site(trace::return_address());
    let frame = lock().allocate(tags::filter(tag))?;
    heat::allocated(frame, 1);
    zero(frame, 1);
    Ok(frame)
}

/// A zeroed frame for a page that faulted: it counts as used.
///
/// # Errors
/// When none is free.
#[inline(never)]
pub fn allocate_for_fault(tag: Tag) -> Result<PhysFrame, AllocateError> {
    trace::set_site(trace::return_address());
    let frame = lock().allocate(tags::filter(tag))?;
    heat::faulted(frame);
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
    let first = lock().allocate_run(run, tags::filter(tag))?;
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

/// Zeroes frames: nobody finds what the last owner left.
#[inline]
fn zero(first: PhysFrame, count: u64) {
    // SAFETY: the frames were free a moment ago and belong to the caller now; the direct map
    // shows all usable memory.
    unsafe { pointer(first.start_address()).write_bytes(0, (count * FRAME) as usize) };
}
