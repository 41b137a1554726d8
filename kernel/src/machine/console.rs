//! The console: text goes to the serial line, and to the shell on the screen.
//!
//! Invariant: writing never waits for code that draws. A log line from the drawing code itself
//! appears on the serial line alone.

use super::serial;
use crate::lock::{Mutex, MutexGuard};
use core::fmt;
use memviz::view::terminal::Terminal;

/// The prompt of the command line.
pub const PROMPT: &str = "memviz> ";

static TERMINAL: Mutex<Terminal> = Mutex::new(Terminal::new(PROMPT));

/// Writes whole lines.
pub fn write(lines: fmt::Arguments<'_>) {
    serial::write(lines);
    if let Some(mut terminal) = TERMINAL.try_lock() {
        terminal.write(lines);
    }
}

/// Shows the typed line, with the cursor before this character.
pub fn set_line(text: &str, cursor: usize) {
    match text.len() - cursor {
        0 => serial::set_foot(format_args!("{PROMPT}{text}")),
        back => serial::set_foot(format_args!("{PROMPT}{text}\x1b[{back}D")),
    }
    TERMINAL.lock().set_line(text, cursor);
}

/// Removes the typed line.
pub fn clear_line() {
    serial::set_foot(format_args!(""));
    TERMINAL.lock().set_line("", 0);
}

/// Returns the text to be drawn.
pub fn terminal() -> MutexGuard<'static, Terminal> {
    TERMINAL.lock()
}
