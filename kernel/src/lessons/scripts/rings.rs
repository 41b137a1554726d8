//! Rings and isolation: processes share a machine, but neither memory nor privileges.

use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::memory::paging::user_layout::HEAP;
use crate::memory::physical::frames;
use crate::process::programs::Program;
use crate::process::{End, State};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::FaultCause;

/// The exception number of a general protection fault.
const PROTECTION: u8 = 13;

pub const LESSON: Lesson = Lesson {
    name: "rings",
    title: "Rings and isolation",
    goal: "the same address in two processes; what ring 3 cannot do",
    steps: &[
        step("Each finds its own number. The tables of process {a} map the address to frame ①{frame-a}, those of process {b} to another frame.")
            .asks("Processes {a} and {b} each write their own number to the same address, {page}, and read it again. What does each find?")
            .choices(&["Its own number", "The last number written", "A page fault"], 0)
            .because("Not B: each process has its own tables, so the address leads to two frames.")
            .figure(Figure::Walk)
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
                    // SAFETY: the frame is the process's, which does not run now; the direct map
                    // shows it.
                    let found = unsafe { word.read_volatile() };
                    fact!(found == process, "process {process} has the number {found}");
                }
                Ok(())
            }),
        step("No: each still finds its own number, and waits again. The tables that CR3 points to give an address its meaning.")
            .asks("Both processes wake up and read again. Could one have changed the other's number?")
            .choices(&["Yes", "No"], 1)
            .because("Not A: no entry of one process leads to the frame of the other.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("b", "page"))
            .acts(|stage| {
                stage.wake(stage.number("a"))?;
                stage.wake(stage.number("b"))
            })
            .holds(both_wait),
        step("A page fault: the page is present, but the U/S bit of its entry keeps ring 3 out. The kernel ends the process.")
            .asks("Kernel memory is mapped in every address space. A third process reads it. What happens?")
            .choices(&["It reads the data", "A page fault"], 1)
            .because("Not A: mapped does not mean allowed; the entry has a bit for ring 3.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| run(stage, Program::ReadKernel))
            .holds(|stage| ended(stage, End::Fault(FaultCause::UserTouchedKernel))),
        step("The CPU raises exception {exception}, general protection. It is not a page fault, so the fault list does not grow. The kernel ends the process.")
            .asks("A fourth process executes cli, which disables interrupts. The timer could then never stop the process. What happens?")
            .choices(&["Interrupts stop", "An exception", "A page fault"], 1)
            .because("Not C: no address is wrong; the instruction itself is not allowed in ring 3.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.count("exception", PROTECTION.into());
                run(stage, Program::Privileged)
            })
            .holds(|stage| ended(stage, End::Exception(PROTECTION))),
        step("Nothing: a page fault with the cause “null pointer”. The kernel never maps the lowest addresses.")
            .asks("A fifth process reads a field of a structure through a null pointer, at address 0x8. What does it find there?")
            .choices(&["0", "Old data", "Nothing, it faults"], 2)
            .because("Not A: address 0x8 is not mapped, so there is nothing to read.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| run(stage, Program::Null))
            .holds(|stage| ended(stage, End::Fault(FaultCause::Null))),
        step("With a system call: int 0x80 enters ring 0 at one fixed address. The kernel checks each number and address that it receives.")
            .asks("A process cannot touch kernel memory. How does it request a service from the kernel?")
            .choices(&["It calls a function", "With a system call", "It cannot"], 1)
            .because("Not A: a call stays in ring 3, and the kernel's pages are out of reach there.")
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("a", "page"))
            .holds(|stage| {
                let calls = stage.process(stage.number("a"), |process| process.calls)?;
                fact!(calls > 0, "process {} made no system call", stage.number("a"));
                Ok(())
            }),
        step("Processes {a} and {b} still wait, as before. Three others violated the rules, and the kernel ended only those.")
            .asks("The kernel ended three processes. What happened to processes {a} and {b}?")
            .choices(&["They ended too", "They still wait", "They restarted"], 1)
            .because("Not A: a fault ends only the process that caused it.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::Tags)
            .holds(both_wait),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.address("page", HEAP);
        for name in ["a", "b"] {
            let process = stage.start(Program::Isolated)?;
            stage.count(name, process.into());
        }
        Ok(())
    },
};

/// Runs a program in a new process until it ends.
fn run(stage: &mut Stage, program: Program) -> Outcome {
    let process = stage.start(program)?;
    stage.count("process", process.into());
    stage.settle()
}

/// Checks how the process ended.
fn ended(stage: &Stage, expected: End) -> Outcome {
    let end = stage.end_of(stage.number("process"))?;
    fact!(end == expected, "the process {end}");
    Ok(())
}

/// Checks that the first two processes wait.
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
