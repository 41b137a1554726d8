//! `ps`, `run`, `wake`, `kill`: processes in ring 3.

use super::answer::say;
use super::command::{Command, Misused, cell, none, number};
use super::swap::{frames, limit};
use crate::memory::physical::frames::FRAME;
use crate::process::programs::Program;
use crate::process::{self, State, TABLE};
use mm::units::Bytes;
use mm::units::Count;

pub const PS: Command = Command {
    name: "ps",
    arguments: "",
    summary: "lists the live processes: memory, turns, system calls",
    run: |_, _, arguments| {
        none(arguments)?;
        let table = TABLE.lock();
        say!("  number parent  program      state        memory      turns      calls");
        for process in table.iter() {
            let state = match process.state {
                State::Ready => "ready",
                State::Sleeping(_) => "sleeping",
                State::Waiting => "waiting",
                State::Ended(_) => "ended",
            };
            say!(
                "  {:>6} {:>6}  {:<12} {state:<9} {:>9} {:>10} {:>10}",
                process.number,
                process.parent,
                process.program.name(),
                Bytes(process.space.pages() * FRAME),
                cell(Count(process.turns)),
                cell(Count(process.calls))
            );
        }
        say!("{} processes", table.iter().count());
        Ok(())
    },
};

pub const RUN: Command = Command {
    name: "run",
    arguments: "[PROGRAM [--frames N]]",
    summary: "starts a program, with at most N resident pages; without one, lists the programs",
    run: |_, _, mut arguments| {
        let name = arguments.next();
        let frames = match arguments.next() {
            None => 0,
            Some("--frames") => frames(arguments.next())?,
            Some(_) => return Err(Misused),
        };
        none(arguments)?;
        let Some(name) = name else {
            for program in Program::ALL {
                say!("  {:<12} {}", program.name(), program.words());
            }
            return Ok(());
        };
        let Some(program) = Program::named(name) else {
            say!("there is no program {name}");
            return Err(Misused);
        };
        match process::spawn(program) {
            Ok(number) => {
                say!("process {number} runs {name}");
                if frames > 0 {
                    limit(number, frames);
                }
            }
            Err(error) => say!("refused: {error}"),
        }
        Ok(())
    },
};

pub const WAKE: Command = Command {
    name: "wake",
    arguments: "PROCESS",
    summary: "lets a process that waits go on: some programs wait for that after each step",
    run: |_, _, mut arguments| {
        let wanted = number(arguments.next().ok_or(Misused)?)?;
        none(arguments)?;
        let woken = u32::try_from(wanted).is_ok_and(process::wake);
        match woken {
            true => say!("process {wanted} goes on"),
            false => say!("no process {wanted} waits; \"ps\" lists the processes"),
        }
        Ok(())
    },
};

pub const KILL: Command = Command {
    name: "kill",
    arguments: "PROCESS",
    summary: "ends a process and frees all its memory",
    run: |_, _, mut arguments| {
        let wanted = number(arguments.next().ok_or(Misused)?)?;
        none(arguments)?;
        let killed = u32::try_from(wanted).is_ok_and(process::kill);
        match killed {
            true => say!("process {wanted} is ended"),
            false => say!("there is no process {wanted}; \"ps\" lists the processes"),
        }
        Ok(())
    },
};
