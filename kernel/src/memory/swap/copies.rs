//! The frames whose content is in swap too: a clean page leaves its frame without being stored
//! again.
//!
//! A page that is read back keeps its slot for its frame, whichever processes map the frame. A
//! write makes the page dirty, and the slot no longer counts; it is released with the frame.

use super::error::SwapError;
use super::slots;
use crate::lock::{Mutex, MutexGuard};
use crate::memory::physical::frames;
use crate::memory::physical::slices::Slices;
use core::sync::atomic::{AtomicUsize, Ordering};
use mm::paging::SwapSlot;
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

/// The slot of each frame.
struct Copies {
    /// The number of the slot plus one; 0 for none.
    slots: &'static mut [u32],
    /// Owns the memory of the slice.
    memory: Option<Slices>,
}

static COPIES: Mutex<Copies> = Mutex::new(Copies {
    slots: &mut [],
    memory: None,
});

/// How many frames have a slot. While it is 0, a freed frame costs one comparison.
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// Makes a frame the user of the slot that its content was read from, in place of the page-table
/// entry that named it.
///
/// # Errors
/// When there are no frames for the table; the entry's use of the slot stays then.
pub fn keep_copy(frame: PhysFrame, slot: SwapSlot) -> Result<(), SwapError> {
    let mut copies = ready()?;
    copies.slots[number(frame)] = slot.number() + 1;
    KEPT.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Makes the table if there is none.
///
/// # Errors
/// When there are no frames for it.
pub fn make_table() -> Result<(), SwapError> {
    ready().map(drop)
}

/// Locks the table, and makes it at the first use.
fn ready() -> Result<MutexGuard<'static, Copies>, SwapError> {
    let mut copies = COPIES.lock();
    if copies.memory.is_none() {
        let count = frames::lock().frames();
        let mut memory = Slices::new(Tag::KERNEL);
        // SAFETY: numbers may be zero; the slice is not used after the memory is dropped.
        copies.slots = unsafe { memory.add::<u32>(count) }.map_err(SwapError::NoTable)?;
        copies.memory = Some(memory);
    }
    Ok(copies)
}

/// Returns the slot that had the content of a frame when it was read.
pub fn copy_of(frame: PhysFrame) -> Option<SwapSlot> {
    if KEPT.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let copies = COPIES.lock();
    let slot = copies.slots.get(number(frame))?.checked_sub(1)?;
    Some(SwapSlot::new(slot))
}

/// Releases the slot of a frame that was freed.
#[inline]
pub fn drop_copy(frame: PhysFrame) {
    if KEPT.load(Ordering::Relaxed) > 0 {
        release(frame);
    }
}

#[inline(never)]
fn release(frame: PhysFrame) {
    let Some(slot) = copy_of(frame) else { return };
    COPIES.lock().slots[number(frame)] = 0;
    KEPT.fetch_sub(1, Ordering::Relaxed);
    slots::release(slot);
}

/// Frees the table if no frame has a slot.
pub fn free_table() {
    if KEPT.load(Ordering::Relaxed) == 0 {
        let mut copies = COPIES.lock();
        copies.slots = &mut [];
        copies.memory = None;
    }
}

/// Returns the bytes of the table of a machine with so many frames.
pub fn table_bytes(frames: usize) -> usize {
    frames * size_of::<u32>()
}

fn number(frame: PhysFrame) -> usize {
    (frame.start_address().as_u64() / frames::FRAME) as usize
}
