//! What watches a machine: who gets its lines and pictures, and how long it may be silent.

use std::process::ChildStdin;
use std::time::Duration;

use anyhow::Result;

use super::qmp::Qmp;
use crate::pictures::Picture;

/// Who looks on while a machine runs.
pub trait Watch {
    /// A line from the serial port, without its end.
    fn line(&mut self, line: &str) -> Result<()>;
    /// The screen, paused at the moment that the guest named.
    fn picture(&mut self, name: &str, picture: Picture) -> Result<()>;
    /// The screen could not be had at that moment. An error ends the run.
    fn no_picture(&mut self, _: &str, error: anyhow::Error) -> Result<()> {
        Err(error)
    }
    /// May give QEMU orders; is asked after everything that happens, and ten times a second.
    fn order(&mut self, _: &mut Qmp) -> Result<()> {
        Ok(())
    }
    /// Wants the serial port's other direction; nobody does by default.
    fn keyboard(&mut self, _: ChildStdin) {}
}

/// How long a machine may go without a sign of life. None: for ever, somebody is watching.
pub type Timeouts = Option<Limits>;

/// Both must have passed before a machine counts as dead: a slow host is no failure.
#[derive(Clone, Copy)]
pub struct Limits {
    pub run: Duration,
    pub silence: Duration,
}
