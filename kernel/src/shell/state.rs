//! `state`: prints every figure on the screen as one line of JSON, for scripts.

use super::answer::say;
use super::command::{Command, none};
use crate::dashboard::DashboardSession;
use crate::lock::Mutex;
use core::str;

/// The maximum size of the line in bytes.
const BYTES: usize = 64 << 10;

/// The buffer of the line, so that nothing is allocated for it.
static LINE: Mutex<[u8; BYTES]> = Mutex::new([0; BYTES]);

pub const STATE: Command = Command {
    name: "state",
    arguments: "",
    summary: "prints every figure on the screen, as one line of JSON",
    run: |_, context, arguments| {
        none(arguments)?;
        let Some(session) = &mut context.session else {
            say!("there is no picture, so there is no state");
            return Ok(());
        };
        write(session);
        Ok(())
    },
};

/// Prints the line.
pub fn write(session: &mut DashboardSession) {
    let mut line = LINE.lock();
    match serde_json_core::to_slice(&session.state(), &mut *line) {
        Ok(length) => match str::from_utf8(&line[..length]) {
            Ok(text) => say!("{text}"),
            Err(error) => say!("not text: {error}"),
        },
        Err(error) => say!("the line is longer than {BYTES} B: {error}"),
    }
}
