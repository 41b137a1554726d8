//! Replaces the console in a kernel without a screen: text goes only to the serial line.

use super::serial;

pub use serial::write;

/// The prompt before the typed line.
pub const PROMPT: &str = "memviz> ";

/// Shows the typed line, with the cursor before this character.
pub fn set_line(text: &str, cursor: usize) {
    match text.len() - cursor {
        0 => serial::set_foot(format_args!("{PROMPT}{text}")),
        back => serial::set_foot(format_args!("{PROMPT}{text}\x1b[{back}D")),
    }
}

/// Removes the typed line.
pub fn clear_line() {
    serial::set_foot(format_args!(""));
}
