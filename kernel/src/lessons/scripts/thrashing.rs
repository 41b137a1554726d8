//! Thrashing: processes whose working sets do not fit fault all the time and hardly work.
//!
//! Each process writes to all of its 64 pages in a round. The kernel leaves frames for 150 pages:
//! enough for two processes, too few for three.

use crate::interrupts::page_fault;
use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, LessonStep, step};
use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::machine::clock;
use crate::memory::swap;
use crate::process::{self, programs::Program};
use memviz::view::board::Board;
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
        rounds("Process {a} has written to each of its 64 pages four times: {faults} faults, all at first touches. The pages that it uses are its working set.")
            .asks("150 frames are left for processes. Process {a} writes to its 64 pages, four times each. How many page faults?")
            .choices(&["None", "64", "256"], 1)
            .because("Not C: only the first touch of a page faults, because frames suffice.")
            .beats(ROUNDS)
            .acts(|stage| round(stage, &["a"]))
            .holds(|stage| has_faults(stage, PAGES, PAGES)),
        rounds("{faults} faults in {writes} writes: the first touches of process {b}. Two working sets of 64 pages fit in 150 frames.")
            .asks("A second process does the same: {a} and {b} write to 64 pages each. Do the two processes take frames from each other?")
            .choices(&["Yes", "No"], 1)
            .because("128 pages are fewer than 150 frames, so no page has to leave.")
            .beats(ROUNDS)
            .acts(|stage| {
                round(stage, &["a", "b"])?;
                if is_last(stage) {
                    let time = stage.get("time");
                    stage.count("two", time);
                }
                Ok(())
            })
            .holds(|stage| has_faults(stage, PAGES, PAGES)),
        rounds("{faults} of {writes} writes fault. Each fault takes the frame of a page that another process needs soon. This is thrashing.")
            .asks("Process {c} joins. Now 192 pages share 150 frames, so at least 42 pages are in swap. How many of {all} writes fault?")
            .choices(&["The first 64", "A fifth, as 42 of 192", "Most of them"], 2)
            .because("Not B: the pages in swap are those that the next process is about to use.")
            .beats(ROUNDS)
            .acts(|stage| {
                round(stage, &["a", "b", "c"])?;
                if is_last(stage) {
                    let time = stage.get("time");
                    stage.count("three", time);
                }
                Ok(())
            })
            .holds(|stage| has_faults(stage, writes_of(3) * 2 / 3, writes_of(3))),
        step("A write takes {times} times as long as with two processes: the CPU stores and reads pages. {share} of its time is useful work.")
            .asks("The three processes still run, and the CPU is never idle. How much of its time goes into their own work?")
            .choices(&["Nearly all", "About 150 of 192", "A small part"], 2)
            .because("Not A: a busy CPU can be busy with page faults.")
            .on(Board::Faults, MapMode::Tags)
            .acts(compare)
            .holds(|stage| {
                fact!(stage.get("times") >= 2, "a write takes {} times as long", stage.get("times"));
                Ok(())
            }),
        rounds("{faults} faults, {first} of them in the first round, when pages of {a} and {b} come back. The last round has {last}: both run at full speed.")
            .asks("The kernel suspends process {c}. Processes {a} and {b} write four more rounds. How many of {some} writes fault?")
            .choices(&["None", "Up to 128: each page once", "Most of them"], 1)
            .because("Not A: many of their pages are in swap. Each comes back once.")
            .beats(ROUNDS)
            .acts(|stage| round(stage, &["a", "b"]))
            .holds(|stage| {
                fact!(stage.get("last") == 0, "{} faults in the last round", stage.get("last"));
                has_faults(stage, 1, 2 * PAGES)
            }),
        rounds("{faults} faults in {writes} writes. {c} brings its pages back, and the pages of {b} leave. Taking turns costs a few faults, once each time.")
            .asks("Process {c} must go on too. The kernel lets {a} and {c} run, and suspends {b}. Does this thrash?")
            .choices(&["Yes", "No"], 1)
            .because("The working sets of two processes fit, whichever two they are.")
            .beats(ROUNDS)
            .acts(|stage| round(stage, &["a", "c"]))
            .holds(|stage| has_faults(stage, 1, 2 * PAGES + PAGES)),
        step("No page was lost: {stored} pages were stored, and each process found in each page what it had written. Now all have ended: {left} slots are used.")
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
    step(answer).on(Board::Faults, MapMode::Tags)
}

/// Starts the processes, and notes how many writes the questions are about.
fn prepare(stage: &mut Stage) -> Outcome {
    for name in ["a", "b", "c"] {
        let process = stage.start(Program::Rounds)?;
        stage.count(name, process.into());
    }
    stage.settle()?;
    stage.make_swap_tables()?;
    stage.count("some", writes_of(2));
    stage.count("all", writes_of(3));
    stage.count("before", swap::statistics().written);
    Ok(())
}

/// The writes of a step with so many processes.
fn writes_of(processes: u64) -> u64 {
    processes * PAGES * u64::from(ROUNDS)
}

/// Lets these processes write to all their pages once. Notes the faults and writes of the step, and
/// the time of its last round.
fn round(stage: &mut Stage, processes: &[&'static str]) -> Outcome {
    if stage.beat == 0 {
        stage.leave_frames(FRAMES);
        stage.count("faults", 0);
        stage.count("writes", writes_of(processes.len() as u64));
    }
    for name in processes {
        let number = stage.number(name);
        fact!(process::wake(number), "process {number} does not wait");
    }
    let (faults, start) = (page_fault::count(), clock::now());
    stage.settle()?;
    let time = clock::now() - start;
    let faults = page_fault::count() - faults;
    if stage.beat == 0 {
        stage.count("first", faults);
    }
    stage.count("last", faults);
    let all = stage.get("faults") + faults;
    stage.count("faults", all);
    stage.count("time", time);
    Ok(())
}

/// Whether the round is the last one of its step.
fn is_last(stage: &Stage) -> bool {
    stage.beat + 1 == ROUNDS
}

/// Compares the last round of three processes with that of two.
fn compare(stage: &mut Stage) -> Outcome {
    // Three processes write half as much again as two.
    let work = stage.get("two") * 3 / 2;
    let time = stage.get("three");
    stage.count("times", time / work.max(1));
    stage.note(
        "share",
        Note::Percent {
            part: work,
            whole: time,
        },
    );
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
    let stored = swap::statistics().written - stage.get("before");
    while !stage.processes.is_empty() {
        stage.end_oldest();
    }
    stage.count("stored", stored);
    stage.count("left", swap::statistics().used as u64);
    Ok(())
}
