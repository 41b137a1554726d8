//! Copy-on-write: after a fork two processes share each frame until one of them writes to it.
//! Reference counts say when a copy is needed.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::memory::paging::user_layout::HEAP;
use crate::memory::physical::frames;
use crate::process::programs::Program;
use crate::process::{End, TABLE};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::{Access, FaultCause};
use x86_64::VirtAddr;

/// Pages that the program fills.
const PAGES: u64 = 8;

pub const LESSON: Lesson = Lesson {
    name: "copy-on-write",
    title: "Copy-on-write",
    goal: "a fork copies no page; reference counts say when a copy is needed",
    steps: &[
        step("Process {parent} has written to {pages} pages of its heap. Each page has a frame of its own, with 1 reference.")
            .figure(Figure::SharedPages)
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
            .holds(|stage| all_have_references(stage, parent(stage), 1)),
        step("None. Both map them, and the program's page too: 2 references each. Only page tables and a kernel stack are new: {allocated} frames.")
            .asks("The process forks: a child process gets the same memory. How many of the {pages} frames are copied?")
            .choices(&["None", "Only the first", "All of them"], 0)
            .because("Nothing has written yet: one frame with the same bytes is enough for both.")
            .figure(Figure::SharedPages)
            .on(Board::Paging, MapMode::References)
            .selects(|stage| stage.selected_page("parent", "page"))
            .acts(|stage| {
                let before = free();
                stage.wake(parent(stage))?;
                let child = child_of(parent(stage))?;
                stage.adopt(child);
                stage.count("child", child.into());
                stage.count("allocated", before - free());
                stage.count("free-shared", free());
                Ok(())
            })
            .holds(|stage| {
                all_have_references(stage, child(stage), 2)?;
                for process in [parent(stage), child(stage)] {
                    let access = access(stage, process, HEAP)?;
                    let shared = access.contains(Access::COPY_ON_WRITE) && !access.contains(Access::WRITE);
                    fact!(shared, "process {process} may do {access:?}");
                }
                Ok(())
            }),
        step("Nothing special: both processes may read the frame. No page fault occurs, and the frame still has 2 references.")
            .asks("The child, process {child}, reads the first page. What happens?")
            .choices(&["A page fault", "Nothing special", "A copy of the frame"], 1)
            .because("Both entries allow reads, so the CPU finds the frame without the kernel.")
            .figure(Figure::SharedPages)
            .on(Board::Paging, MapMode::References)
            .selects(|stage| stage.selected_page("child", "page"))
            .acts(|stage| {
                stage.mark_faults();
                stage.wake(child(stage))
            })
            .holds(|stage| {
                stage.had_faults(0, None)?;
                all_have_references(stage, child(stage), 2)
            }),
        step("The CPU faults, and the handler copies this one frame, ①{old}, to ②{copy}. The other {others} stay shared.")
            .asks("The child writes to this page, which is read-only for both processes. What does the kernel do?")
            .choices(&["End the child", "Copy all frames", "Copy this one frame", "Allow the write, copy nothing"], 2)
            .because("Not D: the parent would then read what the child wrote.")
            .figure(Figure::SharedPages)
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
                has_references(stage, child(stage), 0, 1)?;
                has_references(stage, parent(stage), 0, 1)
            }),
        step("No. Frame ①{old} has 1 reference left, the parent's. The handler makes the page writable and copies nothing.")
            .asks("The parent writes to the same page. Its entry is still read-only. Is the frame copied once more?")
            .choices(&["Yes", "No"], 1)
            .because("With 1 reference, no other process can see the write.")
            .figure(Figure::SharedPages)
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
        step("Each loses one reference and stays, because the parent maps it. The child's private copy is free.")
            .asks("The child ends. What happens to the {others} frames that both processes still share?")
            .choices(&["They become free", "They stay, with 1 reference", "They are copied"], 1)
            .because("Not A: only a frame with 0 references is free.")
            .figure(Figure::SharedPages)
            .on(Board::Paging, MapMode::References)
            .selects(|stage| stage.selected_page("parent", "second-page"))
            .acts(|stage| stage.wake(child(stage)))
            .holds(|stage| {
                let end = stage.end_of(child(stage))?;
                fact!(end == End::Exit(0), "the child {end}");
                all_have_references(stage, parent(stage), 1)
            }),
        step("It faults, because the entry is still read-only. The reference count is 1, so the handler copies nothing.")
            .asks("The parent writes to its second page, which no other process maps now. Does it fault? Is a frame copied?")
            .choices(&["No fault, no copy", "A fault, no copy", "A fault and a copy"], 1)
            .because("Not A: the entry stays read-only until the handler changes it.")
            .figure(Figure::SharedPages)
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
        step("The parent ends as well. Its frames have no reference left, and {free} frames are free, as at the start.")
            .figure(Figure::Memory)
            .on(Board::Paging, MapMode::State)
            .near(|stage| stage.around("second"))
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

/// The number of the process that this one forked.
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

/// Checks that the frame of a page of the process has this many references.
fn has_references(stage: &Stage, process: u32, page: u64, expected: u32) -> Outcome {
    let frame = stage.frame_of(process, HEAP + page * frames::FRAME)?;
    let users = frames::references(frame);
    fact!(
        users == expected,
        "page {page} of process {process} has {users} references, not {expected}"
    );
    Ok(())
}

/// Checks that the frames of all pages of the process have this many references.
fn all_have_references(stage: &Stage, process: u32, expected: u32) -> Outcome {
    (0..PAGES).try_for_each(|page| has_references(stage, process, page, expected))
}
