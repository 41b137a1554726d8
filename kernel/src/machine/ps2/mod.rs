//! Keyboard and mouse at their controller (Intel 8042).
//!
//! ```text
//! interrupt 1 or 12 ──► controller ──► queue of bytes ──► main loop ──► keyboard | mouse
//! ```
//! The interrupt only reads bytes, so that none is lost while the main loop is busy. The main loop
//! decodes them, once a picture. Every wait is bounded: a machine without the controller or the
//! mouse boots too. In a virtual machine an absolute pointer, if there is one, replaces the mouse.

mod controller;
mod mouse;

use super::interrupt_controller;
use super::vmmouse::AbsolutePointer;
use crate::lock::Mutex;
use controller::{
    Byte, DISABLE_KEYBOARD, DISABLE_MOUSE, ENABLE_KEYBOARD, ENABLE_MOUSE, MOST_BYTES,
    READ_CONFIGURATION, STOPPED, WANTED, WRITE_CONFIGURATION, command, fetch, send, status, wait,
};
use core::sync::atomic::{AtomicU32, Ordering};
use heapless::Deque;
use memviz::input::keyboard::Keyboard;
use memviz::input::keyboard_layout::KeyboardLayout;
use memviz::input::keys::Key;
use memviz::input::mouse::Movement;
use mouse::Mouse;
use x86_64::instructions::interrupts::without_interrupts;

/// Interrupt lines.
const KEYBOARD_LINE: u8 = 1;
const MOUSE_LINE: u8 = 12;

/// The maximum number of bytes that wait for the main loop.
const QUEUED: usize = 256;
/// Bytes that the main loop has not decoded yet; bytes that do not fit are lost.
static BYTES: Mutex<Deque<Byte, QUEUED>> = Mutex::new(Deque::new());
/// The number of bytes lost since the last line in the log.
static LOST: AtomicU32 = AtomicU32::new(0);

/// Both devices.
pub struct Devices {
    keyboard: Keyboard,
    mouse: Option<Mouse>,
    /// The absolute pointer, which replaces the mouse.
    absolute: Option<AbsolutePointer>,
    /// True if there is a controller, and so a keyboard.
    has_keyboard: bool,
    /// True if the mouse sent a byte since the last picture.
    heard: bool,
}

/// An input from keyboard or mouse.
pub enum Input {
    Key(Key),
    Mouse(Movement),
}

impl Devices {
    /// Sets the devices up, and discards earlier input.
    pub fn new(layout: KeyboardLayout) -> Devices {
        let found = set_up();
        let has_keyboard = found.is_some();
        let mouse = found.flatten();
        if mouse.is_some() {
            interrupt_controller::unmask(MOUSE_LINE);
        }
        if has_keyboard {
            interrupt_controller::unmask(KEYBOARD_LINE);
        } else {
            log::warn!("no PS/2 keyboard: type on the serial line");
        }
        without_interrupts(|| BYTES.lock().clear());
        Devices {
            keyboard: Keyboard::new(layout),
            mouse,
            absolute: AbsolutePointer::find(),
            has_keyboard,
            heard: false,
        }
    }

    /// Returns whether there is a controller, and so a keyboard.
    pub fn has_keyboard(&self) -> bool {
        self.has_keyboard
    }

    /// Returns the layout of the keyboard.
    pub fn layout(&self) -> KeyboardLayout {
        self.keyboard.layout()
    }

    /// Changes the layout of the keyboard.
    pub fn set_layout(&mut self, layout: KeyboardLayout) {
        self.keyboard.set_layout(layout);
    }

    /// Returns the next input. Call it until it returns `None`.
    pub fn next(&mut self) -> Option<Input> {
        while let Some(byte) = take() {
            let input = match (byte.from_mouse, &mut self.mouse) {
                (false, _) => self.keyboard.take(byte.value).map(Input::Key),
                (true, Some(mouse)) => {
                    self.heard = true;
                    let movement = mouse.packets.take(byte.value);
                    movement
                        .filter(|_| self.absolute.is_none())
                        .map(Input::Mouse)
                }
                (true, None) => None,
            };
            if input.is_some() {
                return input;
            }
        }
        let lost = LOST.swap(0, Ordering::Relaxed);
        if lost > 0 {
            log::warn!("the kernel was busy: {lost} bytes of keyboard and mouse are lost");
        }
        if let Some(mouse) = &mut self.mouse
            && !core::mem::take(&mut self.heard)
        {
            mouse.packets.rest();
        }
        self.absolute.as_mut()?.next().map(Input::Mouse)
    }
}

/// Reads all bytes of the controller, in its interrupt.
pub fn interrupt() {
    let mut bytes = BYTES.lock();
    for _ in 0..MOST_BYTES {
        let Some(byte) = fetch() else { return };
        // If the main loop was busy for long, new bytes are lost, as in any keyboard.
        if bytes.push_back(byte).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Returns the next byte, even if interrupts do not arrive.
fn take() -> Option<Byte> {
    without_interrupts(|| {
        interrupt();
        BYTES.lock().pop_front()
    })
}

/// Sets the controller up, and detects a mouse. Returns None without a controller. Interrupts of
/// both are still masked.
fn set_up() -> Option<Option<Mouse>> {
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
    Some(mouse)
}
