//! Copy-on-write: two processes share every frame until one of them writes; reference counts say
//! when a copy is needed.

use crate::lessons::stage::Stage;
use crate::lessons::{Failure, Lesson, Outcome, fact, step};
use crate::memory::physical::frames;
use crate::process::address_space::HEAP;
use crate::process::programs::Program;
use crate::process::{End, TABLE};
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::paging::{Access, FaultCause};
use x86_64::VirtAddr;

/// Pages that the program fills.
const PAGES: u64 = 8;

pub const LESSON: Lesson = Lesson {
    name: "copy-on-write",
    title: "Copy-on-write",
    steps: &[
        step("Process {parent} has filled {pages} pages. Behind each is a frame of its own, with one reference.")
            .on(Board::Paging, MapMode::References)
            .selects(|stage| stage.selected_page("parent", "page"))
            .acts(|stage| {
                stage.count("free", free());
                let parent = stage.start(Program::Share)?;
                stage.settle()?;
                stage.count("parent", parent.into());
                stage.count("pages", PAGES);
                stage.address("page", HEAP);
                stage.address("second-page", HEAP + frames::FRAME);
                stage.mark_faults();
                Ok(())
            })
            .holds(|stage| all_have(stage, parent(stage), 1)),
        step("None. Both processes map the same frames, each with 2 references. Only page tables and a kernel stack are new: {taken} frames.")
            .asks("It forks: a second process with the same memory. How many of the {pages} frames will be copied?")
            .on(Board::Paging, MapMode::References)
            .selects(|stage| stage.selected_page("parent", "page"))
            .acts(|stage| {
                let before = free();
                stage.wake(parent(stage))?;
                let child = child_of(parent(stage))?;
                stage.adopt(child);
                stage.count("child", child.into());
                stage.count("taken", before - free());
                stage.count("free-shared", free());
                Ok(())
            })
            .holds(|stage| {
                all_have(stage, child(stage), 2)?;
                for process in [parent(stage), child(stage)] {
                    let access = access(stage, process, HEAP)?;
                    let shared = access.contains(Access::COPY_ON_WRITE) && !access.contains(Access::WRITE);
                    fact!(shared, "process {process} may do {access:?}");
                }
                Ok(())
            }),
        step("Nothing. Both may read the frame, so nobody needs a copy: no fault, and still 2 references.")
            .asks("Process {child}, the child, reads the first page. What will happen?")
            .on(Board::Paging, MapMode::References)
            .selects(|stage| stage.selected_page("child", "page"))
            .acts(|stage| {
                stage.mark_faults();
                stage.wake(child(stage))
            })
            .holds(|stage| {
                stage.had_faults(0, None)?;
                all_have(stage, child(stage), 2)
            }),
        step("The CPU faults, and the handler copies this one frame: {old} to {copy}. The other {others} stay shared.")
            .asks("Now the child writes to this page, which is read-only for both. What will the kernel do?")
            .on(Board::Faults, MapMode::References)
            .selects(|stage| stage.selected_page("child", "page"))
            .acts(|stage| {
                stage.mark_faults();
                stage.frame("old", stage.frame_of(child(stage), HEAP)?);
                stage.wake(child(stage))?;
                stage.frame("copy", stage.frame_of(child(stage), HEAP)?);
                stage.count("others", PAGES - 1);
                Ok(())
            })
            .holds(|stage| {
                stage.had_faults(1, Some(FaultCause::CopyOnWrite))?;
                fact!(stage.get("old") != stage.get("copy"), "the frame was not copied");
                fact!(free() + 1 == stage.get("free-shared"), "{} frames are free", free());
                has(stage, child(stage), 0, 1)?;
                has(stage, parent(stage), 0, 1)
            }),
        step("No. Nobody else has {old} any more: 1 reference. The handler just allows writing, and copies nothing.")
            .asks("The parent writes to the same page; its entry is still read-only. Will the frame be copied once more?")
            .on(Board::Faults, MapMode::References)
            .selects(|stage| stage.selected_page("parent", "page"))
            .acts(|stage| {
                stage.mark_faults();
                stage.wake(parent(stage))
            })
            .holds(|stage| {
                stage.had_faults(1, None)?;
                let frame = stage.frame_of(parent(stage), HEAP)?.start_address().as_u64();
                fact!(frame == stage.get("old"), "the parent's frame is {frame:#x} now");
                fact!(free() + 1 == stage.get("free-shared"), "{} frames are free", free());
                let access = access(stage, parent(stage), HEAP)?;
                fact!(access.contains(Access::WRITE), "the parent may do {access:?}");
                Ok(())
            }),
        step("They lose one reference each and stay, because the parent has them. The child's own copy, {copy}, is free.")
            .asks("The child ends. What becomes of the {others} frames that both still share?")
            .on(Board::Paging, MapMode::References)
            .selects(|stage| stage.selected_page("parent", "page"))
            .acts(|stage| stage.wake(child(stage)))
            .holds(|stage| {
                let end = stage.end_of(child(stage))?;
                fact!(end == End::Exit(0), "the child {end}");
                all_have(stage, parent(stage), 1)
            }),
        step("Yes, a fault: the entry still says read-only. But the count is 1, so nothing is copied. That is what the count is for.")
            .asks("The parent is alone, and writes to its second page. Will that fault? Will a frame be copied?")
            .on(Board::Faults, MapMode::References)
            .selects(|stage| stage.selected_page("parent", "second-page"))
            .acts(|stage| {
                stage.mark_faults();
                let second = HEAP + frames::FRAME;
                stage.frame("second", stage.frame_of(parent(stage), second)?);
                stage.wake(parent(stage))
            })
            .holds(|stage| {
                stage.had_faults(1, None)?;
                let second = stage.frame_of(parent(stage), HEAP + frames::FRAME)?;
                let same = second.start_address().as_u64() == stage.get("second");
                fact!(same, "the frame was copied to {second:?}");
                Ok(())
            }),
        step("The parent ends as well: every count reaches 0, and {free} frames are free, as before.")
            .on(Board::Paging, MapMode::References)
            .selects(|stage| stage.selected_page("parent", "page"))
            .acts(|stage| stage.wake(parent(stage)))
            .holds(|stage| {
                let end = stage.end_of(parent(stage))?;
                fact!(end == End::Exit(0), "the parent {end}");
                fact!(free() == stage.get("free"), "{} frames are free", free());
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |_| Ok(()),
};

fn parent(stage: &Stage) -> u32 {
    stage.get("parent") as u32
}

fn child(stage: &Stage) -> u32 {
    stage.get("child") as u32
}

fn free() -> u64 {
    frames::lock().statistics().free
}

/// The process that this one forked.
fn child_of(parent: u32) -> Result<u32, Failure> {
    let table = TABLE.lock();
    let mut children = table.iter().filter(|process| process.parent == parent);
    let child = children.next().map(|process| process.number);
    child.ok_or_else(|| Failure::wrong(format_args!("process {parent} has no child")))
}

fn access(stage: &Stage, process: u32, page: VirtAddr) -> Result<Access, Failure> {
    let found = stage.process(process, |process| process.space.lookup(page))?;
    Ok(found.map_or(Access::empty(), |mapping| mapping.access))
}

/// Whether the frame behind a page of the process has so many references.
fn has(stage: &Stage, process: u32, page: u64, wanted: u32) -> Outcome {
    let frame = stage.frame_of(process, HEAP + page * frames::FRAME)?;
    let users = frames::references(frame);
    fact!(
        users == wanted,
        "page {page} of process {process} has {users} references, not {wanted}"
    );
    Ok(())
}

fn all_have(stage: &Stage, process: u32, wanted: u32) -> Outcome {
    (0..PAGES).try_for_each(|page| has(stage, process, page, wanted))
}
