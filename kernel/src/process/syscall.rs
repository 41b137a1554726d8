//! The system calls: the only entry from ring 3.
//!
//! `int 0x80`; number in RAX, arguments in RDI, RSI, RDX, result in RAX: not negative, or an
//! [`Error`] negated. Every number, address and length is checked: an invalid one is an error.

use super::address_space::AddressSpace;
use super::call::Call;
use super::error::SpaceError;
use super::paging_out::{Spaces, policy};
use super::references;
use super::running::current;
use super::scheduler::{end, end_turn};
use super::spawn::fork;
use super::table::{End, State, TABLE};
use super::user_memory;
use super::workload;
use crate::machine::clock;
use crate::machine::trap_frame::TrapFrame;
use crate::memory::paging::user_layout;
use mm::frame::AllocateError;
use x86_64::VirtAddr;

/// The most bytes that one `write` takes.
const WRITE_LIMIT: u64 = 256;
/// The most milliseconds of one `sleep`.
const SLEEP_LIMIT: u64 = 60_000;

/// Why a system call was refused; its negative is the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum Error {
    /// No such call.
    NoSuchCall = 1,
    /// An address that the process may not access.
    BadAddress = 2,
    /// No memory, or more than the process may have.
    NoMemory = 3,
    /// An invalid argument.
    Invalid = 4,
    /// Too many processes.
    TryAgain = 5,
}

impl From<SpaceError> for Error {
    fn from(error: SpaceError) -> Error {
        match error {
            SpaceError::TooManyProcesses => Error::TryAgain,
            SpaceError::Forbidden(..) | SpaceError::NoProcess => Error::BadAddress,
            SpaceError::Frames(AllocateError::InvalidRequest(_) | AllocateError::NoOwner)
            | SpaceError::TooLarge(_)
            | SpaceError::Region(_) => Error::Invalid,
            SpaceError::Frames(_)
            | SpaceError::Share(_)
            | SpaceError::Paging(_)
            | SpaceError::Limit(_)
            | SpaceError::LimitReached(_)
            | SpaceError::FewFrames(_)
            | SpaceError::Heap(_)
            | SpaceError::Swap(_) => Error::NoMemory,
        }
    }
}

/// Serves the system call in the registers.
pub fn serve(frame: &mut TrapFrame) {
    let result = match Call::ALL.get(frame.rax as usize) {
        Some(&call) => answer(call, frame),
        None => Err(Error::NoSuchCall),
    };
    frame.rax = match result {
        Ok(value) => value,
        Err(error) => (error as i64).wrapping_neg() as u64,
    };
}

/// Answers a call: in the scheduler, or with the memory of the process.
fn answer(call: Call, frame: &mut TrapFrame) -> Result<u64, Error> {
    let number = current().ok_or(Error::Invalid)?;
    let first = frame.rdi;
    match call {
        Call::Exit => end(End::Exit(first)),
        Call::Yield => {
            end_turn();
            Ok(0)
        }
        Call::Sleep => {
            if first > SLEEP_LIMIT {
                return Err(Error::Invalid);
            }
            let until = clock::now() + first * clock::SECOND / 1000;
            suspend(number, State::Sleeping(until));
            Ok(0)
        }
        Call::Wait => {
            suspend(number, State::Waiting);
            Ok(0)
        }
        Call::Reference => {
            let next = references::next(number, first).ok_or(Error::Invalid)?;
            while references::must_wait(number) {
                suspend(number, State::Waiting);
            }
            Ok(next)
        }
        Call::Request => {
            while let Some(state) = workload::must_wait(number) {
                suspend(number, state);
            }
            let touch = workload::next(number, first).ok_or(Error::Invalid)?;
            frame.rdx = touch.end;
            Ok(touch.address)
        }
        Call::Fork => Ok(fork(frame)?.into()),
        Call::Number => Ok(number.into()),
        Call::Alive => {
            let mut table = TABLE.lock();
            let alive = u32::try_from(first).is_ok_and(|number| table.get_mut(number).is_some());
            Ok(alive.into())
        }
        Call::Write => write(number, first, frame.rsi),
        Call::Heap => with_space(number, |space| {
            space.set_heap(first)?;
            Ok(user_layout::HEAP.as_u64())
        }),
        Call::Limit => limit(number, first),
        Call::Map => with_space(number, |space| Ok(space.add_mapping(first)?.as_u64())),
        Call::Unmap => with_space(number, |space| {
            let start = VirtAddr::try_new(first).map_err(|_| Error::BadAddress)?;
            space.remove_mapping(start)?;
            Ok(0)
        }),
    }
}

/// Ends the process's turn in this state.
fn suspend(number: u32, state: State) {
    if let Some(process) = TABLE.lock().get_mut(number) {
        process.set_state(state);
    }
    end_turn();
}

/// Serves a call that changes the memory of the process.
fn with_space(
    number: u32,
    serve: impl FnOnce(&mut AddressSpace) -> Result<u64, Error>,
) -> Result<u64, Error> {
    let mut table = TABLE.lock();
    let process = table.get_mut(number).ok_or(Error::Invalid)?;
    process.calls += 1;
    serve(&mut process.space)
}

/// Serves `limit`: pages beyond the limit leave their frames.
fn limit(number: u32, frames: u64) -> Result<u64, Error> {
    let mut table = TABLE.lock();
    let process = table.get_mut(number).ok_or(Error::Invalid)?;
    process.calls += 1;
    let mut spaces = Spaces::of(table.spaces());
    spaces.limit(number, frames as usize, policy())?;
    Ok(0)
}

/// Serves `write`: logs bytes of the process's memory.
fn write(number: u32, start: u64, count: u64) -> Result<u64, Error> {
    let mut table = TABLE.lock();
    let process = table.get_mut(number).ok_or(Error::Invalid)?;
    process.calls += 1;
    if count > WRITE_LIMIT {
        return Err(Error::Invalid);
    }
    let mut bytes = [0; WRITE_LIMIT as usize];
    let bytes = &mut bytes[..count as usize];
    user_memory::read(&process.space, start, bytes)?;
    let quiet = process.quiet;
    drop(table);
    if !quiet {
        log_text(number, bytes);
    }
    Ok(count)
}

/// Logs the text of a process; bytes that are not printable become dots.
fn log_text(number: u32, bytes: &[u8]) {
    let mut line = heapless::String::<{ WRITE_LIMIT as usize }>::new();
    for &byte in bytes {
        let shown = if byte.is_ascii_graphic() || byte == b' ' {
            char::from(byte)
        } else {
            '.'
        };
        let _ = line.push(shown);
    }
    log::info!("process {number} says: {line}");
}
