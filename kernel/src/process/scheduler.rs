//! The scheduler: turns of processes, and the cleanup when a process ends.
//!
//! ```text
//! run_slice ──► switch::from_main ──► the process ──► end_turn or end ──► reap
//! ```

use super::running::{current, set_current};
use super::switch;
use super::table::{End, Process, State, TABLE};
use crate::machine::{clock, segments};
use crate::memory::paging::{kernel_space, stacks};
use crate::memory::trace;
use mm::event::Payload;
use x86_64::instructions::interrupts::without_interrupts;
use x86_64::registers::control::{Cr3, Cr3Flags};

/// Runs the next ready process until its turn is over. Returns false if there is none.
pub fn run_slice() -> bool {
    let Some(turn) = TABLE.lock().next_turn() else {
        return false;
    };
    without_interrupts(|| {
        set_current(turn.number);
        segments::use_kernel_stack(turn.kernel_stack_end);
        let kernel_root = kernel_space::lock().root();
        let begin = clock::ticks();
        // SAFETY: the process's tables have the kernel's half, so everything here stays mapped; its
        // saved stack pointer was stored by `switch` or made by `Process::new`. The process stays
        // in its slot of the table until it is reaped, and so do its registers and its time.
        unsafe {
            Cr3::write(turn.root, Cr3Flags::empty());
            (*turn.registers).load();
            switch::from_main(turn.stack_pointer);
            (*turn.registers).save();
            *turn.ran += clock::ticks() - begin;
            Cr3::write(kernel_root, Cr3Flags::empty());
        }
        set_current(0);
    });
    reap();
    true
}

/// Ends the current process's turn; returns at its next turn.
pub fn end_turn() {
    let Some(number) = current() else { return };
    let slot = TABLE.lock().stack_pointer_slot(number);
    // SAFETY: called on the process's own kernel stack, with interrupts off; the slot stays where
    // it is because processes are not moved while they live.
    unsafe { switch::to_main(slot) };
}

/// Ends the current process.
///
/// # Panics
/// If none runs.
pub fn end(end: End) -> ! {
    let number = current().expect("a process ends while it runs");
    let mut table = TABLE.lock();
    if let Some(process) = table.get_mut(number) {
        process.set_state(State::Ended(end));
    }
    drop(table);
    // SAFETY: interrupts are off; this stack is not needed again, and the main loop frees it.
    unsafe { switch::leave() }
}

/// Ends a process and frees its memory. Returns false if there is no such process.
pub fn kill(number: u32) -> bool {
    let lived = TABLE.lock().kill(number);
    reap();
    lived
}

/// Wakes a waiting process. Returns false if it does not wait.
pub fn wake(number: u32) -> bool {
    TABLE.lock().wake(number)
}

/// Ends all processes and frees their memory.
pub fn kill_all() {
    TABLE.lock().kill_all();
    reap();
}

/// Runs processes until none is left, or for this many turns. Returns whether none is left.
pub fn run_all(turns: u64) -> bool {
    for _ in 0..turns {
        if !run_slice() {
            if TABLE.lock().iter().next().is_none() {
                return true;
            }
            // All of them sleep.
            clock::idle();
        }
    }
    false
}

/// Frees the memory of processes that have ended. Runs on the main stack.
fn reap() {
    loop {
        let Some(process) = TABLE.lock().take_ended() else {
            return;
        };
        let Process {
            number,
            parent,
            program,
            space,
            stack,
            state,
            started,
            faults,
            ..
        } = process;
        space.release();
        stacks::release(stack);
        let State::Ended(end) = state else { continue };
        log::debug!("process {number} ({}): {end}", program.name());
        let by_fault = matches!(end, End::Fault(_));
        trace::record(Payload::ProcessEnd {
            number,
            parent,
            program: program as u8,
            started,
            faults,
            by_fault,
        });
        TABLE.lock().remember(number, end);
    }
}
