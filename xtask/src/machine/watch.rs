//! The receiver of a machine's lines and pictures, and the machine's timeouts.

use std::process::ChildStdin;
use std::time::Duration;

use anyhow::Result;

use super::qmp::Qmp;
use crate::pictures::Picture;

/// Receives the lines and pictures of a running machine.
pub trait Watch {
    /// Receives a line from the serial port, without its end.
    fn line(&mut self, line: &str) -> Result<()>;
    /// Receives the screen, paused at the moment that the guest named.
    fn picture(&mut self, name: &str, picture: Picture) -> Result<()>;
    /// Receives the error if the screen could not be saved at that moment. An error ends the run.
    fn no_picture(&mut self, _: &str, error: anyhow::Error) -> Result<()> {
        Err(error)
    }
    /// May send commands to QEMU. It is called after each message, and ten times a second.
    fn order(&mut self, _: &mut Qmp) -> Result<()> {
        Ok(())
    }
    /// Receives the number of QEMU's process. The default ignores it.
    fn started(&mut self, _: u32) {}
    /// Receives the input of the serial port. The default ignores it.
    fn keyboard(&mut self, _: ChildStdin) {}
}

/// The timeouts of a machine. None: no timeout, because a user watches it.
pub type Timeouts = Option<Limits>;

/// A machine has failed only when both times have passed, because a slow host is not a failure.
#[derive(Clone, Copy)]
pub struct Limits {
    pub run: Duration,
    pub silence: Duration,
}
