//! The table of commands, and `help`, which lists it.
//!
//! A command is one file with a `Command`, its `mod` in `mod.rs`, and its line here. A `Command`
//! without its line is dead code, which the compiler reports.

use super::answer::say;
use super::command::{Command, Misused, cell};
use super::{
    alloc, falsify, faults, keyboard, lesson, machine, memory, pagemap, processes, screenshot,
    state, swap, tests,
};

/// All commands, as `help` lists them.
static COMMANDS: &[Command] = &[
    HELP,
    memory::MEMSTAT,
    memory::HEAP,
    pagemap::PAGEMAP,
    tests::MEMTEST,
    tests::FRAGTEST,
    tests::LEAKS,
    faults::FAULTS,
    alloc::ALLOC,
    alloc::FREE,
    processes::PS,
    processes::RUN,
    processes::WAKE,
    processes::KILL,
    lesson::LESSON,
    keyboard::KEYBOARD,
    swap::SWAP,
    swap::LIMIT,
    swap::POLICY,
    swap::RECLAIM,
    swap::WORKING_SET,
    machine::VERIFY,
    falsify::FALSIFY,
    state::STATE,
    screenshot::SCREENSHOT,
    machine::EXIT,
    machine::POWEROFF,
];

const HELP: Command = Command {
    name: "help",
    arguments: "[COMMAND]",
    summary: "lists all commands, or describes one",
    run: |_, _, mut arguments| {
        match (arguments.next(), arguments.next()) {
            (None, _) => COMMANDS.iter().for_each(describe),
            (Some(name), None) => describe(find(name).ok_or(Misused)?),
            _ => return Err(Misused),
        }
        Ok(())
    },
};

fn describe(command: &Command) {
    say!("  {:<38} {}", cell(command), command.summary);
}

pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}
