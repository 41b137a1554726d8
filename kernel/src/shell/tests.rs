//! `memtest`, `fragtest`, `leaks`: is memory sound, and what does it cost?

use super::{Command, Context, Misused, none, say};
use crate::measure::{self, Broken};
use crate::memory::checks::leaks;

pub const MEMTEST: Command = Command {
    name: "memtest",
    arguments: "",
    what: "stress tests, and what memory management costs (Q1 to Q5)",
    run: |_, context, arguments| {
        none(arguments)?;
        let result = measure::memtest(&mut || context.breathe());
        tell(result);
        Ok(())
    },
};

pub const FRAGTEST: Command = Command {
    name: "fragtest",
    arguments: "",
    what: "stress test of the heap, how fragmented it is then (Q3), and other strategies",
    run: |_, context, arguments| {
        none(arguments)?;
        let result = measure::fragmentation::measure(&mut || context.breathe());
        tell(result.and_then(|()| measure::fragmentation::race()));
        Ok(())
    },
};

fn tell(result: Result<(), Broken>) {
    match result {
        Ok(()) => say!("everything holds that must hold"),
        Err(broken) => say!("broken: {broken}"),
    }
}

pub const LEAKS: Command = Command {
    name: "leaks",
    arguments: "[mark | all]",
    what: "what was taken from the heap since the mark and not given back; or all",
    run: leaks,
};

fn leaks(
    _: &mut super::Shell,
    _: &mut Context<'_>,
    mut arguments: super::Arguments<'_>,
) -> Result<(), Misused> {
    let word = arguments.next();
    none(arguments)?;
    match word {
        None => leaks::since_mark().log(),
        Some("mark") => {
            leaks::mark();
            say!("marked: \"leaks\" tells what is taken from now on and not given back");
        }
        Some("all") => leaks::live().log(),
        Some(_) => return Err(Misused),
    }
    Ok(())
}
