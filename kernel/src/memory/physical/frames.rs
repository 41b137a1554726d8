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
pub use super::direct_map::{FRAME, direct_map, frame_at, frame_backing, pointer, set_direct_map};

/// Allocates a zeroed frame.
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

/// Allocates a zeroed frame for a page that faulted; the fault counts as a use.
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

/// Allocates zeroed contiguous frames.
///
/// # Errors
/// When there is no such free run, or the request is invalid.
#[inline(never)]
pub fn allocate_run(run: Run, tag: Tag) -> Result<PhysFrame, AllocateError> {
    trace::set_site(trace::return_address());
    let first = lock().allocate_run(run, tags::filter(tag))?;
    heat::allocated(first, run.frames);
    zero(first, run.frames);
    Ok(first)
}

/// Drops one reference; the last one frees the frame.
///
/// # Errors
/// When the frame is not allocated, or is pinned.
#[inline(never)]
pub fn free(frame: PhysFrame) -> Result<Freed, FreeError> {
    trace::set_site(trace::return_address());
    let freed = lock().free(frame)?;
    if let Freed::StillShared(users) = freed {
        tags::unshare(frame, users);
    }
    Ok(freed)
}

/// Adds a user to a frame, and returns how many it has then. If `copied_on_write`, each user gets a
/// private copy when it writes.
///
/// # Errors
/// When the frame is not in use.
#[inline(never)]
pub fn share(frame: PhysFrame, copied_on_write: bool) -> Result<u32, ShareError> {
    trace::set_site(trace::return_address());
    let users = lock().share(frame)?;
    tags::share(frame, users, copied_on_write);
    Ok(users)
}

/// Zeroes frames, so that no owner sees the data of the last one.
#[inline]
fn zero(first: PhysFrame, count: u64) {
    // SAFETY: the frames were free a moment ago and belong to the caller now; the direct map
    // maps all usable memory.
    unsafe { pointer(first.start_address()).write_bytes(0, (count * FRAME) as usize) };
}
