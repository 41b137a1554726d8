//! Guard pages: pages that are never mapped, beside stacks and blocks that could overflow.

use crate::lessons::failure::{Failure, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::memory::checks::test_access;
use crate::memory::heap::kmalloc;
use crate::memory::paging::{guard_pages, stacks};
use crate::memory::physical::frames::FRAME;
use crate::process::End;
use crate::process::programs::Program;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::{FaultCause, RegionPolicy};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Bytes of the guarded allocation.
const BYTES: usize = 100;

pub const LESSON: Lesson = Lesson {
    name: "guard-pages",
    title: "Guard pages",
    goal: "pages that are never mapped, beside stacks and heap blocks",
    steps: &[
        step("A page fault. The handler knows which stack this guard page protects, and logs its name. This is a test access, so the kernel continues.")
            .asks("The page below the kernel's stack, at {guard}, is never mapped. What happens when the kernel reads there?")
            .choices(&["It reads zeros", "A page fault", "It reads other data"], 1)
            .because("Not C: nothing is mapped there, so no data can be read.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "guard"))
            .acts(|stage| {
                stage.mark_faults();
                let guard = VirtAddr::new(stage.get("guard"));
                fact!(test_access::read(guard).is_err(), "it can be read");
                Ok(())
            })
            .holds(|stage| stage.had_faults(1, Some(FaultCause::Guard))),
        step("None: its page-table entry is empty, so the walk ends without a frame. It uses only virtual addresses, which are plentiful.")
            .asks("How much physical memory does the guard page at {guard} use?")
            .choices(&["One frame", "None", "A part of a frame"], 1)
            .because("Not A: an empty entry needs no frame.")
            .figure(Figure::Walk)
            .conceals()
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "guard"))
            .holds(|stage| {
                let guard = VirtAddr::new(stage.get("guard"));
                let mapped = crate::memory::paging::kernel_space::is_mapped(guard);
                fact!(!mapped, "there is a frame at {guard:#x}");
                Ok(())
            }),
        step("One page per fault: the first push into a page faults, and the kernel maps it. ①{grown} of the {all} pages of the stack have a frame.")
            .asks("A process starts with a stack of one page, and pushes 16 pages of values onto it. How does the stack grow?")
            .choices(&["One page per fault", "All at once", "It may not grow"], 0)
            .because("Not B: pages that are never touched get no frame.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.mark_faults();
                let process = stage.start(Program::Push)?;
                stage.count("process", process.into());
                stage.settle()?;
                let (guard, pages, grown) = stack_of(stage, process)?;
                stage.address("stack-guard", guard);
                stage.count("all", pages);
                stage.count("grown", grown);
                Ok(())
            })
            .holds(|stage| {
                let grown = stage.get("grown");
                fact!((16..=18).contains(&grown), "{grown} pages have a frame");
                stage.had_faults(16, Some(FaultCause::StackGrowth))
            }),
        step("At the guard page: the kernel ends the process. Without that page, the push would overwrite what is mapped below the stack.")
            .asks("The process pushes on in an endless loop. Where does it stop?")
            .choices(&["At the guard page", "At the end of memory", "At its next fault"], 0)
            .because("Not C: the next faults only grow the stack.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .selects(|stage| stage.selected_page("process", "stack-guard"))
            .acts(|stage| {
                stage.mark_faults();
                stage.wake(stage.number("process"))
            })
            .holds(|stage| {
                let left = stage.get("all") - stage.get("grown");
                stage.had_faults(left + 1, Some(FaultCause::Guard))?;
                let end = stage.end_of(stage.number("process"))?;
                fact!(end == End::Fault(FaultCause::Guard), "the process {end}");
                stage.all_is_free()
            }),
        step("At ①{block}, so that its last byte is the last byte of the page. The next page is a guard page.")
            .asks("The heap can guard one block of {bytes} bytes, so that even one byte too far faults. Where in its page must the block lie?")
            .choices(&["At its start", "At its end", "Anywhere"], 1)
            .because("Not A: the bytes after the block would be mapped, so no access faults there.")
            .figure(Figure::Fault)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "block"))
            .acts(|stage| {
                let block = stage.keep(guarded_buffer()?)?;
                stage.address("block", block);
                stage.address("after", block + BYTES as u64);
                Ok(())
            })
            .holds(|stage| {
                let end = stage.get("after");
                fact!(end.is_multiple_of(FRAME), "it ends at {end:#x}");
                Ok(())
            }),
        step("At the instruction itself: a page fault at ①{after}. The log also names the function that allocated the block.")
            .asks("The kernel reads the first byte past the block's end, at {after}. When is this detected?")
            .choices(&["When it is freed", "At the instruction", "Never"], 1)
            .because("Not A: a redzone is checked then, but a guard page faults at once.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "after"))
            .acts(|stage| {
                stage.mark_faults();
                let after = VirtAddr::new(stage.get("after"));
                fact!(test_access::read(after).is_err(), "it can be read");
                Ok(())
            })
            .holds(|stage| stage.had_faults(1, Some(FaultCause::Guard))),
        step("A page fault: its page is unmapped. Each guarded block uses whole pages, so this is a debugging tool, not the default.")
            .asks("The kernel frees the block and reads it once more. What happens?")
            .choices(&["It reads the old data", "A page fault"], 1)
            .because("Not A: the freed page is unmapped at once.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "block"))
            .acts(|stage| {
                let block = VirtAddr::new(stage.get("block"));
                stage.free(block)?;
                stage.mark_faults();
                fact!(test_access::read(block).is_err(), "it can be read");
                Ok(())
            })
            .holds(|stage| stage.had_faults(1, Some(FaultCause::Guard))),
    ],
    is_possible: guard_pages::is_on,
    prepare: |stage| {
        let guard = stacks::guard_below(stacks::Owner::Main);
        let guard = guard.ok_or("the kernel's stack has no guard page")?;
        stage.address("guard", guard);
        stage.count("bytes", BYTES as u64);
        stage.count("free", stage.free_frames());
        Ok(())
    },
};

/// The guard page of a process's stack, the pages of the stack, and how many have a frame.
fn stack_of(stage: &Stage, process: u32) -> Result<(VirtAddr, u64, u64), Failure> {
    let stack = stage.process(process, |process| {
        let mut regions = process.space.regions().iter();
        let stack = regions.find(|region| region.policy == RegionPolicy::Stack)?;
        let all = stack.bytes / FRAME;
        let pages = (0..all).map(|page| process.space.lookup(stack.start + page * FRAME));
        Some((stack.start - FRAME, all, pages.flatten().count() as u64))
    })?;
    stack.ok_or_else(|| Failure::wrong(format_args!("process {process} has no stack")))
}

/// Allocates the guarded block: the report of the fault names this function.
#[inline(never)]
fn guarded_buffer() -> Result<VirtAddr, Failure> {
    let block = kmalloc::kmalloc_guarded(BYTES, 1, Tag::KERNEL)?;
    core::hint::black_box(block);
    Ok(block)
}
