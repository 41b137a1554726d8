//! The clock: accessed bits, the hand, and a second chance.

use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::stage::replays::reads;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::reclaim::PageReference;

const STRING: [PageReference; 12] = reads([1, 2, 3, 4, 2, 5, 1, 4, 5, 2, 4, 3]);
const FRAMES: usize = 3;

pub const LESSON: Lesson = Lesson {
    name: "clock",
    title: "The clock: a second chance",
    goal: "accessed bits, the hand, and a second chance",
    steps: &[
        step("Pages 1, 2 and 3 are in {frames} frames. Each reference sets the accessed bit A of its page. The hand is at page 1.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.count("frames", FRAMES as u64);
                let process = stage.replay(&STRING, FRAMES, "clock", 3)?;
                stage.count("process", process.into());
                Ok(())
            })
            .holds(|stage| stage.has_replayed(0, 3)),
        step("Page 1. The hand finds three bits set and clears them. Back at page 1 it finds a clear bit, so page 4 gets this frame.")
            .asks("Page 4 is next. The hand replaces the first page whose bit is clear, and clears the bits that it passes. Which page leaves?")
            .choices(&["Page 1", "Page 2", "Page 3"], 0)
            .because("If all bits are set, the clock decides as FIFO does.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| stage.go_on(4))
            .holds(|stage| {
                stage.has_replayed(0, 4)?;
                leaves(stage, 4, 1)
            }),
        step("Its accessed bit is set, and nothing else changes. A hit costs no fault, and the hand stays at page 2.")
            .asks("The process reads page 2. What changes?")
            .choices(&["Nothing", "The accessed bit of page 2", "The hand moves", "Page 2 moves to another frame"], 1)
            .because("Not C: the hand moves only when a frame is needed.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| stage.go_on(5))
            .holds(|stage| stage.has_replayed(1, 4)),
        step("Page 3. Page 2 gets a second chance: the hand clears its bit and passes on. FIFO would have replaced page 2.")
            .asks("Page 5 is next, and the hand is at page 2. Which page leaves?")
            .choices(&["Page 4", "Page 2", "Page 3"], 2)
            .because("Not B: the bit of page 2 is set.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| stage.go_on(6))
            .holds(|stage| {
                stage.has_replayed(1, 5)?;
                leaves(stage, 5, 3)
            }),
        step("Page 2. The hand clears the bit of page 4, then finds that of page 2 still clear: its second chance is over.")
            .asks("Page 1 is next, and the hand is at page 4. Which page leaves?")
            .choices(&["Page 4", "Page 2", "Page 5"], 1)
            .because("Not A: the bit of page 4 was set when page 4 was loaded.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| stage.go_on(7))
            .holds(|stage| {
                stage.has_replayed(1, 6)?;
                leaves(stage, 1, 2)
            }),
        step("CLOCK has {clock} faults, FIFO {fifo}, LRU {lru}. CLOCK needs one bit for each page, which the CPU sets.")
            .asks("The process makes the other references. Then it replays the string under FIFO and LRU. Which policy has the fewest faults?")
            .choices(&["FIFO", "LRU", "CLOCK", "All have the same"], 2)
            .because("On most strings LRU is at least as good; here it is unlucky.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                stage.go_on(STRING.len())?;
                note(stage, "clock")?;
                for policy in ["lru", "fifo"] {
                    stage.replay(&STRING, FRAMES, policy, STRING.len())?;
                    note(stage, policy)?;
                }
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("clock") == 8, "CLOCK has {} faults", stage.get("clock"));
                fact!(stage.get("lru") == 9, "LRU has {} faults", stage.get("lru"));
                stage.has_replayed(3, 9)
            }),
    ],
    is_possible: || true,
    prepare: |_| Ok(()),
};

fn note(stage: &mut Stage, name: &'static str) -> Outcome {
    let faults = stage.replayed()?.faults;
    stage.count(name, faults);
    Ok(())
}

/// Checks that one page of the replay has a frame and the other one has none.
fn leaves(stage: &Stage, page: u64, gone: u64) -> Outcome {
    let is_mapped = |page| stage.is_resident(stage.number("process"), page);
    fact!(is_mapped(page)?, "page {page} has no frame");
    fact!(!is_mapped(gone)?, "page {gone} still has a frame");
    Ok(())
}
