//! The terminal on standard input, which hands over keys one by one while a machine runs.
//!
//! Invariant: whenever this program does not run (it has ended, or is stopped), the terminal is in
//! the mode in which it was found.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::getpgrp;
use rustix::stdio::stdin;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};

/// The mode in which the terminal was found, while it hands over keys one by one.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

/// The terminal hands over keys at once and does not show them, until this is dropped. Ctrl-C and
/// Ctrl-Z stay what they are.
pub struct KeyByKey(());

impl KeyByKey {
    /// None where standard input is no terminal.
    pub fn new() -> Option<Self> {
        *found() = Some(tcgetattr(stdin()).ok()?);
        set_key_by_key();
        Some(Self(()))
    }
}

impl Drop for KeyByKey {
    fn drop(&mut self) {
        set_line_by_line();
        *found() = None;
    }
}

/// Keys one by one, if a [`KeyByKey`] exists.
pub fn set_key_by_key() {
    if let Some(mut mode) = found().clone() {
        mode.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO);
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        set(&mode);
    }
}

/// As the terminal was found, if a [`KeyByKey`] exists.
pub fn set_line_by_line() {
    if let Some(mode) = found().as_ref() {
        set(mode);
    }
}

fn set(mode: &Termios) {
    // A job in the background would be stopped for it, and the terminal is not its own.
    if tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp()) {
        let _ = tcsetattr(stdin(), OptionalActions::Now, mode);
    }
}

fn found() -> MutexGuard<'static, Option<Termios>> {
    FOUND.lock().unwrap_or_else(PoisonError::into_inner)
}
