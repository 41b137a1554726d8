//! Rings and isolation: processes share a machine, and neither memory nor privileges.

use crate::lessons::stage::Stage;
use crate::lessons::{Lesson, Outcome, fact, step};
use crate::memory::physical::frames;
use crate::process::address_space::HEAP;
use crate::process::programs::Program;
use crate::process::{End, State};
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::paging::FaultCause;

/// General protection fault.
const PROTECTION: u8 = 13;

pub const LESSON: Lesson = Lesson {
    name: "rings",
    title: "Rings and isolation",
    steps: &[
        step("Each its own number. In the tables of process {a} the address leads to frame {frame-a}, in those of {b} to {frame-b}.")
            .asks("Two processes, {a} and {b}, write their numbers to the same address, {page}, and read it again. What will each find?")
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("a", "page"))
            .acts(|stage| {
                stage.settle()?;
                stage.frame("frame-a", stage.frame_of(stage.number("a"), HEAP)?);
                stage.frame("frame-b", stage.frame_of(stage.number("b"), HEAP)?);
                Ok(())
            })
            .holds(|stage| {
                let (a, b) = (stage.get("frame-a"), stage.get("frame-b"));
                fact!(a != b, "both have frame {a:#x}");
                for (process, frame) in [(stage.number("a"), a), (stage.number("b"), b)] {
                    let word = frames::pointer(x86_64::PhysAddr::new(frame)).cast::<u32>();
                    // SAFETY: the frame is the process's, which does not run now; the direct map shows it.
                    let found = unsafe { word.read_volatile() };
                    fact!(found == process, "process {process} has the number {found}");
                }
                Ok(())
            }),
        step("Both still find their own, and wait again. An address alone means nothing: the tables in CR3 say what it means.")
            .asks("Both are woken and look again. Could one of them have changed the other's number?")
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("b", "page"))
            .acts(|stage| {
                stage.wake(stage.number("a"))?;
                stage.wake(stage.number("b"))
            })
            .holds(both_wait),
        step("A page fault: the page is there, in its own tables even, but its entry says: not for ring 3. The process is ended.")
            .asks("The kernel's memory is mapped in every process, too. A third process reads it. What will happen?")
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| run(stage, Program::ReadKernel))
            .holds(|stage| ended(stage, End::Fault(FaultCause::UserTouchedKernel))),
        step("The CPU refuses: exception {exception}, general protection. It is no page fault, so the list below does not grow; the process is ended all the same.")
            .asks("A fourth one does not touch memory: it executes cli, which switches interrupts off. Then nobody could stop it. Or?")
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.count("exception", PROTECTION.into());
                run(stage, Program::Privileged)
            })
            .holds(|stage| ended(stage, End::Exception(PROTECTION))),
        step("A page fault, told as what it is: a null pointer. Nothing is ever mapped at the lowest addresses.")
            .asks("A fifth one follows a pointer that nobody set: it is 0. What does it find there?")
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| run(stage, Program::Null))
            .holds(|stage| ended(stage, End::Fault(FaultCause::Null))),
        step("By a system call: int 0x80 enters ring 0 at one place, and the kernel checks every number and address that it is handed.")
            .asks("If a process may touch nothing of the kernel's: how can it ask for anything at all?")
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("a", "page"))
            .holds(|stage| {
                let calls = stage.process(stage.number("a"), |process| process.calls)?;
                fact!(calls > 0, "process {} made no system call", stage.number("a"));
                Ok(())
            }),
        step("Both live: processes {a} and {b} wait as before. Three others broke the rules, and only they were ended.")
            .asks("Three processes were ended. What became of the first two meanwhile?")
            .on(Board::Overview, MapMode::Tags)
            .holds(both_wait),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.address("page", HEAP);
        for name in ["a", "b"] {
            let process = stage.start(Program::Twin)?;
            stage.count(name, process.into());
        }
        Ok(())
    },
};

/// Lets a process run to its end.
fn run(stage: &mut Stage, program: Program) -> Outcome {
    let process = stage.start(program)?;
    stage.count("process", process.into());
    stage.settle()
}

/// Whether it ended like this.
fn ended(stage: &Stage, wanted: End) -> Outcome {
    let end = stage.end_of(stage.number("process"))?;
    fact!(end == wanted, "the process {end}");
    Ok(())
}

fn both_wait(stage: &Stage) -> Outcome {
    for name in ["a", "b"] {
        let state = stage.process(stage.number(name), |process| process.state)?;
        fact!(
            state == State::Waiting,
            "process {} is {state:?}",
            stage.number(name)
        );
    }
    Ok(())
}
