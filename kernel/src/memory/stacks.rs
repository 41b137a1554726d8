//! Kernel stacks, each between two guard pages.
//!
//! ```text
//! guard page │ stack, grows downwards ◄── │ guard page
//!            └ start                  end ┘
//! ```
//! Running over either end touches a page that is never mapped: the fault handler, on a stack of its
//! own, says whose stack it was.

use super::frames::{self, FRAME};
use super::paging::{self, PagingError};
use super::{layout, windows};
use core::sync::atomic::{AtomicU64, Ordering};
use mm::paging::{Access, PageSize, WindowPolicy};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Bytes of the stack that the kernel's main loop runs on.
pub const MAIN_STACK: u64 = 128 << 10;
/// Bytes of each fault's stack.
pub const FAULT_STACK: u64 = 32 << 10;

/// Where the next stack's lower guard page will be.
static NEXT: AtomicU64 = AtomicU64::new(layout::STACKS.as_u64());

/// A mapped stack. It is never given back.
#[derive(Clone, Copy, Debug)]
pub struct Stack {
    /// One past the highest byte: where the stack pointer begins.
    pub end: VirtAddr,
}

/// Maps a stack of `bytes` (a multiple of 4096) and opens its guard windows.
///
/// # Errors
/// When frames run out, for the stack or for the tables.
pub fn allocate(bytes: u64) -> Result<Stack, PagingError> {
    let below = VirtAddr::new(NEXT.fetch_add(bytes + 2 * FRAME, Ordering::Relaxed));
    let start = below + FRAME;
    let end = start + bytes;
    let mut page = start;
    while page < end {
        let frame = frames::allocate(Tag::STACK).map_err(|_| PagingError::OutOfFrames(page))?;
        let access = Access::WRITE | Access::GLOBAL;
        paging::lock()
            .map(page, frame.start_address(), PageSize::Size4KiB, access)?
            .not_cached();
        page += FRAME;
    }
    windows::open(below, FRAME, WindowPolicy::Guard, Tag::STACK);
    windows::open(end, FRAME, WindowPolicy::Guard, Tag::STACK);
    Ok(Stack { end })
}

/// Leaves the boot stack for good and goes on with `next` on this one.
pub fn enter(stack: Stack, next: extern "C" fn() -> !) -> ! {
    // SAFETY: the stack is mapped, empty and ours; `next` never returns, so nothing of
    // the old stack is needed again. The call pushes 8 bytes below a 16-byte boundary, as the
    // calling convention wants; frame pointer 0 ends stack traces.
    unsafe {
        core::arch::asm!(
            "mov rsp, {stack}", "xor ebp, ebp", "call {next}", "ud2",
            stack = in(reg) stack.end.as_u64(), next = in(reg) next, options(noreturn)
        )
    }
}
