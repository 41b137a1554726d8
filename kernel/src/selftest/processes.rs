//! Tests of processes: programs that keep the rules and programs that violate them. The kernel
//! frees all their memory.

use super::test::{Failure, Outcome, Test, check, needs, needs_timer, with_turns};
use crate::machine::cpu::Features;
use crate::memory::paging::guard_pages;
use crate::process::programs::Program;
use crate::process::{self, End, TABLE};
use mm::paging::FaultCause;

pub const QUICK: &[Test] = &[
    Test {
        name: "processes: mappings, heap and stack get frames when they are touched",
        run: behaved,
    },
    Test {
        name: "processes: after a fork each process has its own values",
        run: forked,
    },
    Test {
        name: "processes: the timer ends a turn",
        run: || with_turns(preempted),
    },
    Test {
        name: "processes: a process that violates a rule is ended, with the cause",
        run: misbehaved,
    },
    Test {
        name: "processes: a process that runs its data is ended",
        run: ran_data,
    },
];

/// Tests of the CPU registers of processes.
pub const REGISTERS: &[Test] = &[
    Test {
        name: "processes: no process finds values that another left in its registers",
        run: registers_are_cleared,
    },
    Test {
        name: "processes: parent and child each keep the values of their registers",
        run: registers_are_kept,
    },
];

pub const LONG: &[Test] = &[Test {
    name: "processes: a million random system calls do no harm",
    run: chaos,
}];

/// The number of turns after which a program counts as stuck.
const TURNS: u64 = 1_000_000;

/// Runs one program and returns how it ended.
fn run(program: Program) -> Result<End, Failure> {
    let number = process::spawn(program)?;
    if !process::run_all(TURNS) {
        process::kill_all();
        return Err(Failure::new(format_args!(
            "{} does not end",
            program.name()
        )));
    }
    let end = TABLE.lock().end_of(number);
    end.ok_or_else(|| Failure::new(format_args!("{} has no end status", program.name())))
}

fn run_well(program: Program) -> Outcome {
    let end = run(program)?;
    check!(end == End::Exit(0), "{} {end}", program.name());
    Ok(())
}

fn behaved() -> Outcome {
    run_well(Program::Touch)?;
    run_well(Program::Heap)?;
    run_well(Program::Deep)
}

fn forked() -> Outcome {
    run_well(Program::Fork)
}

fn preempted() -> Outcome {
    needs_timer()?;
    let spinning = process::spawn(Program::Spin)?;
    let other = process::spawn(Program::Touch)?;
    let mut turns = 0;
    while TABLE.lock().end_of(spinning).is_none() {
        check!(turns < TURNS, "it never ends");
        process::run_slice();
        turns += 1;
        if turns == 1 {
            check!(
                TABLE.lock().end_of(spinning).is_none(),
                "it was not interrupted"
            );
        }
    }
    check!(
        TABLE.lock().end_of(other) == Some(End::Exit(0)),
        "the other process had no turn"
    );
    Ok(())
}

fn misbehaved() -> Outcome {
    let overflow = if guard_pages::is_on() {
        FaultCause::Guard
    } else {
        FaultCause::Unmapped
    };
    let cases = [
        (Program::Overflow, End::Fault(overflow)),
        (
            Program::ReadKernel,
            End::Fault(FaultCause::UserTouchedKernel),
        ),
        (Program::WriteText, End::Fault(FaultCause::WriteReadOnly)),
        (Program::Null, End::Fault(FaultCause::Null)),
        (Program::Privileged, End::Exception(13)),
    ];
    for (program, expected) in cases {
        let end = run(program)?;
        check!(end == expected, "{} {end}", program.name());
    }
    Ok(())
}

fn ran_data() -> Outcome {
    needs(Features::NX)?;
    let end = run(Program::RunData)?;
    check!(
        end == End::Fault(FaultCause::ExecuteNoExecute),
        "run-data {end}"
    );
    Ok(())
}

fn registers_are_cleared() -> Outcome {
    run_well(Program::Stain)?;
    run_well(Program::Look)
}

fn registers_are_kept() -> Outcome {
    let parent = process::spawn(Program::Keep)?;
    check!(process::run_all(TURNS), "it does not end");
    let child = parent + 1;
    let ends = [parent, child].map(|number| TABLE.lock().end_of(number));
    check!(
        ends == [Some(End::Exit(0)); 2],
        "parent and child ended by {ends:?}"
    );
    Ok(())
}

fn chaos() -> Outcome {
    run_well(Program::Chaos)
}
