//! Keyboard and mouse behind their controller (Intel 8042).
//!
//! ```text
//! interrupt 1 or 12 ──► controller ──► queue of bytes ──► main loop ──► keyboard | mouse
//! ```
//! The interrupt only fetches bytes, so that none is lost while the main loop is busy; what they
//! mean is found out there, once a picture. Every wait is bounded: a machine that lacks the
//! controller or the mouse boots as well.

mod keyboard;
mod mouse;

use super::clock::{self, SECOND};
use super::interrupt_controller;
use heapless::Deque;
use keyboard::Keyboard;
use memviz::input::keys::Key;
use memviz::input::mouse::Movement;
use mouse::Mouse;
use spin::Mutex;
use x86_64::instructions::interrupts::without_interrupts;
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
const READ_CONFIGURATION: u8 = 0x20;
const WRITE_CONFIGURATION: u8 = 0x60;
const DISABLE_MOUSE: u8 = 0xa7;
const ENABLE_MOUSE: u8 = 0xa8;
const DISABLE_KEYBOARD: u8 = 0xad;
const ENABLE_KEYBOARD: u8 = 0xae;
const WRITE_TO_MOUSE: u8 = 0xd4;

/// Configuration: both interrupts, and scan codes translated into set 1.
const WANTED: u8 = 1 << 6 | 0b11;
/// Configuration: the clocks of keyboard and mouse are stopped.
const STOPPED: u8 = 0b11 << 4;

/// Interrupt lines.
const KEYBOARD_LINE: u8 = 1;
const MOUSE_LINE: u8 = 12;

/// More bytes than this at once mean that there is no controller.
const MOST_BYTES: u32 = 64;
/// A device answers within this time, in nanoseconds, or not at all.
const PATIENCE: u64 = SECOND / 40;

/// What came and was not looked at yet; what finds no room any more is lost.
static BYTES: Mutex<Deque<Byte, 256>> = Mutex::new(Deque::new());

/// A byte, and whether it is the mouse's.
#[derive(Clone, Copy)]
struct Byte {
    value: u8,
    from_mouse: bool,
}

/// Both devices.
pub struct Devices {
    keyboard: Keyboard,
    mouse: Option<Mouse>,
    /// The mouse said something since the last picture.
    heard: bool,
}

/// What somebody did.
pub enum Input {
    Key(Key),
    Mouse(Movement),
}

impl Devices {
    /// Sets the devices up, and forgets what was typed before.
    pub fn new() -> Devices {
        let mouse = set_up();
        if mouse.is_some() {
            interrupt_controller::unmask(MOUSE_LINE);
        }
        interrupt_controller::unmask(KEYBOARD_LINE);
        without_interrupts(|| BYTES.lock().clear());
        Devices {
            keyboard: Keyboard::new(),
            mouse,
            heard: false,
        }
    }

    /// What somebody did next, if there is something. To be asked until there is nothing more.
    pub fn next(&mut self) -> Option<Input> {
        while let Some(byte) = take() {
            let input = match (byte.from_mouse, &mut self.mouse) {
                (false, _) => self.keyboard.take(byte.value).map(Input::Key),
                (true, Some(mouse)) => {
                    self.heard = true;
                    mouse.packets.take(byte.value).map(Input::Mouse)
                }
                (true, None) => None,
            };
            if input.is_some() {
                return input;
            }
        }
        if let Some(mouse) = &mut self.mouse
            && !core::mem::take(&mut self.heard)
        {
            mouse.packets.rest();
        }
        None
    }
}

/// Fetches what the controller has: for its interrupts.
pub fn interrupt() {
    let mut bytes = BYTES.lock();
    for _ in 0..MOST_BYTES {
        let Some(byte) = fetch() else { return };
        // The main loop has not come here for long: what is new is lost, as in any keyboard.
        let _ = bytes.push_back(byte);
    }
}

/// The next byte, also where interrupts do not arrive.
fn take() -> Option<Byte> {
    without_interrupts(|| {
        interrupt();
        BYTES.lock().pop_front()
    })
}

/// Sets the controller up, and looks for a mouse. Interrupts of both are still masked.
fn set_up() -> Option<Mouse> {
    if status() == u8::MAX {
        return None;
    }
    command(DISABLE_KEYBOARD)?;
    command(DISABLE_MOUSE)?;
    for _ in 0..MOST_BYTES {
        if fetch().is_none() {
            break;
        }
    }
    command(READ_CONFIGURATION)?;
    let configuration = wait(fetch)?.value;
    command(WRITE_CONFIGURATION)?;
    send(configuration & !STOPPED | WANTED)?;
    command(ENABLE_MOUSE)?;
    let mouse = Mouse::find();
    command(ENABLE_KEYBOARD)?;
    mouse
}

/// A byte from the controller, if one waits.
fn fetch() -> Option<Byte> {
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

/// Gives the controller a command.
fn command(command: u8) -> Option<()> {
    wait(|| (status() & INPUT_FULL == 0).then_some(()))?;
    // SAFETY: the commands of this file switch ports and interrupts of keyboard and mouse, and
    // nothing else.
    unsafe { Port::new(STATUS_AND_COMMAND).write(command) };
    Some(())
}

/// Gives the controller a byte: what the last command needs, or else for the keyboard.
fn send(byte: u8) -> Option<()> {
    wait(|| (status() & INPUT_FULL == 0).then_some(()))?;
    // SAFETY: as above.
    unsafe { Port::new(DATA).write(byte) };
    Some(())
}

/// Asks until there is an answer, or for [`PATIENCE`].
fn wait<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = clock::now() + PATIENCE;
    loop {
        match ask() {
            None if clock::now() < end => {}
            answer => return answer,
        }
    }
}

fn status() -> u8 {
    // SAFETY: reading the status has no side effects.
    unsafe { Port::new(STATUS_AND_COMMAND).read() }
}
