//! The terminal on standard input, which passes keys one by one while a machine runs.
//!
//! Invariant: while this program does not run (it has ended, or is stopped), the terminal is in its
//! original mode.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::getpgrp;
use rustix::stdio::stdin;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};

/// The original mode of the terminal, while it passes keys one by one.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

/// Makes the terminal pass keys at once without showing them, until this is dropped. Ctrl-C and
/// Ctrl-Z keep their meaning.
pub struct KeyByKey(());

impl KeyByKey {
    /// Returns None if standard input is not a terminal.
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

/// Makes the terminal pass keys one by one, if a [`KeyByKey`] exists.
pub fn set_key_by_key() {
    if let Some(mut mode) = found().clone() {
        mode.local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO);
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        set(&mode);
    }
}

/// Restores the original mode, if a [`KeyByKey`] exists.
pub fn set_line_by_line() {
    if let Some(mode) = found().as_ref() {
        set(mode);
    }
}

fn set(mode: &Termios) {
    // The terminal does not belong to a background job, and the system would stop the job.
    if tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp()) {
        let _ = tcsetattr(stdin(), OptionalActions::Now, mode);
    }
}

fn found() -> MutexGuard<'static, Option<Termios>> {
    FOUND.lock().unwrap_or_else(PoisonError::into_inner)
}
