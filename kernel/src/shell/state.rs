//! `state`: every figure on the screen as one line of JSON, for scripts.

use super::{Command, none, say};
use crate::dashboard::Live;
use core::str;
use spin::Mutex;

/// The longest line.
const BYTES: usize = 64 << 10;

/// Where the line is written before it is sent: nothing is allocated for it.
static LINE: Mutex<[u8; BYTES]> = Mutex::new([0; BYTES]);

pub const STATE: Command = Command {
    name: "state",
    arguments: "",
    what: "every figure on the screen, as one line of JSON",
    run: |_, context, arguments| {
        none(arguments)?;
        let Some(live) = &mut context.live else {
            say!("there is no picture, so nothing is on it");
            return Ok(());
        };
        write(live);
        Ok(())
    },
};

/// Writes the line.
pub fn write(live: &mut Live) {
    let mut line = LINE.lock();
    match serde_json_core::to_slice(&live.state(), &mut *line) {
        Ok(length) => match str::from_utf8(&line[..length]) {
            Ok(text) => say!("{text}"),
            Err(error) => say!("not text: {error}"),
        },
        Err(error) => say!("the line is longer than {BYTES} B: {error}"),
    }
}
