//! `verify`, `exit`, `poweroff`: commands about the whole machine.

use super::answer::say;
use super::command::{Command, none};
use crate::machine::power::{self, Status};
use crate::memory::heap::kernel_heap;
use crate::memory::physical::frames;

pub const VERIFY: Command = Command {
    name: "verify",
    arguments: "",
    summary: "recounts all metadata, and compares the picture with the machine",
    run: |_, context, arguments| {
        none(arguments)?;
        match frames::lock().validate() {
            Ok(()) => say!("frames: every figure agrees with its recount"),
            Err(violation) => say!("frames: inconsistent: {violation:?}"),
        }
        match kernel_heap::lock().validate() {
            Ok(()) => say!("heap: every figure agrees with its recount"),
            Err(violation) => say!("heap: inconsistent: {violation:?}"),
        }
        match &mut context.session {
            Some(session) => {
                let wrong = session.verify_all();
                let (lost, ever) = session.troubles();
                say!("picture: {wrong} mismatches now, {ever} ever, {lost} events lost");
            }
            None => say!("picture: none"),
        }
        Ok(())
    },
};

pub const EXIT: Command = Command {
    name: "exit",
    arguments: "",
    summary: "closes the shell; keys go to the dashboard again",
    run: |shell, _, arguments| {
        none(arguments)?;
        shell.is_open = false;
        Ok(())
    },
};

pub const POWEROFF: Command = Command {
    name: "poweroff",
    arguments: "",
    summary: "powers the machine off",
    run: |_, _, arguments| {
        none(arguments)?;
        power::off(Status::Success)
    },
};
