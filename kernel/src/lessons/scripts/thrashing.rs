//! Thrashing: processes whose working sets do not fit fault all the time and hardly work.
//!
//! Each process writes to all of its 64 pages in a round. The kernel leaves frames for 150 pages:
//! enough for two processes, too few for three.

use crate::interrupts::page_fault;
use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, LessonStep, step};
use crate::lessons::stage::Stage;
use crate::memory::swap;
use crate::process::{self, programs::Program};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;

/// The pages of a process, as in the program.
const PAGES: u64 = 64;
/// The frames that the kernel leaves for pages of the processes.
const FRAMES: u64 = 150;
/// The rounds of a step, one a beat.
const ROUNDS: u32 = 4;

pub const LESSON: Lesson = Lesson {
    name: "thrashing",
    title: "Thrashing",
    goal: "the working sets do not fit: faults explode, and useful work falls",
    steps: &[
        rounds("Process {a} used {used} pages in each round: its working set. There were {faults} faults, all at first touches.")
            .asks("{frames} frames are left for processes. Process {a} writes to its 64 pages, four times each. How many page faults?")
            .choices(&["None", "64", "256"], 1)
            .because("Not C: only the first touch of a page faults, because frames suffice.")
            .beats(ROUNDS)
            .acts(|stage| round(stage, &["a"]))
            .holds(|stage| {
                uses(stage, 1)?;
                has_faults(stage, PAGES, PAGES)
            }),
        rounds("{faults} faults: the first touches of process {b}. The two working sets are {used} pages, and fit in {frames} frames.")
            .asks("A second process does the same: {a} and {b} write to 64 pages each. Do the two processes take frames from each other?")
            .choices(&["Yes", "No"], 1)
            .because("128 pages are fewer than 150 frames, so no page has to leave.")
            .beats(ROUNDS)
            .acts(|stage| {
                round(stage, &["a", "b"])?;
                let share = stage.get("share");
                stage.count("before", share);
                Ok(())
            })
            .holds(|stage| {
                uses(stage, 2)?;
                has_faults(stage, PAGES, PAGES)
            }),
        rounds("{used} pages do not fit in {frames} frames. Each fault takes the frame of a page that is needed soon: {last} faults in the last round. This is thrashing.")
            .asks("Process {c} joins. Now 192 pages share 150 frames, so at least 42 pages are in swap. How many of {all} writes fault?")
            .choices(&["The first 64", "A fifth, as 42 of 192", "Most of them"], 2)
            .because("Not B: the pages in swap are those that the next process is about to use.")
            .beats(ROUNDS)
            .acts(|stage| round(stage, &["a", "b", "c"]))
            .holds(|stage| {
                uses(stage, 3)?;
                has_faults(stage, writes_of(3) * 2 / 3, writes_of(3))
            }),
        step("Only {share} percent, as the last row shows. With two processes it was {before} percent. The CPU stores and reads pages.")
            .asks("The three processes still run, and the CPU is never idle. How much of its time goes into their own work?")
            .choices(&["Nearly all", "About 150 of 192", "A small part"], 2)
            .because("Not A: a busy CPU can be busy with page faults.")
            .figure(Figure::WorkingSets)
            .on(Board::Faults, MapMode::Tags)
            .holds(|stage| {
                let (before, share) = (stage.get("before"), stage.get("share"));
                fact!(before > 90 && share < 20, "own work: {before} and {share} percent");
                Ok(())
            }),
        rounds("{first} faults in the first round, when pages of {a} and {b} come back. The last round has {last}: both run at full speed.")
            .asks("The kernel suspends process {c}. Processes {a} and {b} write four more rounds. How many of {some} writes fault?")
            .choices(&["None", "Up to 128: each page once", "Most of them"], 1)
            .because("Not A: many of their pages are in swap. Each comes back once.")
            .beats(ROUNDS)
            .acts(|stage| round(stage, &["a", "b"]))
            .holds(|stage| {
                fact!(stage.get("last") == 0, "{} faults in the last round", stage.get("last"));
                has_faults(stage, 1, 2 * PAGES)
            }),
        rounds("No: {faults} faults. {c} brings its pages back, and the pages of {b} leave. Taking turns costs a few faults, once each time.")
            .asks("Process {c} must go on too. The kernel lets {a} and {c} run, and suspends {b}. Does this thrash?")
            .choices(&["Yes", "No"], 1)
            .because("The working sets of two processes fit, whichever two they are.")
            .beats(ROUNDS)
            .acts(|stage| round(stage, &["a", "c"]))
            .holds(|stage| has_faults(stage, 1, 2 * PAGES + PAGES)),
        step("No page was lost: each process found in each page what it had written. Now all have ended, and {left} pages are in swap.")
            .figure(Figure::WorkingSets)
            .on(Board::Faults, MapMode::Tags)
            .acts(end)
            .holds(|stage| {
                fact!(stage.get("left") == 0, "{} slots are used", stage.get("left"));
                Ok(())
            }),
    ],
    is_possible: swap::is_on,
    prepare,
};

/// A step of several rounds.
const fn rounds(answer: &'static str) -> LessonStep {
    step(answer)
        .figure(Figure::WorkingSets)
        .on(Board::Faults, MapMode::Tags)
}

/// Starts the processes, and notes the numbers that the questions are about.
fn prepare(stage: &mut Stage) -> Outcome {
    for name in ["a", "b", "c"] {
        let process = stage.start(Program::Rounds)?;
        stage.count(name, process.into());
    }
    stage.settle()?;
    stage.make_swap_tables()?;
    stage.count("frames", FRAMES);
    stage.count("some", writes_of(2));
    stage.count("all", writes_of(3));
    // The first interval begins here.
    process::measure_working_sets();
    Ok(())
}

/// The writes of a step with so many processes.
fn writes_of(processes: u64) -> u64 {
    processes * PAGES * u64::from(ROUNDS)
}

/// Lets these processes write to all their pages once, and measures the working sets. Notes the
/// faults of the step and of the round, and how much of the time was the processes' own work.
fn round(stage: &mut Stage, processes: &[&'static str]) -> Outcome {
    if stage.beat == 0 {
        stage.leave_frames(FRAMES);
        stage.count("faults", 0);
    }
    let (faults, time) = (page_fault::count(), page_fault::time());
    // One after the other: a tick of the timer would otherwise change the order of the writes, and
    // with it which pages leave.
    for name in processes {
        stage.wake(stage.number(name))?;
    }
    let (faults, time) = (page_fault::count() - faults, page_fault::time() - time);
    // New page tables have taken frames meanwhile.
    stage.leave_frames(FRAMES);
    let measured = process::measure_working_sets();
    fact!(
        measured.frames == FRAMES,
        "pages can have {} frames, not {FRAMES}",
        measured.frames
    );
    if stage.beat == 0 {
        stage.count("first", faults);
    }
    stage.count("last", faults);
    let all = stage.get("faults") + faults;
    stage.count("faults", all);
    stage.count("used", measured.used);
    let own = measured.ran.saturating_sub(time);
    // Rounded as in the figure.
    stage.count(
        "share",
        (100 * own + measured.ran / 2) / measured.ran.max(1),
    );
    Ok(())
}

/// Checks the working sets of so many processes.
fn uses(stage: &Stage, processes: u64) -> Outcome {
    let used = stage.get("used");
    fact!(used == processes * PAGES, "{used} pages were used");
    Ok(())
}

/// Checks that the faults of the step are in this range.
fn has_faults(stage: &Stage, least: u64, most: u64) -> Outcome {
    let faults = stage.get("faults");
    fact!(
        (least..=most).contains(&faults),
        "{faults} faults, not {least} to {most}"
    );
    Ok(())
}

/// Ends the processes, each of which must still wait: one that found a wrong value has ended.
fn end(stage: &mut Stage) -> Outcome {
    for name in ["a", "b", "c"] {
        stage.process(stage.number(name), |_| ())?;
    }
    while !stage.processes.is_empty() {
        stage.end_oldest();
    }
    stage.count("left", swap::statistics().used as u64);
    Ok(())
}
