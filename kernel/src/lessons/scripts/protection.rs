//! Protection: what may be written cannot be run, what may be run cannot be written, for ring 0 as
//! well.

use crate::lessons::stage::Stage;
use crate::lessons::{Lesson, Outcome, fact, step};
use crate::machine::cpu::Features;
use crate::memory::checks::test_access;
use crate::memory::paging::walk::{self, Half};
use crate::memory::paging::{kernel_space, layout};
use crate::process::End;
use crate::process::programs::Program;
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::paging::{Access, FaultCause};
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::registers::control::{Cr0, Cr0Flags};

/// A page for data; nothing else is mapped near it.
const DATA: VirtAddr = VirtAddr::new(layout::DEMAND_ZERO.as_u64() + (6 << 30));
/// The instruction `ret`.
const RETURN: u8 = 0xc3;

pub const LESSON: Lesson = Lesson {
    name: "protection",
    title: "No-execute and write protection",
    steps: &[
        step("{both}. {executable} of the kernel's {pages} pages may be run, {writable} may be written, and no page both: W^X.")
            .asks("Each page may be written, or run, or neither. How many pages of this kernel may be written and run?")
            .needs(Features::NX)
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
        step("No: a page fault: write to a read-only page. The bit WP in CR0 says that even ring 0 must obey the page tables.")
            .asks("The kernel writes to its own code, at {text}. It runs in ring 0, and may do everything. Will that work?")
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.mark_faults();
                let text = VirtAddr::new(stage.get("text"));
                // SAFETY: the kernel's code is mapped read-only, as was confirmed at boot: nothing is written.
                let written = unsafe { test_access::write(text) };
                fact!(written.is_err(), "code can be written");
                Ok(())
            })
            .holds(|stage| {
                let obeys = Cr0::read().contains(Cr0Flags::WRITE_PROTECT);
                fact!(obeys, "WP is not set");
                stage.had_faults(1, Some(FaultCause::WriteReadOnly))
            }),
        step("No: a page fault: instruction fetch from a no-execute page. The page's entry has the no-execute bit, as every page of data has.")
            .asks("The kernel puts an instruction into a page of data, at {data}, and jumps there. Will it run?")
            .needs(Features::NX)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.map_page(DATA, Tag::KERNEL)?;
                // SAFETY: the page is the lesson's, mapped for writing a moment ago.
                unsafe { DATA.as_mut_ptr::<u8>().write_volatile(RETURN) };
                stage.mark_faults();
                // SAFETY: what is there is an instruction that returns.
                let ran = unsafe { test_access::execute(DATA) };
                fact!(ran.is_err(), "data can be run");
                Ok(())
            })
            .holds(|stage| stage.had_faults(1, Some(FaultCause::ExecuteNoExecute))),
        step("The same fault: its code is read and run, never written. The kernel ends the process; nobody else notices.")
            .asks("A process overwrites its own program. What will become of it?")
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| run(stage, Program::WriteText))
            .holds(|stage| ended_by(stage, FaultCause::WriteReadOnly)),
        step("Ended: its heap has the no-execute bit. An attacker who writes code into a buffer cannot make it run.")
            .asks("Another one writes an instruction into its heap, and jumps there. And now?")
            .needs(Features::NX)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| run(stage, Program::RunData))
            .holds(|stage| ended_by(stage, FaultCause::ExecuteNoExecute)),
        step("No time: the CPU checks them whenever it translates an address, and that it does anyway. Only a breach costs something: a fault.")
            .asks("All this was caught by two bits in the page tables. What do they cost while nobody breaks the rules?")
            .needs(Features::NX)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "data"))
            .holds(|_| {
                let access = kernel_space::lock().lookup(DATA).map(|mapping| mapping.access);
                let right = access.is_some_and(|access| {
                    access.contains(Access::WRITE) && !access.contains(Access::EXECUTE)
                });
                fact!(right, "the page of data allows {access:?}");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.address("text", VirtAddr::new(layout::text().start));
        stage.address("data", DATA);
        Ok(())
    },
};

/// Lets a process run to its end.
fn run(stage: &mut Stage, program: Program) -> Outcome {
    let process = stage.start(program)?;
    stage.count("process", process.into());
    stage.settle()
}

/// Whether it was ended for that.
fn ended_by(stage: &Stage, cause: FaultCause) -> Outcome {
    let end = stage.end_of(stage.number("process"))?;
    fact!(end == End::Fault(cause), "the process {end}");
    Ok(())
}
