//! Answers: lines on the console.

use crate::machine::console;
use core::fmt;

/// Prints one line of an answer, formatted.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::shell::answer::answer(format_args!($($text)*))
    };
}
pub(super) use say;

/// Prints one line of an answer.
pub fn answer(line: fmt::Arguments<'_>) {
    console::write(format_args!("{line}\n"));
}
