//! The system calls: the only entry from ring 3.
//!
//! `int 0x80`; number in RAX, arguments in RDI, RSI, RDX, result in RAX: not negative, or an [`Error`]
//! negated. Every number, address and length is checked: an invalid one is an error.

use super::call::Call;
use super::error::SpaceError;
use super::running::current;
use super::scheduler::{end, end_turn};
use super::spawn::fork;
use super::table::{End, State, TABLE};
use super::user_memory;
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
            | SpaceError::Limit(_) => Error::NoMemory,
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

fn answer(call: Call, frame: &TrapFrame) -> Result<u64, Error> {
    let number = current().ok_or(Error::Invalid)?;
    let (first, second) = (frame.rdi, frame.rsi);
    match call {
        Call::Exit => end(End::Exit(first)),
        Call::Yield => {
            end_turn();
            return Ok(0);
        }
        Call::Sleep => {
            if first > SLEEP_LIMIT {
                return Err(Error::Invalid);
            }
            let until = clock::now() + first * clock::SECOND / 1000;
            if let Some(process) = TABLE.lock().get_mut(number) {
                process.set_state(State::Sleeping(until));
            }
            end_turn();
            return Ok(0);
        }
        Call::Wait => {
            if let Some(process) = TABLE.lock().get_mut(number) {
                process.set_state(State::Waiting);
            }
            end_turn();
            return Ok(0);
        }
        Call::Fork => return Ok(fork(frame)?.into()),
        Call::Number => return Ok(number.into()),
        _ => {}
    }
    let mut table = TABLE.lock();
    if call == Call::Alive {
        let alive = u32::try_from(first).is_ok_and(|number| table.get_mut(number).is_some());
        return Ok(alive.into());
    }
    let process = table.get_mut(number).ok_or(Error::Invalid)?;
    process.calls += 1;
    let space = &mut process.space;
    match call {
        Call::Write => {
            if second > WRITE_LIMIT {
                return Err(Error::Invalid);
            }
            let mut bytes = [0; WRITE_LIMIT as usize];
            let bytes = &mut bytes[..second as usize];
            user_memory::read(space, first, bytes)?;
            let quiet = process.quiet;
            drop(table);
            if !quiet {
                say(number, bytes);
            }
            Ok(second)
        }
        Call::Heap => {
            space.set_heap(first)?;
            Ok(user_layout::HEAP.as_u64())
        }
        Call::Map => Ok(space.add_mapping(first)?.as_u64()),
        Call::Unmap => {
            let start = VirtAddr::try_new(first).map_err(|_| Error::BadAddress)?;
            space.remove_mapping(start)?;
            Ok(0)
        }
        Call::Exit
        | Call::Yield
        | Call::Fork
        | Call::Number
        | Call::Alive
        | Call::Sleep
        | Call::Wait => unreachable!("answered above"),
    }
}

/// Logs the text of a process; bytes that are not printable become dots.
fn say(number: u32, bytes: &[u8]) {
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
