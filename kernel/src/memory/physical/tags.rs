//! Attributes of a frame in addition to its owner: DMA-safe, mapped for a driver, owned by a
//! device, shared, copied on write.
//!
//! ```text
//! allocate_run(below a ceiling) ─► DMA_SAFE       lend ─► + DEVICE_OWNED ─► take_back
//! set_device_mapped ─► + DEVICE_MAPPED ─► clear_device_mapped
//! second user ─► + SHARED ─► one user left
//! fork of a writable page ─► + COPY_ON_WRITE ─► one user left
//! ```
//! The owner's bit names the user of a frame; attributes say how the frame may be used. If they are
//! off, by Cargo feature `tags` or `tags=off`, frames have only owners, and tags never change.

use super::allocator;
use core::sync::atomic::{AtomicBool, Ordering};
use mm::frame::{FrameState, RetagError};
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

static ON: AtomicBool = AtomicBool::new(true);

/// Switches attributes on or off: at boot, before any frame is allocated.
pub fn switch(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

/// Returns whether frames have attributes.
#[inline]
pub fn is_on() -> bool {
    cfg!(feature = "tags") && ON.load(Ordering::Relaxed)
}

/// Removes the attributes from a tag if they are switched off.
#[inline]
pub fn filter(tag: Tag) -> Tag {
    if is_on() { tag } else { tag & Tag::OWNERS }
}

/// Gives these frames to a device: from now on only the device may write to them.
///
/// # Errors
/// When one of them is not in use.
pub fn lend(first: PhysFrame, frames: u64) -> Result<(), RetagError> {
    change(first, frames, |tag| tag | Tag::DEVICE_OWNED)
}

/// Takes these frames back from a device.
///
/// # Errors
/// When one of them is not in use.
pub fn take_back(first: PhysFrame, frames: u64) -> Result<(), RetagError> {
    change(first, frames, |tag| tag - Tag::DEVICE_OWNED)
}

/// Marks frames as mapped for a driver.
///
/// # Errors
/// When one of them is not in use.
pub fn set_device_mapped(first: PhysFrame, frames: u64) -> Result<(), RetagError> {
    change(first, frames, |tag| tag | Tag::DEVICE_MAPPED)
}

/// Marks frames as no longer mapped for a driver.
///
/// # Errors
/// When one of them is not in use.
pub fn clear_device_mapped(first: PhysFrame, frames: u64) -> Result<(), RetagError> {
    change(first, frames, |tag| tag - Tag::DEVICE_MAPPED)
}

/// Marks a frame that got its second user as shared.
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

/// Unmarks a frame that has one user left, which then writes to the frame itself.
pub fn unshare(frame: PhysFrame, users: u32) {
    if users == 1 {
        change(frame, 1, |tag| tag - Tag::SHARED - Tag::COPY_ON_WRITE)
            .expect("a frame with users is in use");
    }
}

/// Changes the tag of frames that all have the same tag.
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
