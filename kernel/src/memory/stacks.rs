//! Kernel stacks, each between two guard pages.
//!
//! ```text
//! slot n:  guard page │ not mapped │ stack, grows downwards ◄── │ guard page
//!                                  └ start                  end ┘
//! ```
//! Running over either end touches a page that is never mapped: the fault handler, on a stack of its
//! own, says whose stack it was.

use super::frames::FRAME;
use super::paging::{self, PagingError};
use super::{layout, windows};
use core::sync::atomic::{AtomicU32, Ordering};
use mm::paging::WindowPolicy;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Bytes of the stack that the kernel's main loop runs on, the largest one.
pub const MAIN_STACK: u64 = 128 << 10;
/// Bytes of each fault's stack.
pub const FAULT_STACK: u64 = 32 << 10;
/// Bytes of the stack that a process's system calls run on.
pub const PROCESS_STACK: u64 = 16 << 10;

/// Stacks that there can be at once.
const SLOTS: u32 = 32;
/// From one slot to the next.
const STRIDE: u64 = MAIN_STACK + 2 * FRAME;

/// A bit for each slot that is taken.
static TAKEN: AtomicU32 = AtomicU32::new(0);

/// A mapped stack.
#[derive(Debug)]
#[must_use = "a stack that nobody keeps is never given back"]
pub struct Stack {
    slot: u32,
    bytes: u64,
}

impl Stack {
    /// One past the highest byte: where the stack pointer begins.
    pub fn end(&self) -> VirtAddr {
        layout::STACKS + (u64::from(self.slot) + 1) * STRIDE - FRAME
    }

    /// The lowest usable byte.
    pub fn start(&self) -> VirtAddr {
        self.end() - self.bytes
    }
}

/// Maps a stack of `bytes` (a multiple of 4096, [`MAIN_STACK`] at most) and opens its guard windows.
///
/// # Errors
/// When frames run out, for the stack or for the tables, or all slots are taken.
pub fn allocate(bytes: u64) -> Result<Stack, PagingError> {
    let taken = TAKEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
        (taken.trailing_ones() < SLOTS).then(|| taken | 1 << taken.trailing_ones())
    });
    let slot = taken
        .map_err(|_| PagingError::OutOfFrames(layout::STACKS))?
        .trailing_ones();
    let stack = Stack { slot, bytes };
    let mut page = stack.start();
    while page < stack.end() {
        if let Err(error) = paging::map_frame(page, Tag::STACK) {
            paging::unmap_frames(stack.start(), page);
            TAKEN.fetch_and(!(1 << slot), Ordering::Relaxed);
            return Err(error);
        }
        page += FRAME;
    }
    windows::open(
        stack.start() - FRAME,
        FRAME,
        WindowPolicy::Guard,
        Tag::STACK,
    );
    windows::open(stack.end(), FRAME, WindowPolicy::Guard, Tag::STACK);
    Ok(stack)
}

/// Gives a stack back. Nobody may stand on it.
pub fn release(stack: Stack) {
    windows::close(stack.start() - FRAME);
    windows::close(stack.end());
    paging::unmap_frames(stack.start(), stack.end());
    TAKEN.fetch_and(!(1 << stack.slot), Ordering::Relaxed);
}

/// Leaves the boot stack for good and goes on with `next` on this one.
pub fn enter(stack: Stack, next: extern "C" fn() -> !) -> ! {
    // SAFETY: the stack is mapped, empty and ours; `next` never returns, so nothing of
    // the old stack is needed again. The call pushes 8 bytes below a 16-byte boundary, as the
    // calling convention wants; frame pointer 0 ends stack traces.
    unsafe {
        core::arch::asm!(
            "mov rsp, {stack}", "xor ebp, ebp", "call {next}", "ud2",
            stack = in(reg) stack.end().as_u64(), next = in(reg) next, options(noreturn)
        )
    }
}
