//! The first serial port: where the log goes, and a second keyboard.

use core::fmt::{self, Write};
use spin::{Mutex, Once};
use uart_16550::backend::PioBackend;
use uart_16550::{Config, Uart16550};
use x86_64::instructions::interrupts::without_interrupts;

/// The port of COM1 on a PC.
const COM1: u16 = 0x3f8;
/// Tries to hand over one byte before it is dropped: a port that is not there must not stop
/// the kernel.
const SEND_TRIES: u32 = 100_000;

static PORT: Once<Mutex<Uart16550<PioBackend>>> = Once::new();

/// Sets the port up; without one the kernel goes on silently.
pub fn init() {
    // SAFETY: COM1 is a well-known port, and this is the only driver for it.
    let Ok(mut uart) = (unsafe { Uart16550::new_port(COM1) }) else {
        return;
    };
    if uart.init(Config::default()).is_ok() {
        PORT.call_once(|| Mutex::new(uart));
    }
}

/// A byte that somebody typed, if there is one.
pub fn read() -> Option<u8> {
    let port = PORT.get()?;
    without_interrupts(|| port.lock().try_receive_byte().ok())
}

/// Writes text; a line feed becomes carriage return and line feed.
pub fn write(arguments: fmt::Arguments<'_>) {
    let Some(port) = PORT.get() else { return };
    without_interrupts(|| {
        // Text that cannot be sent has no other place to go.
        let _ = Terminal(&mut port.lock()).write_fmt(arguments);
    });
}

/// For a panic: takes the port from whoever holds it.
///
/// # Safety
/// The holder must never run again.
pub unsafe fn seize() {
    if let Some(port) = PORT.get() {
        // SAFETY: the caller promises that the holder is gone.
        unsafe { port.force_unlock() };
    }
}

struct Terminal<'a>(&'a mut Uart16550<PioBackend>);

impl Write for Terminal<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                self.send(b'\r');
            }
            self.send(byte);
        }
        Ok(())
    }
}

impl Terminal<'_> {
    fn send(&mut self, byte: u8) {
        for _ in 0..SEND_TRIES {
            if self.0.try_send_byte(byte).is_ok() {
                return;
            }
        }
    }
}
