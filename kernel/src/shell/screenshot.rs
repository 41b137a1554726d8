//! `screenshot`: saves the screen as a picture.

use super::answer::say;
use super::command::{Command, Misused, none};

pub const SCREENSHOT: Command = Command {
    name: "screenshot",
    arguments: "[NAME]",
    summary: "saves the screen as a picture; NAME: letters, digits, - _ . (default: lesson, step, time)",
    run: |_, context, mut arguments| {
        let name = arguments.next();
        none(arguments)?;
        if name.is_some_and(|name| !is_name(name)) {
            return Err(Misused);
        }
        match &mut context.session {
            Some(session) => session.save(name),
            None => say!("there is no picture"),
        }
        Ok(())
    },
};

/// Returns whether the word can be a file name.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.starts_with('.') && name.bytes().all(fits)
}
