//! The type of a command, the context that it may use, and the parsing of its arguments.

use super::holdings::Holdings;
use crate::dashboard::DashboardSession;
use crate::keys::Keys;
use crate::lessons::Player;
use core::fmt::{self, Write};
use core::str::SplitAsciiWhitespace;
use heapless::String;

/// The parts of the kernel that a command may use.
pub struct Context<'c> {
    /// The dashboard, if there is one.
    pub session: Option<&'c mut DashboardSession>,
    /// The player of the current lesson.
    pub player: &'c mut Player,
    /// The keyboard.
    pub keys: &'c mut Keys,
}

/// The part of the shell that commands may change.
pub struct ShellState {
    /// The memory that `alloc` holds.
    pub holdings: Holdings,
    /// True if keys go to the shell; `exit` clears it.
    pub is_open: bool,
}

impl Context<'_> {
    /// Makes the dashboard read and show the recorded events.
    pub fn drain(&mut self) {
        if let Some(session) = &mut self.session {
            session.show();
        }
    }
}

/// The words after a command's name.
pub type Arguments<'w> = SplitAsciiWhitespace<'w>;

/// The arguments do not fit the command, so the shell prints its usage.
pub struct Misused;

/// A command of the shell.
pub struct Command {
    pub name: &'static str,
    /// The arguments, as a usage line shows them.
    pub arguments: &'static str,
    /// One line that describes it.
    pub summary: &'static str,
    pub run: fn(&mut ShellState, &mut Context<'_>, Arguments<'_>) -> Result<(), Misused>,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if !self.arguments.is_empty() {
            write!(f, " {}", self.arguments)?;
        }
        Ok(())
    }
}

/// Formats a value as text, so that a width in a format string pads it.
pub fn cell(value: impl fmt::Display) -> String<48> {
    let mut text = String::new();
    // Text longer than a cell is cut.
    let _ = write!(text, "{value}");
    text
}

/// Checks that no arguments are left.
pub fn none(mut arguments: Arguments<'_>) -> Result<(), Misused> {
    arguments.next().map_or(Ok(()), |_| Err(Misused))
}

/// Parses a number, in decimal or in hex with `0x`.
pub fn number(word: &str) -> Result<u64, Misused> {
    let parsed = match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => word.parse(),
    };
    parsed.map_err(|_| Misused)
}

/// Parses an address: hex, with or without `0x`, with any underscores.
pub fn address(word: &str) -> Result<u64, Misused> {
    let mut value = 0_u64;
    let digits = word.strip_prefix("0x").unwrap_or(word);
    for character in digits.chars().filter(|&character| character != '_') {
        let digit = character.to_digit(16).ok_or(Misused)?;
        value = value.checked_mul(16).ok_or(Misused)? | u64::from(digit);
    }
    if digits.is_empty() {
        Err(Misused)
    } else {
        Ok(value)
    }
}
