//! In the place of the console, in a kernel that shows nothing: text goes to the serial line alone.

use super::serial;

pub use serial::write;

/// What stands before a line that is typed.
pub const PROMPT: &str = "memviz> ";

/// What somebody is typing, and the character before which the cursor stands.
pub fn set_line(text: &str, cursor: usize) {
    match text.len() - cursor {
        0 => serial::set_foot(format_args!("{PROMPT}{text}")),
        back => serial::set_foot(format_args!("{PROMPT}{text}\x1b[{back}D")),
    }
}

/// Nobody is typing.
pub fn clear_line() {
    serial::set_foot(format_args!(""));
}
