//! What a frame is besides its owner's: DMA-safe, mapped for a driver, owned by a device, shared,
//! copied on write.
//!
//! ```text
//! allocate_run(below a ceiling) ─► DMA_SAFE       lend ─► + DEVICE_OWNED ─► take_back
//! driver_has ─► + DEVICE_MAPPED ─► driver_leaves
//! second user ─► + SHARED ─► last but one gone    fork of what can be written ─► + COPY_ON_WRITE ─► last but one gone
//! ```
//! An owner's bit alone says who answers for a frame; these say what may be done with it. Off, by
//! Cargo feature `tags` or `tags=off`, frames have owners alone, and nothing is tagged again.

use super::allocator;
use core::sync::atomic::{AtomicBool, Ordering};
use mm::frame::{FrameState, RetagError};
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

static ON: AtomicBool = AtomicBool::new(true);

/// Switches attributes on or off: at boot, before any frame is handed out.
pub fn switch(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

/// Whether frames have attributes.
#[inline]
pub fn is_on() -> bool {
    cfg!(feature = "tags") && ON.load(Ordering::Relaxed)
}

/// Removes the attributes from a tag where they are switched off.
#[inline]
pub fn filter(tag: Tag) -> Tag {
    if is_on() { tag } else { tag & Tag::OWNERS }
}

/// A device writes to these frames from now on: nobody else may.
///
/// # Errors
/// When one of them is not in use.
pub fn lend(first: PhysFrame, frames: u64) -> Result<(), RetagError> {
    change(first, frames, |tag| tag | Tag::DEVICE_OWNED)
}

/// The device is done with these frames.
///
/// # Errors
/// When one of them is not in use.
pub fn take_back(first: PhysFrame, frames: u64) -> Result<(), RetagError> {
    change(first, frames, |tag| tag - Tag::DEVICE_OWNED)
}

/// These frames are mapped for a driver now, at addresses of their own.
///
/// # Errors
/// When one of them is not in use.
pub fn driver_has(first: PhysFrame, frames: u64) -> Result<(), RetagError> {
    change(first, frames, |tag| tag | Tag::DEVICE_MAPPED)
}

/// These frames are mapped for a driver no longer.
///
/// # Errors
/// When one of them is not in use.
pub fn driver_leaves(first: PhysFrame, frames: u64) -> Result<(), RetagError> {
    change(first, frames, |tag| tag - Tag::DEVICE_MAPPED)
}

/// A frame got another user: what they have in common until one of them writes is copied then.
pub fn share(frame: PhysFrame, users: u32, copied_on_write: bool) {
    let added = if copied_on_write {
        Tag::SHARED | Tag::COPY_ON_WRITE
    } else {
        Tag::SHARED
    };
    if users == 2 {
        change(frame, 1, |tag| tag | added).expect("a frame with users is in use");
    }
}

/// A frame lost a user. Whoever is left alone with it writes to it and not to a copy.
pub fn unshare(frame: PhysFrame, users: u32) {
    if users == 1 {
        change(frame, 1, |tag| tag - Tag::SHARED - Tag::COPY_ON_WRITE)
            .expect("a frame with users is in use");
    }
}

/// Gives frames that are all tagged alike another tag.
fn change(first: PhysFrame, count: u64, to: impl Fn(Tag) -> Tag) -> Result<(), RetagError> {
    if !is_on() {
        return Ok(());
    }
    let mut frames = allocator::lock();
    match frames.state(first) {
        FrameState::InUse(info) => frames.retag(first, count, to(info.tag)),
        _ => Err(RetagError::NotUsable(first)),
    }
}
