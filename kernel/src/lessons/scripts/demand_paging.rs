//! Demand paging: the kernel reserves memory at once, and allocates its frames at the first touch.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::memory::paging::walk;
use crate::memory::physical::frames::FRAME;
use crate::process::programs::Program;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::{FaultCause, RegionPolicy};
use x86_64::VirtAddr;

/// Pages of the program's mapping.
const PAGES: u64 = 64;
/// Pages that it touches one after another.
const MORE: u32 = 30;

pub const LESSON: Lesson = Lesson {
    name: "demand-paging",
    title: "Demand paging",
    goal: "memory is reserved at once, and gets frames at the first touch",
    steps: &[
        step("None. It gets addresses from ①{start} on: reserved, not yet mapped. Each page gets its frame at the first touch.")
            .asks("Process {process} requests {pages} pages of memory. How many frames does it get now?")
            .choices(&["None", "One", "One for each page"], 0)
            .because("Not C: a request only reserves addresses.")
            .figure(Figure::Fault)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("process", "page"))
            .acts(|stage| {
                let process = stage.number("process");
                stage.settle()?;
                let start = mapping_of(stage, process)?;
                stage.address("start", start);
                stage.address("page", start);
                Ok(())
            })
            .holds(|stage| {
                let present = present(stage)?;
                fact!(present == 0, "{present} pages of the mapping have a frame");
                Ok(())
            }),
        step("A page fault: the page is not mapped. The handler finds the reservation and maps a zeroed frame. The CPU repeats the access.")
            .asks("The process touches its first page. What happens?")
            .choices(&["The kernel ends it", "A fault, then a retry", "It reads old data"], 1)
            .because("Not A: the fault is in a reserved range, so the kernel can resolve it.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::Tags)
            .selects(|stage| stage.selected_page("process", "page"))
            .acts(touch)
            .holds(|stage| {
                stage.had_faults(1, Some(FaultCause::DemandZero))?;
                let present = present(stage)?;
                fact!(present == 1, "{present} pages have a frame");
                Ok(())
            }),
        step("Four: one for the page, and one each for PDPT ①{pdpt}, page directory ②{pd} and page table ③{pt}. Nothing was mapped near it.")
            .asks("How many frames did the kernel allocate for this one touch?")
            .choices(&["1", "More than 1", "One for each page"], 1)
            .because("Not A: the page also needs page tables that lead to it.")
            .figure(Figure::Walk)
            .conceals()
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("process", "page"))
            .acts(|stage| {
                stage.count("tables", stage.get("allocated") - 1);
                note_tables(stage)
            })
            .holds(|stage| {
                fact!(stage.get("tables") == 3, "{} tables", stage.get("tables"));
                Ok(())
            }),
        step("{allocated} frame. The touch causes a page fault again, but the page tables exist already.")
            .asks("The process touches its second page. How many frames does the kernel allocate?")
            .choices(&["None", "1", "As many as before"], 1)
            .because("Not C: the page tables that the first page needed serve this page too.")
            .figure(Figure::Fault)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("process", "page"))
            .acts(|stage| {
                stage.address("page", VirtAddr::new(stage.get("start") + FRAME));
                touch(stage)
            })
            .holds(|stage| {
                stage.had_faults(1, Some(FaultCause::DemandZero))?;
                fact!(stage.get("allocated") == 1, "{} frames were allocated", stage.get("allocated"));
                Ok(())
            }),
        step("{touched} of {pages} pages have a frame. The other pages are only reserved, so they use no frames.")
            .figure(Figure::Fault)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("process", "page"))
            .meanwhile("The process touches page after page.")
            .beats(MORE)
            .acts(|stage| {
                touch(stage)?;
                stage.count("touched", present(stage)?);
                Ok(())
            })
            .holds(|stage| {
                let (touched, expected) = (stage.get("touched"), 2 + u64::from(MORE));
                fact!(touched == expected, "{touched} pages have a frame, not {expected}");
                Ok(())
            }),
        step("Zeros. The program reads each page before it writes, and ends if it finds anything else. No process sees old data of another.")
            .asks("These frames had other users before. What did the process find in them?")
            .choices(&["Data of another process", "Zeros", "A pattern"], 1)
            .because("Not A: that would leak data of another process, so the kernel zeroes each frame.")
            .figure(Figure::Fault)
            .on(Board::Paging, MapMode::Tags)
            .selects(|stage| stage.selected_page("process", "page"))
            .holds(|stage| {
                let lives = stage.process(stage.number("process"), |process| process.turns)?;
                fact!(lives > 0, "the program had no turn");
                Ok(())
            }),
        step("All of them, page tables and stacks too: {free} frames are free, as at the start.")
            .asks("The kernel ends the process. How many of its frames become free?")
            .choices(&["Only its pages", "All of them", "None until it is reaped"], 1)
            .because("Not A: page tables and stacks would then be lost with each process.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::Tags)
            .acts(|stage| {
                stage.end_oldest();
                Ok(())
            })
            .holds(|stage| stage.all_is_free()),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.count("free", stage.free_frames());
        stage.count("pages", PAGES);
        let process = stage.start(Program::Toucher)?;
        stage.count("process", process.into());
        Ok(())
    },
};

/// The start of the mapping of the process.
fn mapping_of(stage: &Stage, process: u32) -> Result<VirtAddr, Failure> {
    let start = stage.process(process, |process| {
        let mut regions = process.space.regions().iter();
        let found = regions.find(|region| region.policy == RegionPolicy::DemandZero);
        found.map(|region| region.start)
    })?;
    start.ok_or_else(|| Failure::wrong(format_args!("process {process} has no mapping")))
}

/// The number of pages of the mapping that have a frame.
fn present(stage: &Stage) -> Result<u64, Failure> {
    let start = VirtAddr::new(stage.get("start"));
    stage.process(stage.number("process"), |process| {
        let pages = (0..PAGES).map(|page| process.space.lookup(start + page * FRAME));
        pages.flatten().count() as u64
    })
}

/// Notes the tables below the root that lead to the first page.
fn note_tables(stage: &mut Stage) -> Outcome {
    let page = VirtAddr::new(stage.get("page"));
    let root = stage.process(stage.number("process"), |process| process.space.root())?;
    let walk = walk::decode(root, page);
    for (name, step) in ["pdpt", "pd", "pt"].into_iter().zip(walk.steps()) {
        stage.note(name, Note::Address(step.entry.address().as_u64()));
    }
    Ok(())
}

/// Lets the process touch its next page.
fn touch(stage: &mut Stage) -> Outcome {
    let before = stage.free_frames();
    stage.mark_faults();
    stage.wake(stage.number("process"))?;
    stage.count("allocated", before - stage.free_frames());
    Ok(())
}
