//! Guard pages: pages that are never mapped, where something could run over its end.

use crate::interrupts::page_fault;
use crate::lessons::{Failure, Lesson, fact, step};
use crate::memory::checks::test_access;
use crate::memory::heap::kmalloc;
use crate::memory::paging::{guard_pages, stacks};
use crate::memory::physical::frames::FRAME;
use crate::process::End;
use crate::process::programs::Program;
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::paging::FaultCause;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Bytes of the guarded allocation.
const BYTES: usize = 100;

pub const LESSON: Lesson = Lesson {
    name: "guard-pages",
    title: "Guard pages",
    steps: &[
        step("A page fault. The handler knows whose end that page guards: its log names the stack. Here it was a probe, so the kernel goes on.")
            .asks("Below the kernel's stack, at {guard}, is a page that is never mapped. What happens when somebody reads there?")
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.mark_faults();
                let guard = VirtAddr::new(stage.get("guard"));
                fact!(test_access::read(guard).is_err(), "it can be read");
                Ok(())
            })
            .holds(|stage| stage.had_faults(1, Some(FaultCause::Guard))),
        step("None: a guard page is an entry of a table that stays empty. It costs addresses, and of those there are plenty.")
            .asks("There are {guards} such places now. How much memory do they cost?")
            .on(Board::Paging, MapMode::Tags)
            .holds(|stage| {
                let guard = VirtAddr::new(stage.get("guard"));
                let mapped = crate::memory::paging::kernel_space::is_mapped(guard);
                fact!(!mapped, "there is a frame at {guard:#x}");
                Ok(())
            }),
        step("First the stack grows, a page at each fault: {grown} pages. At its limit comes the guard page: the process is ended.")
            .asks("A process pushes onto its stack, again and again, without end. Where will it be stopped?")
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.mark_faults();
                let before = page_fault::count();
                let process = stage.start(Program::Overflow)?;
                stage.settle()?;
                stage.count("process", process.into());
                stage.count("grown", page_fault::count() - before - 1);
                Ok(())
            })
            .holds(|stage| {
                stage.had_faults(stage.get("grown") + 1, Some(FaultCause::Guard))?;
                let end = stage.end_of(stage.number("process"))?;
                fact!(end == End::Fault(FaultCause::Guard), "the process {end}");
                fact!(stage.get("grown") > 0, "the stack did not grow");
                Ok(())
            }),
        step("Whatever lies below its stack, without a word. With it nobody else was touched: {free} frames are free, as before.")
            .asks("Had there been no guard page: what would the next push have overwritten?")
            .on(Board::Overview, MapMode::Tags)
            .holds(|stage| stage.all_is_back()),
        step("At {block}: its last byte is the last one of a page, and behind that page is a guard.")
            .asks("The heap can do the same for one block: {bytes} bytes, so that even one byte too far is seen. Where in its page must it lie?")
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("", "block"))
            .acts(|stage| {
                let block = stage.keep(guarded_buffer()?)?;
                stage.address("block", block);
                stage.address("behind", block + BYTES as u64);
                Ok(())
            })
            .holds(|stage| {
                let end = stage.get("behind");
                fact!(end.is_multiple_of(FRAME), "it ends at {end:#x}");
                Ok(())
            }),
        step("At the very instruction: a fault at {behind}. In its log the handler says more: 0 bytes behind the end of {bytes}, and who allocated them.")
            .asks("Somebody reads one byte behind its end, at {behind}. When will that be noticed?")
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.mark_faults();
                let behind = VirtAddr::new(stage.get("behind"));
                fact!(test_access::read(behind).is_err(), "it can be read");
                Ok(())
            })
            .holds(|stage| stage.had_faults(1, Some(FaultCause::Guard))),
        step("It faults as well: its page is gone. Each such block costs a page, so this is for finding a bug, not for every day.")
            .asks("The block is given back, and read once more. What now?")
            .on(Board::Faults, MapMode::Tags)
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
        stage.count("guards", guard_regions());
        stage.count("bytes", BYTES as u64);
        stage.count("free", stage.free_frames());
        Ok(())
    },
};

/// Whoever reads too far is told that this function asked for the block.
#[inline(never)]
fn guarded_buffer() -> Result<VirtAddr, Failure> {
    let block = kmalloc::kmalloc_guarded(BYTES, 1, Tag::KERNEL)?;
    core::hint::black_box(block);
    Ok(block)
}

/// How many ranges of the kernel's addresses are guarded now.
fn guard_regions() -> u64 {
    let mut count = 0;
    crate::memory::paging::regions::for_each(|region| {
        count += u64::from(region.policy == mm::paging::RegionPolicy::Guard);
    });
    count
}
