//! Protection: a writable page is not executable, an executable page is not writable, in ring 0
//! too.

use crate::boot::image;
use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::machine::cpu::Features;
use crate::memory::checks::test_access;
use crate::memory::paging::walk::{self, Half};
use crate::memory::paging::{kernel_space, layout};
use crate::process::End;
use crate::process::programs::Program;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::{Access, FaultCause};
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::registers::control::{Cr0, Cr0Flags};

/// A data page; nothing else is mapped near it.
const DATA: VirtAddr = VirtAddr::new(layout::DEMAND_ZERO.as_u64() + (6 << 30));
/// The instruction `ret`.
const RETURN: u8 = 0xc3;

pub const LESSON: Lesson = Lesson {
    name: "protection",
    title: "No-execute and write protection",
    goal: "no-execute and write protection, also for ring 0",
    steps: &[
        step("{both}. Of the kernel's {pages} pages, {executable} are executable and {writable} are writable. No page is both: this rule is W^X.")
            .asks("A page can be writable, executable, or neither. How many pages of this kernel are writable and executable?")
            .choices(&["None", "Only the kernel's code", "All"], 0)
            .because("Not B: code that can be overwritten can be replaced by an attacker.")
            .needs(Features::NX)
            .figure(Figure::Rights)
            .conceals()
            .on(Board::Paging, MapMode::Tags)
            .acts(|stage| {
                let (mut pages, mut executable, mut writable, mut both) = (0, 0, 0, 0);
                let root = kernel_space::lock().root();
                walk::pages(root, Half::Upper, &mut |page| {
                    let (runs, writes) = (
                        page.access.contains(Access::EXECUTE),
                        page.access.contains(Access::WRITE),
                    );
                    pages += 1;
                    executable += u64::from(runs);
                    writable += u64::from(writes);
                    both += u64::from(runs && writes);
                });
                stage.count("pages", pages);
                stage.count("executable", executable);
                stage.count("writable", writable);
                stage.count("both", both);
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("both") == 0, "{} pages are both", stage.get("both"));
                Ok(())
            }),
        step("No: a page fault, a write to a read-only page. The bit WP in CR0 makes ring 0 obey read-only entries too.")
            .asks("The kernel runs in ring 0 and writes to its own code, at {text}. Does the write succeed?")
            .choices(&["Yes, ring 0 may write", "No, a page fault"], 1)
            .because("Not A: that is so only while the bit WP in CR0 is clear.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.mark_faults();
                let text = VirtAddr::new(stage.get("text"));
                // SAFETY: the kernel's code is mapped read-only, as was confirmed at boot: nothing
                // is written.
                let written = unsafe { test_access::write(text) };
                fact!(written.is_err(), "code can be written");
                Ok(())
            })
            .holds(|stage| {
                let obeys = Cr0::read().contains(Cr0Flags::WRITE_PROTECT);
                fact!(obeys, "WP is not set");
                stage.had_faults(1, Some(FaultCause::WriteReadOnly))
            }),
        step("No: a page fault, an instruction fetch from a no-execute page. The entry of each data page has the no-execute bit (XD).")
            .asks("The kernel stores an instruction in a data page, at {data}, and jumps there. Does the instruction run?")
            .choices(&["Yes", "No, a page fault"], 1)
            .because("Not A: a fetch needs an entry without the no-execute bit.")
            .needs(Features::NX)
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.map_page(DATA, Tag::KERNEL)?;
                // SAFETY: the page is the lesson's, mapped for writing a moment ago.
                unsafe { DATA.as_mut_ptr::<u8>().write_volatile(RETURN) };
                stage.mark_faults();
                // SAFETY: the page holds an instruction that returns.
                let ran = unsafe { test_access::execute(DATA) };
                fact!(ran.is_err(), "data can be executed");
                Ok(())
            })
            .holds(|stage| stage.had_faults(1, Some(FaultCause::ExecuteNoExecute))),
        step("The same fault: pages of code are not writable. The kernel ends the process, and no other process is affected.")
            .asks("A process writes to its own code. What happens?")
            .choices(&["It changes its code", "The kernel ends it", "The kernel copies the page"], 1)
            .because("Not C: copy-on-write pages are marked as such; pages of code are not.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| run(stage, Program::WriteText))
            .holds(|stage| ended_by(stage, FaultCause::WriteReadOnly)),
        step("A fault, which ends it: heap pages have the no-execute bit. Code that an attacker writes into a buffer does not run there.")
            .asks("Another process stores an instruction in its heap and jumps there. What happens?")
            .choices(&["It runs", "A fault ends it", "The kernel maps it"], 1)
            .because("Not A: heap pages are writable, so they are not executable.")
            .needs(Features::NX)
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| run(stage, Program::RunData))
            .holds(|stage| ended_by(stage, FaultCause::ExecuteNoExecute)),
        step("No time: the CPU checks them as part of each address translation. Only a violation costs something: a page fault.")
            .asks("Two bits in page-table entries caught all this. How much time do they cost while no access violates them?")
            .choices(&["None", "One check per access", "One fault per page"], 0)
            .because("Not B: the CPU checks them in hardware while it translates the address.")
            .needs(Features::NX)
            .figure(Figure::Walk)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "data"))
            .holds(|_| {
                let access = kernel_space::lock().lookup(DATA).map(|mapping| mapping.access);
                let right = access.is_some_and(|access| {
                    access.contains(Access::WRITE) && !access.contains(Access::EXECUTE)
                });
                fact!(right, "the data page allows {access:?}");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.address("text", VirtAddr::new(image::text().start));
        stage.address("data", DATA);
        Ok(())
    },
};

/// Runs a program in a new process until it ends.
fn run(stage: &mut Stage, program: Program) -> Outcome {
    let process = stage.start(program)?;
    stage.count("process", process.into());
    stage.settle()
}

/// Checks that the kernel ended the process for this cause.
fn ended_by(stage: &Stage, cause: FaultCause) -> Outcome {
    let end = stage.end_of(stage.number("process"))?;
    fact!(end == End::Fault(cause), "the process {end}");
    Ok(())
}
