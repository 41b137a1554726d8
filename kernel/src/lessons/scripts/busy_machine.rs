//! A busy machine: processes, a page cache, a driver and heap users, all at once.
//!
//! Every refusal of an allocator is an ordinary answer here: the owner goes without. What the steps
//! take stays until the lesson ends, so that the machine fills.

use crate::lessons::stage::{BLOCKS, FRAMES, PROCESSES, Stage};
use crate::lessons::{Lesson, during, fact, step};
use crate::memory::checks::test_access;
use crate::memory::paging::{guard_pages, stacks};
use crate::memory::physical::frames;
use crate::process::programs::Program;
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::frame::Run;
use mm::paging::FaultCause;
use mm::tag::Tag;
use x86_64::PhysAddr;

/// Runs that the driver has at a time.
const RUNS: usize = 4;
/// Frames in a driver's run: 256 KiB.
const RUN_FRAMES: u64 = 64;
/// What a driver's device can reach: 32 address bits.
const CEILING: PhysAddr = PhysAddr::new(1 << 32);
/// The lesson leaves this part of memory alone: one in so many frames.
const LEAVE: u64 = 4;

pub const LESSON: Lesson = Lesson {
    name: "busy-machine",
    title: "A busy machine",
    steps: &[
        during("Two processes start: every page that they touch first faults, and gets a zeroed frame.")
            .beats(60)
            .acts(|stage| {
                if stage.beat % 30 == 0 {
                    start(stage, Program::Eat);
                }
                Ok(())
            }),
        during("They read files: the page cache keeps a frame for every page that was read.")
            .beats(60)
            .acts(|stage| {
                cache_fills(stage, burst());
                Ok(())
            }),
        during("A driver needs memory for its device: 64 frames side by side, aligned, below 4 GiB.")
            .beats(45)
            .acts(|stage| {
                if stage.beat % 15 == 0 {
                    driver_takes_or_gives(stage);
                }
                Ok(())
            }),
        during("The heap is asked for small blocks: large free blocks split into buddies.")
            .beats(75)
            .acts(|stage| {
                heap_takes(stage, burst().div_ceil(32));
                Ok(())
            }),
        during("A process forks: both share every frame, and the first write to a page copies it.")
            .on(Board::Overview, MapMode::References)
            .beats(90)
            .acts(|stage| {
                if stage.beat == 0 {
                    start(stage, Program::Family);
                }
                Ok(())
            }),
        during("Blocks go back to the heap: free buddies merge into larger blocks again.")
            .beats(75)
            .acts(|stage| {
                heap_gives_back(stage, burst().div_ceil(32));
                Ok(())
            }),
        during("A process runs over the end of its stack: the guard page faults, the process is ended.")
            .beats(30)
            .acts(|stage| {
                if stage.beat == 0 {
                    start(stage, Program::Overflow);
                }
                Ok(())
            })
            .only_if(guard_pages::is_on),
        during("A probe touches the guard page below a kernel stack: refused, and the kernel goes on.")
            .beats(30)
            .acts(|stage| {
                let guard = stacks::guard_below(stacks::Owner::Main).filter(|_| stage.beat == 0);
                if let Some(guard) = guard {
                    let touched = test_access::read(guard);
                    fact!(touched.is_err(), "the guard page at {guard:#x} can be read");
                    let cause = crate::interrupts::page_fault::last_cause();
                    fact!(cause == Some(FaultCause::Guard), "its fault is told as {cause:?}");
                }
                Ok(())
            })
            .only_if(guard_pages::is_on),
        during("Memory is wanted elsewhere: the cache gives frames back, and holes stay behind.")
            .on(Board::Overview, MapMode::State)
            .beats(60)
            .acts(|stage| {
                cache_gives_back(stage, burst().div_ceil(2));
                Ok(())
            }),
        step("All of them are gone: every frame that they had has come back.")
            .asks("All processes are ended now. Which frames will be free again?")
            .acts(|stage| {
                while !stage.processes.is_empty() {
                    stage.end_oldest();
                }
                Ok(())
            })
            .holds(|_| {
                let left = frames::lock().statistics().shared;
                fact!(left == 0, "{left} frames are still shared, and nobody is left");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |_| Ok(()),
};

/// How many operations make a beat that is seen on a map of all frames.
fn burst() -> usize {
    (frames::lock().statistics().total as usize / 256).clamp(8, 512)
}

/// A process starts to run a program.
fn start(stage: &mut Stage, program: Program) {
    if stage.processes.len() == PROCESSES {
        stage.end_oldest();
    }
    if let Err(failure) = stage.start(program) {
        log::warn!("{} does not start: {}", program.name(), failure.why);
    }
}

/// The cache keeps more, unless memory is tight.
fn cache_fills(stage: &mut Stage, count: usize) {
    for _ in 0..count {
        let statistics = frames::lock().statistics();
        if stage.frames.len() == FRAMES || statistics.free < statistics.total / LEAVE {
            return;
        }
        // Refused: it goes without.
        let _ = stage.take_frame(Tag::CACHE);
    }
}

/// The cache gives back what it has not needed for long: here, by lot.
fn cache_gives_back(stage: &mut Stage, count: usize) {
    for _ in 0..count.min(stage.frames.len()) {
        let at = stage.random.usize(..stage.frames.len());
        stage.free_frame(at);
    }
}

/// A driver takes a contiguous run, or gives its oldest one back.
fn driver_takes_or_gives(stage: &mut Stage) {
    if stage.runs.len() >= RUNS {
        return stage.free_run(0);
    }
    // Refused: it goes without.
    let _ = stage.take_run(Run {
        frames: RUN_FRAMES,
        align_frames: RUN_FRAMES,
        ceiling: Some(CEILING),
    });
}

/// Heap users ask for blocks of all sizes, small ones more often.
fn heap_takes(stage: &mut Stage, count: usize) {
    const USERS: [Tag; 3] = [Tag::KERNEL, Tag::CACHE, Tag::DEVICE];
    for _ in 0..count {
        if stage.blocks.len() == BLOCKS {
            return;
        }
        let largest = 1 << stage.random.u32(6..16);
        let bytes = stage.random.usize(largest / 2..=largest);
        let user = USERS[stage.random.usize(..USERS.len())];
        // Refused: it goes without.
        let _ = stage.take_block(bytes, user);
    }
}

/// Heap users give blocks back, in no order.
fn heap_gives_back(stage: &mut Stage, count: usize) {
    for _ in 0..count.min(stage.blocks.len()) {
        let at = stage.random.usize(..stage.blocks.len());
        stage.free_block(at);
    }
}
