//! The kernel's own address space, whose upper half all spaces share, and helpers to change it.

use crate::lock::{Mutex, MutexGuard};
use crate::machine::stack_trace;
use crate::memory::paging::layout;
pub use crate::memory::paging::space::{Mapping, PagingError, Space};
use crate::memory::physical::frames::{self, FRAME};
use mm::frame::AllocateError;
use mm::paging::{Access, PageSize};
use mm::tag::Tag;
use spin::Once;
use x86_64::VirtAddr;
use x86_64::registers::control::{Cr3, Cr3Flags};

static SPACE: Once<Mutex<Space>> = Once::new();

/// Stores the kernel's tables and loads them into CR3.
///
/// # Errors
/// When there are no frames for the tables that all spaces share.
///
/// # Safety
/// They must map everything that is in use: code, data, the stack, the direct map.
pub unsafe fn activate(mut space: Space) -> Result<(), AllocateError> {
    for shared in [
        layout::HEAP_GUARD,
        layout::STACKS,
        layout::DEMAND_ZERO,
        layout::FRAMEBUFFER,
    ] {
        space.share(shared)?;
    }
    let root = space.root();
    SPACE.call_once(|| Mutex::new(space));
    // SAFETY: by the contract, the tables map everything in use.
    unsafe { Cr3::write(root, Cr3Flags::empty()) };
    stack_trace::set_is_mapped(is_mapped);
    Ok(())
}

/// Locks the kernel's tables.
///
/// # Panics
/// Before they are active.
pub fn lock() -> MutexGuard<'static, Space> {
    SPACE
        .get()
        .expect("page tables are used before memory initialization")
        .lock()
}

/// Maps a new zeroed frame at a page of the kernel's half, for reading and writing.
///
/// # Errors
/// When there is no frame for it or for a table; nothing changes then.
pub fn map_frame(page: VirtAddr, owner: Tag) -> Result<(), PagingError> {
    let frame = frames::allocate(owner).map_err(|_| PagingError::OutOfFrames(page))?;
    let access = Access::WRITE | Access::GLOBAL;
    let mapped = lock().map(page, frame.start_address(), PageSize::Size4KiB, access);
    match mapped {
        Ok(flush) => {
            flush.not_cached();
            Ok(())
        }
        Err(error) => {
            frames::free(frame).expect("a frame allocated a moment ago can be freed");
            Err(error)
        }
    }
}

/// Unmaps the pages from `start` to `end`, and frees their frames.
///
/// # Panics
/// If one is not mapped, or its frame is not allocated.
pub fn unmap_frames(start: VirtAddr, end: VirtAddr) {
    let mut page = start;
    while page < end {
        let (frame, flush) = lock()
            .unmap(page)
            .expect("the page was mapped by `map_frame`");
        flush.flush();
        frames::free(frame).expect("the page has a frame of its own");
        page += FRAME;
    }
}

/// Looks up an address in the kernel's tables without waiting for their lock, for fault handlers
/// and stack traces.
pub fn peek(address: VirtAddr) -> Option<Mapping> {
    let root = SPACE.get()?;
    match root.try_lock() {
        Some(space) => space.lookup(address),
        None => None,
    }
}

/// Returns whether the kernel's tables map this address.
pub fn is_mapped(address: VirtAddr) -> bool {
    peek(address).is_some()
}

/// Rounds up to whole pages.
pub fn whole_pages(bytes: u64) -> u64 {
    bytes.next_multiple_of(FRAME)
}
