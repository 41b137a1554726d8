//! Belady's anomaly: under FIFO a string can fault more often with more frames.

use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::lessons::stage::replays::reads;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::reclaim::PageReference;

/// The string of Belady, Nelson and Shedler (1969).
const STRING: [PageReference; 12] = reads([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]);
/// Replays for the comparison: those that the screen shows come last.
const OTHERS: [(&str, usize); 15] = [
    ("fifo", 1),
    ("fifo", 2),
    ("fifo", 5),
    ("lru", 1),
    ("lru", 2),
    ("lru", 5),
    ("opt", 1),
    ("opt", 2),
    ("opt", 5),
    ("opt", 3),
    ("opt", 4),
    ("lru", 3),
    ("lru", 4),
    ("fifo", 3),
    ("fifo", 4),
];

pub const LESSON: Lesson = Lesson {
    name: "belady",
    title: "Belady's anomaly",
    goal: "more frames can mean more page faults",
    steps: &[
        step("A process replays 12 references with 3 frames under FIFO. The fault handler counts {three} faults.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| replay(stage, "fifo", 3, "three"))
            .holds(|stage| stage.has_replayed(3, 9)),
        step("{four}: one more. With 4 frames pages 1 and 2 are hits at references 5 and 6, so FIFO replaces them just before they are needed.")
            .asks("With 3 frames FIFO has {three} faults. The process gets a fourth frame. How many faults now?")
            .choices(&["5", "7", "9", "10"], 3)
            .because("This is Belady's anomaly. The pages in 3 frames are not always among those in 4.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| replay(stage, "fifo", 4, "four"))
            .holds(|stage| stage.has_replayed(2, 10)),
        step("Fewer: {lru4} faults with 4 frames, {lru3} with 3. What LRU keeps in 3 frames, it also keeps in 4.")
            .asks("And LRU? Does it have more faults with 4 frames than with 3?")
            .choices(&["More", "Fewer"], 1)
            .because("Not A: the 3 pages used last are always among the 4 used last.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                replay(stage, "lru", 3, "lru3")?;
                replay(stage, "lru", 4, "lru4")
            })
            .holds(|stage| {
                fact!(stage.get("lru3") == 10, "LRU has {} faults", stage.get("lru3"));
                stage.has_replayed(4, 8)
            }),
        step("Only FIFO: 9 faults become 10 between 3 and 4 frames. With 5 frames each page faults once, under every policy.")
            .asks("The table at the right will have 1 to 5 frames. Which policies have a place where more frames mean more faults?")
            .choices(&["FIFO", "FIFO and LRU", "FIFO, LRU and OPT"], 0)
            .because("LRU and OPT have the inclusion property: more frames keep a superset.")
            .figure(Figure::Replacement)
            .on(Board::Faults, MapMode::Tags)
            .acts(|stage| {
                for (policy, frames) in OTHERS {
                    replay(stage, policy, frames, "last")?;
                    let is_known = match (policy, frames) {
                        ("fifo", 3) => stage.get("last") == 9,
                        ("opt", 3) => stage.get("last") == 7,
                        ("opt", 4) => stage.get("last") == 6,
                        (_, 5) => stage.get("last") == 5,
                        _ => true,
                    };
                    fact!(is_known, "{policy}, {frames} frames: {} faults", stage.get("last"));
                }
                Ok(())
            })
            .holds(|stage| stage.has_replayed(2, 10)),
    ],
    is_possible: || true,
    prepare: |_| Ok(()),
};

/// Replays the string to its end, and notes the faults.
fn replay(stage: &mut Stage, policy: &str, frames: usize, name: &'static str) -> Outcome {
    stage.replay(&STRING, frames, policy, STRING.len())?;
    let faults = stage.replayed()?.faults;
    stage.count(name, faults);
    Ok(())
}
