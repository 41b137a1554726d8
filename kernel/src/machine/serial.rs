//! The first serial port: output of the log, and a second keyboard.
//!
//! ```text
//! [MM] a line of the log            written lines scroll by
//! [MM] and another
//! memviz> pagem▁                    the foot: the typed line stays below the log
//! ```

use crate::lock::Mutex;
use core::fmt::{self, Write};
use heapless::String;
use spin::Once;
use uart_16550::backend::PioBackend;
use uart_16550::{BaudRate, Config, Uart16550};
use x86_64::instructions::interrupts::without_interrupts;

/// The port of COM1 on a PC.
const COM1: u16 = 0x3f8;
/// The number of attempts to send a byte before it is dropped: an absent port must not stop the
/// kernel.
const SEND_TRIES: u32 = 100_000;

/// Bytes for a prompt, a line and the sequence that moves the cursor back.
const FOOT: usize = 160;
/// Moves to the first column and clears the line (ECMA-48: EL).
const ERASE_LINE: &str = "\r\x1b[K";

static PORT: Once<Mutex<Port>> = Once::new();

struct Port {
    uart: Uart16550<PioBackend>,
    foot: String<FOOT>,
}

/// Sets the port up; without one the kernel runs silently.
pub fn init() {
    // SAFETY: COM1 is a well-known port, and this is the only driver for it.
    let Ok(mut uart) = (unsafe { Uart16550::new_port(COM1) }) else {
        return;
    };
    let config = Config {
        // At 9600 baud, the default of the crate, the log of a boot would take 15 s.
        baud_rate: BaudRate::Baud115200,
        ..Config::default()
    };
    if uart.init(config).is_ok() {
        PORT.call_once(|| {
            Mutex::new(Port {
                uart,
                foot: String::new(),
            })
        });
    }
}

/// Returns the next typed byte.
pub fn read() -> Option<u8> {
    let port = PORT.get()?;
    without_interrupts(|| port.lock().uart.try_receive_byte().ok())
}

/// Writes whole lines, above the foot if there is one; a line feed becomes carriage return and line
/// feed.
pub fn write(arguments: fmt::Arguments<'_>) {
    let Some(port) = PORT.get() else { return };
    without_interrupts(|| match port.try_lock() {
        Some(mut port) => write_above_foot(&mut port, arguments),
        None => write_between(arguments),
    });
}

fn write_above_foot(port: &mut Port, arguments: fmt::Arguments<'_>) {
    // Text that cannot be sent is lost.
    let _ = if port.foot.is_empty() {
        Terminal(&mut port.uart).write_fmt(arguments)
    } else {
        let foot = port.foot.as_str();
        Terminal(&mut port.uart).write_fmt(format_args!("{ERASE_LINE}{arguments}{foot}"))
    };
}

/// Sets the foot: the line that stays below all written lines. An empty text removes it.
pub fn set_foot(foot: fmt::Arguments<'_>) {
    with_port(|port| {
        port.foot.clear();
        // If it does not fit, only the sequence that moves the cursor is cut.
        let _ = port.foot.write_fmt(foot);
        let _ = Terminal(&mut port.uart).write_fmt(format_args!("{ERASE_LINE}{}", port.foot));
    });
}

/// Rings the bell of the terminal.
pub fn ring() {
    with_port(|port| Terminal(&mut port.uart).send(7));
}

fn with_port(part: impl FnOnce(&mut Port)) {
    if let Some(port) = PORT.get() {
        without_interrupts(|| part(&mut port.lock()));
    }
}

/// Writes text while the port's owner is in the middle of a line because a fault interrupted it.
/// The text gets a line of its own; the owner continues in the next one.
fn write_between(arguments: fmt::Arguments<'_>) {
    // SAFETY: the port is set up. Its owner cannot run before this ends, and each byte waits until
    // the port takes it, so the owner's bytes stay whole.
    if let Ok(mut uart) = unsafe { Uart16550::new_port(COM1) } {
        // Text that cannot be sent is lost.
        let _ = Terminal(&mut uart).write_fmt(format_args!("\n{arguments}"));
    }
}

/// For a panic: takes the port from the code that holds it.
///
/// # Safety
/// The code that holds the port must never run again.
pub unsafe fn seize() {
    if let Some(port) = PORT.get() {
        // SAFETY: by the contract, the code that holds the port never runs again.
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
