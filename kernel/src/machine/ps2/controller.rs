//! The controller itself (Intel 8042): its ports, its commands, and bounded waits for its answers.

use crate::machine::clock::{self, SECOND};
use x86_64::instructions::port::Port;

const DATA: u16 = 0x60;
const STATUS_AND_COMMAND: u16 = 0x64;
/// Status: a byte waits to be read.
const OUTPUT_FULL: u8 = 1;
/// Status: the controller has not yet taken the last byte.
const INPUT_FULL: u8 = 2;
/// Status: the waiting byte comes from the mouse.
const FROM_MOUSE: u8 = 1 << 5;

/// Commands of the controller.
pub const READ_CONFIGURATION: u8 = 0x20;
pub const WRITE_CONFIGURATION: u8 = 0x60;
pub const DISABLE_MOUSE: u8 = 0xa7;
pub const ENABLE_MOUSE: u8 = 0xa8;
pub const DISABLE_KEYBOARD: u8 = 0xad;
pub const ENABLE_KEYBOARD: u8 = 0xae;
pub const WRITE_TO_MOUSE: u8 = 0xd4;

/// Configuration: both interrupts, and scan codes translated into set 1.
pub const WANTED: u8 = 1 << 6 | 0b11;
/// Configuration: the clocks of keyboard and mouse are stopped.
pub const STOPPED: u8 = 0b11 << 4;

/// If more bytes than this come at once, there is no controller.
pub const MOST_BYTES: u32 = 64;
/// The time within which a device answers, in nanoseconds.
const TIMEOUT: u64 = SECOND / 40;

/// A byte from the keyboard or the mouse.
#[derive(Clone, Copy)]
pub struct Byte {
    pub value: u8,
    pub from_mouse: bool,
}

/// Reads a byte from the controller, if one is available.
pub fn fetch() -> Option<Byte> {
    let status = status();
    if status & OUTPUT_FULL == 0 || status == u8::MAX {
        return None;
    }
    Some(Byte {
        // SAFETY: the status says that a byte waits there.
        value: unsafe { Port::new(DATA).read() },
        from_mouse: status & FROM_MOUSE != 0,
    })
}

/// Sends the controller a command.
pub fn command(command: u8) -> Option<()> {
    wait(|| (status() & INPUT_FULL == 0).then_some(()))?;
    // SAFETY: the commands of this file change ports and interrupts of keyboard and mouse only.
    unsafe { Port::new(STATUS_AND_COMMAND).write(command) };
    Some(())
}

/// Sends the controller a byte: the argument of the last command, or a byte for the keyboard.
pub fn send(byte: u8) -> Option<()> {
    wait(|| (status() & INPUT_FULL == 0).then_some(()))?;
    // SAFETY: as above.
    unsafe { Port::new(DATA).write(byte) };
    Some(())
}

/// Polls until there is an answer, or for [`TIMEOUT`].
pub fn wait<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = clock::now() + TIMEOUT;
    loop {
        match ask() {
            None if clock::now() < end => {}
            answer => return answer,
        }
    }
}

pub fn status() -> u8 {
    // SAFETY: reading the status has no side effects.
    unsafe { Port::new(STATUS_AND_COMMAND).read() }
}
