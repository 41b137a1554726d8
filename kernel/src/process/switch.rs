//! The context switch between the main loop and a process: it exchanges the callee-saved registers
//! and the stack pointer.
//!
//! ```text
//! kernel stack of a process that never ran:
//!   6 zeroes │ address of `trap_return` │ trap frame │ end
//!   └ popped as registers ┘   └ "returned" to: goes to ring 3 with the frame
//! ```

use crate::machine::trap_frame::{TrapFrame, trap_return};
use core::arch::naked_asm;
use core::cell::UnsafeCell;
use x86_64::VirtAddr;

/// Callee-saved registers: rbp, rbx, r12 to r15.
const SAVED: usize = 6;

struct StackPointer(UnsafeCell<u64>);

// SAFETY: one CPU; only `switch` and `leave` touch it, with interrupts off.
unsafe impl Sync for StackPointer {}

/// The main loop's stack pointer during the turn of a process.
static MAIN: StackPointer = StackPointer(UnsafeCell::new(0));

/// Switches from the main loop to the stack at `stack_pointer`; returns when the turn is over.
///
/// # Safety
/// Interrupts are off, and the pointer comes from [`prepare`] or from the slot of [`to_main`].
pub unsafe fn from_main(stack_pointer: u64) {
    // SAFETY: by the contract.
    unsafe { switch(MAIN.0.get(), stack_pointer) };
}

/// Switches from the current process to the main loop; returns at its next turn.
///
/// # Safety
/// Interrupts are off; `slot` is where this process's stack pointer is kept.
pub unsafe fn to_main(slot: *mut u64) {
    // SAFETY: the main loop waits in `from_main`.
    unsafe { switch(slot, *MAIN.0.get()) };
}

/// Switches to the main loop and never returns.
///
/// # Safety
/// Interrupts are off; the current stack is not needed again.
pub unsafe fn leave() -> ! {
    let mut nowhere = 0;
    // SAFETY: the main loop waits in `from_main`.
    unsafe { switch(&raw mut nowhere, *MAIN.0.get()) };
    unreachable!("a process that has ended got a turn")
}

/// Prepares an empty kernel stack for the first turn, and returns its stack pointer.
///
/// # Safety
/// The stack that ends at `end` is mapped, large enough, and unused.
pub unsafe fn prepare(end: VirtAddr, frame: TrapFrame) -> u64 {
    let frame_at = end.as_u64() - size_of::<TrapFrame>() as u64;
    let pointer = frame_at - (SAVED as u64 + 1) * 8;
    // SAFETY: all of it is on the stack of the caller, aligned to 8 bytes.
    unsafe {
        (frame_at as *mut TrapFrame).write(frame);
        (pointer as *mut [u64; SAVED]).write([0; SAVED]);
        ((frame_at - 8) as *mut u64).write(trap_return as *const () as u64);
    }
    pointer
}

/// Saves the callee-saved registers and the stack pointer, and loads those of `load`.
#[unsafe(naked)]
unsafe extern "C" fn switch(save: *mut u64, load: u64) {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rdi], rsp",
        "mov rsp, rsi",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}
