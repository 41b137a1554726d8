//! `memtest`, `fragtest`, `leaks`: tests of memory, and its costs.

use super::answer::say;
use super::command::{Arguments, Command, Context, Misused, ShellState, none};
use crate::measure;
use crate::measure::violation::Violation;
use crate::memory::checks::leaks;

pub const MEMTEST: Command = Command {
    name: "memtest",
    arguments: "",
    summary: "runs stress tests, and measures the costs of memory management (Q1 to Q5)",
    run: |_, context, arguments| {
        none(arguments)?;
        let result = measure::memtest(&mut || context.drain());
        report(result);
        Ok(())
    },
};

pub const FRAGTEST: Command = Command {
    name: "fragtest",
    arguments: "",
    summary: "runs a stress test of the heap, measures its fragmentation (Q3), compares strategies",
    run: |_, context, arguments| {
        none(arguments)?;
        let result = measure::fragmentation::measure(&mut || context.drain());
        report(result.and_then(|()| measure::fragmentation::race()));
        Ok(())
    },
};

fn report(result: Result<(), Violation>) {
    match result {
        Ok(()) => say!("all requirements hold"),
        Err(broken) => say!("violated: {broken}"),
    }
}

pub const LEAKS: Command = Command {
    name: "leaks",
    arguments: "[mark | all]",
    summary: "lists heap allocations since the mark that are still live; or all live ones",
    run: leaks,
};

fn leaks(
    _: &mut ShellState,
    _: &mut Context<'_>,
    mut arguments: Arguments<'_>,
) -> Result<(), Misused> {
    let word = arguments.next();
    none(arguments)?;
    match word {
        None => leaks::since_mark().log(),
        Some("mark") => {
            leaks::mark();
            say!("marked: \"leaks\" lists allocations from now on that are still live");
        }
        Some("all") => leaks::live().log(),
        Some(_) => return Err(Misused),
    }
    Ok(())
}
