//! Processes in ring 3: each with an address space, a kernel stack, and a turn.
//!
//! ```text
//! main loop ──run_slice──► process ──┬─ timer, yield ──► main loop      (its turn is over)
//!     ▲                              ├─ system call ───► syscall.rs ──► process
//!     │                              ├─ page fault ────► page_fault     ─┬─ mended ─► process
//!     └────── reap ◄── exit, fault ──┘                                     └─ ended
//! ```
//! One CPU, one queue: the main loop gives every ready process a turn, up to the next timer tick. A
//! process that ends, by itself or for a fault, gives back every frame it had.

pub mod address_space;
mod error;
pub mod programs;
mod switch;
pub mod syscall;
mod table;
mod user_memory;

pub use address_space::AddressSpace;
pub use error::SpaceError;
pub use table::CAPACITY;
pub use table::{End, Process, State, TABLE, Table};

use crate::machine::traps::TrapFrame;
use crate::machine::user_registers::UserRegisters;
use crate::machine::{clock, segments};
use crate::memory::paging::space::Mapping;
use crate::memory::paging::{kernel_space, stacks};
use crate::memory::trace;
use core::sync::atomic::{AtomicU32, Ordering};
use mm::event::Payload;
use mm::paging::{ErrorCode, FaultOutcome, Region};
use programs::Program;
use x86_64::VirtAddr;
use x86_64::instructions::interrupts::without_interrupts;
use x86_64::registers::control::{Cr3, Cr3Flags};

/// The number of the process that runs now, 0 for none.
static CURRENT: AtomicU32 = AtomicU32::new(0);

/// The number of the process that runs now, if one does.
pub fn current() -> Option<u32> {
    match CURRENT.load(Ordering::Relaxed) {
        0 => None,
        number => Some(number),
    }
}

/// The current process had a page fault: its number, 0 for the kernel. (Who holds the table touches
/// nothing that faults.)
pub fn count_fault() -> u32 {
    let Some(number) = current() else { return 0 };
    let mut table = TABLE.try_lock();
    let process = table.as_mut().and_then(|table| table.get_mut(number));
    if let Some(process) = process {
        process.faults = process.faults.wrapping_add(1);
    }
    number
}

/// Starts a program in a new process: its number.
///
/// # Errors
/// When the table is full or memory runs out; nothing stays behind then.
pub fn spawn(program: Program) -> Result<u32, SpaceError> {
    let number = TABLE.lock().reserve_number()?;
    let mut space = AddressSpace::new(number)?;
    let entry = match space.load(program) {
        Ok(entry) => entry,
        Err(error) => {
            space.release();
            return Err(error);
        }
    };
    let stack = match stacks::allocate(stacks::PROCESS_STACK, stacks::Owner::Process(number)) {
        Ok(stack) => stack,
        Err(error) => {
            space.release();
            return Err(error.into());
        }
    };
    let frame = TrapFrame::for_user(entry, address_space::STACK_END);
    let registers = UserRegisters::new();
    add(Process::new(
        number, 0, program, space, stack, frame, registers,
    ));
    Ok(number)
}

/// Makes a second process of the current one, which goes on at the same place with 0 as its result.
///
/// # Errors
/// As [`spawn`].
pub fn fork(frame: &TrapFrame) -> Result<u32, SpaceError> {
    let parent = current().ok_or(SpaceError::NoProcess)?;
    let number = TABLE.lock().reserve_number()?;
    let stack = stacks::allocate(stacks::PROCESS_STACK, stacks::Owner::Process(number))?;
    // Last what changes the parent: it cannot fail after that.
    let forked = fork_space(parent, number);
    let (program, space) = match forked {
        Ok(forked) => forked,
        Err(error) => {
            stacks::release(stack);
            return Err(error);
        }
    };
    let child_frame = TrapFrame { rax: 0, ..*frame };
    add(Process::new(
        number,
        parent,
        program,
        space,
        stack,
        child_frame,
        UserRegisters::current(),
    ));
    Ok(number)
}

/// The program of a process, and a copy of its space for the process with this number.
fn fork_space(parent: u32, number: u32) -> Result<(Program, AddressSpace), SpaceError> {
    let mut table = TABLE.lock();
    let process = table.get_mut(parent).ok_or(SpaceError::NoProcess)?;
    Ok((process.program, process.space.fork(number)?))
}

fn add(process: Process) {
    let (number, parent, program) = (process.number, process.parent, process.program as u8);
    let started = process.started;
    TABLE.lock().insert(process);
    trace::record(Payload::ProcessStart {
        number,
        parent,
        program,
        started,
    });
}

/// Gives the next ready process its turn. False if there is none.
pub fn run_slice() -> bool {
    let Some(turn) = TABLE.lock().next_turn() else {
        return false;
    };
    without_interrupts(|| {
        CURRENT.store(turn.number, Ordering::Relaxed);
        segments::use_kernel_stack(turn.kernel_stack_end);
        let kernel_root = kernel_space::lock().root();
        // SAFETY: the process's tables have the kernel's half, so everything here stays mapped; its
        // saved stack pointer was stored by `switch` or made by `Process::new`. It stays in its slot
        // of the table until it is reaped, so its registers do, too.
        unsafe {
            Cr3::write(turn.root, Cr3Flags::empty());
            (*turn.registers).load();
            switch::from_main(turn.stack_pointer);
            (*turn.registers).save();
            Cr3::write(kernel_root, Cr3Flags::empty());
        }
        CURRENT.store(0, Ordering::Relaxed);
    });
    reap();
    true
}

/// The current process's turn is over; returns when it is on again.
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
    let number = current().expect("a process ends itself, or is ended while it runs");
    let mut table = TABLE.lock();
    if let Some(process) = table.get_mut(number) {
        process.set_state(State::Ended(end));
    }
    drop(table);
    // SAFETY: interrupts are off; nothing of this stack is needed again, and the main loop gives it
    // back.
    unsafe { switch::leave() }
}

/// What the current process's tables and regions say about an address.
pub fn look_up(address: VirtAddr) -> (Option<Mapping>, Option<Region>) {
    let Some(mut table) = TABLE.try_lock() else {
        return (None, None);
    };
    let process = current().and_then(|number| table.get_mut(number));
    process.map_or((None, None), |process| {
        (
            process.space.lookup(address),
            process.space.region(address).copied(),
        )
    })
}

/// Mends a page fault of the current process: what was done.
///
/// # Errors
/// When the process is not entitled to the access, or memory runs out.
pub fn resolve(address: VirtAddr, code: ErrorCode) -> Result<FaultOutcome, SpaceError> {
    let mut table = TABLE.lock();
    let number = current().ok_or(SpaceError::NoProcess)?;
    let process = table.get_mut(number).ok_or(SpaceError::NoProcess)?;
    process.space.resolve(address, code)
}

/// Gives back everything of the processes that have ended. Runs on the main stack.
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

/// Does something in the kernel with the tables of a process in use, for a test.
///
/// # Panics
/// If that process does not live.
pub fn with_space<T>(number: u32, part: impl FnOnce() -> T) -> T {
    let root = TABLE
        .lock()
        .get_mut(number)
        .expect("the process lives")
        .space
        .root();
    let kernel_root = kernel_space::lock().root();
    without_interrupts(|| {
        CURRENT.store(number, Ordering::Relaxed);
        // SAFETY: the process's tables have the kernel's half, so everything here stays mapped.
        unsafe { Cr3::write(root, Cr3Flags::empty()) };
        let result = part();
        // SAFETY: as above.
        unsafe { Cr3::write(kernel_root, Cr3Flags::empty()) };
        CURRENT.store(0, Ordering::Relaxed);
        result
    })
}

/// Ends a process, and gives back what it had: false if it does not live.
pub fn kill(number: u32) -> bool {
    let lived = TABLE.lock().kill(number);
    reap();
    lived
}

/// Lets a process go on that waits: false if it does not.
pub fn wake(number: u32) -> bool {
    TABLE.lock().wake(number)
}

/// Ends all processes, and gives back what they had.
pub fn kill_all() {
    TABLE.lock().kill_all();
    reap();
}

/// Runs processes until none is left, or so many turns were had: true if none is left.
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
