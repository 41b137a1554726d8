//! Page replacement: one reference string under FIFO, LRU, CLOCK and OPT, with real page faults.

use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::stage::replays::reads;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::paging::FaultCause;
use mm::reclaim::PageReference;

const STRING: [PageReference; 14] = reads([1, 2, 3, 4, 2, 1, 2, 5, 1, 2, 5, 3, 4, 5]);
const FRAMES: usize = 3;

pub const LESSON: Lesson = Lesson {
    name: "page-replacement",
    title: "Page replacement",
    goal: "one reference string under FIFO, LRU, CLOCK and OPT",
    steps: &[
        step("Process {process} may use {frames} frames. Its references to pages 1, 2 and 3 fault, and each page gets a free frame.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.mark_faults();
                stage.count("frames", FRAMES as u64);
                let process = stage.replay(&STRING, FRAMES, "fifo", 3)?;
                stage.count("process", process.into());
                Ok(())
            })
            .holds(|stage| {
                stage.had_faults(3, Some(FaultCause::DemandZero))?;
                stage.has_replayed(0, 3)
            }),
        step("Page 1: it was loaded first. The fault handler unmaps it and gives its frame to page 4.")
            .asks("Every frame is taken, and page 4 is next. FIFO replaces the page that was loaded first. Which page leaves?")
            .choices(&["Page 1", "Page 2", "Page 3"], 0)
            .because("Not C: page 3 was loaded last.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| stage.go_on(4))
            .holds(|stage| {
                stage.has_replayed(0, 4)?;
                has_resident(stage, 4, 1)
            }),
        step("Two. Page 2 is a hit, and leaves at the next fault all the same: FIFO ignores hits. So page 2 faults again.")
            .asks("The process references pages 2, 1 and 2. How many of the three references fault?")
            .choices(&["None", "One", "Two", "Three"], 2)
            .because("Not B: the fault of page 1 takes the frame of page 2.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| stage.go_on(7))
            .holds(|stage| stage.has_replayed(1, 6)),
        step("FIFO has {fifo} faults in 14 references. The CPU and the handler made them: nothing in this table is computed.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.go_on(STRING.len())?;
                note_faults(stage, "fifo")
            })
            .holds(|stage| stage.has_replayed(5, 9)),
        step("LRU replaces the page that was unused for longest. The process traps at each reference, so the kernel knows their order.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                let process = stage.replay(&STRING, FRAMES, "lru", 5)?;
                stage.count("process", process.into());
                Ok(())
            })
            .holds(|stage| stage.has_replayed(1, 4)),
        step("Page 3. Page 2 was loaded before it, but page 2 was referenced a moment ago.")
            .asks("The frames hold pages 4, 2 and 3, and page 1 is next. Which page does LRU replace?")
            .choices(&["Page 4", "Page 2", "Page 3"], 2)
            .because("Not B: FIFO would replace page 2; LRU counts from the last reference.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| stage.go_on(6))
            .holds(|stage| {
                stage.has_replayed(1, 5)?;
                has_resident(stage, 1, 3)
            }),
        step("{lru} faults, one fewer than FIFO. Pages that were used recently are often used again soon.")
            .asks("FIFO had {fifo} faults. How many will LRU have at the end of the string?")
            .choices(&["7", "8", "9", "10"], 1)
            .because("Not 9: LRU still has page 2 at reference 7, where FIFO had a fault.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.go_on(STRING.len())?;
                note_faults(stage, "lru")
            })
            .holds(|stage| stage.has_replayed(6, 8)),
        step("{clock} faults, like LRU. CLOCK needs no trap at a reference: one accessed bit a page replaces the exact order.")
            .asks("A real kernel cannot trap at each reference. CLOCK looks at accessed bits instead. Is it as good as FIFO here?")
            .choices(&["Worse than FIFO", "As good as FIFO", "Better than FIFO"], 2)
            .because("Not B: a page whose bit is set gets a second chance, in FIFO it leaves.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.replay(&STRING, FRAMES, "clock", STRING.len())?;
                note_faults(stage, "clock")
            })
            .holds(|stage| stage.has_replayed(6, 8)),
        step("{opt} faults: OPT replaces the page whose next use is the latest. No policy has fewer, but none can know the future.")
            .asks("Can any policy have fewer than {lru} faults for this string with {frames} frames?")
            .choices(&["Yes", "No"], 0)
            .because("Not B: at reference 4 a policy that knows the future keeps page 1, which comes back at 6.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.replay(&STRING, FRAMES, "opt", STRING.len())?;
                note_faults(stage, "opt")
            })
            .holds(|stage| stage.has_replayed(7, 7)),
    ],
    is_possible: || true,
    prepare: |_| Ok(()),
};

/// Notes the faults of the replay up to now.
fn note_faults(stage: &mut Stage, name: &'static str) -> Outcome {
    let faults = stage.replayed()?.faults;
    stage.count(name, faults);
    Ok(())
}

/// Checks that one page of the replay has a frame and the other one has none.
fn has_resident(stage: &Stage, page: u64, gone: u64) -> Outcome {
    let is_mapped = |page| stage.is_resident(stage.number("process"), page);
    fact!(is_mapped(page)?, "page {page} has no frame");
    fact!(!is_mapped(gone)?, "page {gone} still has a frame");
    Ok(())
}
