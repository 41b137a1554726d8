//! Where text goes: to the serial line, and into the shell on the screen.
//!
//! Invariant: writing never waits for somebody who draws. Whoever logs from inside the drawing,
//! because it went wrong, is heard on the serial line alone.

use super::serial;
use core::fmt;
use memviz::view::terminal::Terminal;
use spin::{Mutex, MutexGuard};

/// What stands before a line that is typed.
pub const PROMPT: &str = "memviz> ";

static TERMINAL: Mutex<Terminal> = Mutex::new(Terminal::new(PROMPT));

/// Writes whole lines.
pub fn write(lines: fmt::Arguments<'_>) {
    serial::write(lines);
    if let Some(mut terminal) = TERMINAL.try_lock() {
        terminal.write(lines);
    }
}

/// What somebody is typing, and the character before which the cursor stands.
pub fn set_line(text: &str, cursor: usize) {
    match text.len() - cursor {
        0 => serial::set_foot(format_args!("{PROMPT}{text}")),
        back => serial::set_foot(format_args!("{PROMPT}{text}\x1b[{back}D")),
    }
    TERMINAL.lock().set_line(text, cursor);
}

/// Nobody is typing.
pub fn clear_line() {
    serial::set_foot(format_args!(""));
    TERMINAL.lock().set_line("", 0);
}

/// What was written, to be drawn.
pub fn terminal() -> MutexGuard<'static, Terminal> {
    TERMINAL.lock()
}
