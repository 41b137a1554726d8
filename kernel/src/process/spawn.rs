//! New processes: from a program, or as a copy of the current process.

use super::address_space::AddressSpace;
use super::error::SpaceError;
use super::programs::Program;
use super::running::current;
use super::shortage::with_room;
use super::table::{Process, Registers, TABLE};
use crate::machine::trap_frame::TrapFrame;
use crate::machine::user_registers::UserRegisters;
use crate::memory::paging::{stacks, user_layout};
use crate::memory::trace;
use mm::event::Payload;

/// Starts a program in a new process, and returns its number.
///
/// # Errors
/// When the table is full or memory runs out; nothing changes then.
pub fn spawn(program: Program) -> Result<u32, SpaceError> {
    let number = TABLE.lock().reserve_number()?;
    let mut space = AddressSpace::new(number)?;
    let entry = match space.load(program.code()) {
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
    let frame = TrapFrame::for_user(entry, user_layout::STACK_END);
    let registers = Registers {
        frame,
        user: UserRegisters::new(),
    };
    add(Process::new(number, 0, program, space, stack, registers));
    Ok(number)
}

/// Copies the current process, and returns the child's number. The child continues at the same
/// instruction, with the result 0.
///
/// # Errors
/// As [`spawn`].
pub fn fork(frame: &TrapFrame) -> Result<u32, SpaceError> {
    let parent = current().ok_or(SpaceError::NoProcess)?;
    let number = TABLE.lock().reserve_number()?;
    let stack = stacks::allocate(stacks::PROCESS_STACK, stacks::Owner::Process(number))?;
    // The step that changes the parent comes last: nothing can fail after it.
    let (program, space) = match fork_space(parent, number) {
        Ok(forked) => forked,
        Err(error) => {
            stacks::release(stack);
            return Err(error);
        }
    };
    let registers = Registers {
        frame: TrapFrame { rax: 0, ..*frame },
        user: UserRegisters::current(),
    };
    add(Process::new(
        number, parent, program, space, stack, registers,
    ));
    Ok(number)
}

/// Returns the program of a process, and a copy of its space for the process with this number.
fn fork_space(parent: u32, number: u32) -> Result<(Program, AddressSpace), SpaceError> {
    let mut table = TABLE.lock();
    let process = table.get_mut(parent).ok_or(SpaceError::NoProcess)?;
    let program = process.program;
    let space = with_room(&mut table, parent, |space| space.fork(number))?;
    Ok((program, space))
}

/// Adds a process to the table.
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
