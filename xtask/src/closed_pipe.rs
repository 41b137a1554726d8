//! Ends the tool quietly when its output is no longer read: `cargo xtask … | head`.

use std::panic::{self, PanicHookInfo};
use std::process;

/// The status of a program that the signal of a closed pipe (13) ends.
const STATUS: i32 = 128 + 13;

/// Makes a print to a closed pipe end the tool, instead of a panic with a message.
pub fn end_quietly() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if is_closed_pipe(info) {
            process::exit(STATUS);
        }
        usual(info);
    }));
}

/// Returns whether a panic is about a closed pipe. It compares the message of the standard
/// library's `print!`, which returns no error.
fn is_closed_pipe(info: &PanicHookInfo<'_>) -> bool {
    info.payload_as_str().is_some_and(|words| {
        words.starts_with("failed printing to std") && words.contains("Broken pipe")
    })
}
