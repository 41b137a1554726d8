//! A busy machine: processes, a page cache, a driver and heap users at the same time.
//!
//! A refused request is an ordinary result here: its caller does without. The steps keep what they
//! allocate until the lesson ends, so that memory fills.

use crate::lessons::failure::fact;
use crate::lessons::lesson::{Lesson, during, step};
use crate::lessons::stage::{BLOCKS, FRAMES, PROCESSES, Stage};
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

/// The most runs that the driver holds at a time.
const RUNS: usize = 4;
/// Frames in a driver's run: 256 KiB.
const RUN_FRAMES: u64 = 64;
/// The end of the addresses that the device can reach: 32 address bits.
const CEILING: PhysAddr = PhysAddr::new(1 << 32);
/// The page cache leaves one frame in this many free.
const LEFT_FREE: u64 = 4;

pub const LESSON: Lesson = Lesson {
    name: "busy-machine",
    title: "A busy machine",
    goal: "processes, a page cache, a driver and the heap at the same time",
    steps: &[
        during("Two processes start. Each first touch of a page faults, and the kernel maps a zeroed frame. The number of user frames grows.")
            .asks("Two processes start and touch their memory page by page. Which owner's frames grow in number?")
            .choices(&["User", "Cache", "Device"], 0)
            .because("Not B: the page cache grows when files are read.")
            .beats(60)
            .acts(|stage| {
                if stage.beat % 30 == 0 {
                    start(stage, Program::Eat);
                }
                Ok(())
            }),
        during("The page cache keeps one frame for each file page that is read. The number of cache frames grows.")
            .asks("The kernel reads files. Which owner's frames grow in number?")
            .choices(&["User", "Cache", "Heap"], 1)
            .because("Not A: the kernel keeps the pages of files, whichever process reads them.")
            .beats(60)
            .acts(|stage| {
                fill_cache(stage, burst());
                Ok(())
            }),
        during("A driver allocates memory for its device: 64 contiguous frames, aligned, below 4 GiB. The number of device frames grows.")
            .asks("A driver needs 256 KiB for its device. What must its frames be?")
            .choices(&["Contiguous", "Zeroed", "The lowest of all"], 0)
            .because("Not C: the device has 32 address bits, so it reaches all frames below 4 GiB.")
            .beats(45)
            .acts(|stage| {
                if stage.beat % 15 == 0 {
                    allocate_or_free_run(stage);
                }
                Ok(())
            }),
        during("Kernel code requests small heap blocks. The buddy heap splits large free blocks into buddies.")
            .asks("Kernel code requests small heap blocks, but only large blocks are free. What does the heap do?")
            .choices(&["It grows", "It splits large blocks", "It refuses"], 1)
            .because("Not A: the heap grows only if no free block is large enough.")
            .beats(75)
            .acts(|stage| {
                allocate_blocks(stage, burst().div_ceil(32));
                Ok(())
            }),
        during("A process forks. Parent and child share frames: 2 references on the map. A write to a shared page copies its frame.")
            .asks("A process forks: a child process gets the same memory. Which of its frames are copied at once?")
            .choices(&["None", "All", "Only its stack"], 0)
            .because("Not B: a frame is copied at the first write to it, and not before.")
            .on(Board::Overview, MapMode::References)
            .beats(90)
            .acts(|stage| {
                // The second family still shares frames when the step ends.
                if stage.beat % 45 == 0 {
                    start(stage, Program::Family);
                }
                Ok(())
            }),
        during("Kernel code frees heap blocks. Free buddies merge into larger blocks.")
            .asks("Kernel code frees its heap blocks. What happens when both buddies of a pair are free?")
            .choices(&["They stay apart", "They merge", "They move to the front"], 1)
            .because("Not C: the heap never moves a block.")
            .beats(75)
            .acts(|stage| {
                free_blocks(stage, burst().div_ceil(32));
                Ok(())
            }),
        during("A process overflows its stack. The access to the guard page faults, and the kernel ends the process. The fault list shows it.")
            .asks("A process overflows its stack. What stops it?")
            .choices(&["A guard page", "The end of memory", "Nothing"], 0)
            .because("Not C: the page below the stack is never mapped, so the access faults.")
            .beats(30)
            .acts(|stage| {
                if stage.beat == 0 {
                    start(stage, Program::Overflow);
                }
                Ok(())
            })
            .only_if(guard_pages::is_on),
        during("A test access reads the guard page below a kernel stack. It faults, the handler catches it, and the kernel continues.")
            .asks("The kernel reads the guard page below its own stack, as a test. Does the kernel continue?")
            .choices(&["No, it panics", "Yes"], 1)
            .because("Not A: the handler recognises the test access and reports it as an error.")
            .beats(30)
            .acts(|stage| {
                let guard = stacks::guard_below(stacks::Owner::Main).filter(|_| stage.beat == 0);
                if let Some(guard) = guard {
                    let touched = test_access::read(guard);
                    fact!(touched.is_err(), "the guard page at {guard:#x} can be read");
                    let cause = crate::interrupts::page_fault::last_cause();
                    fact!(cause == Some(FaultCause::Guard), "its fault has the cause {cause:?}");
                }
                Ok(())
            })
            .only_if(guard_pages::is_on),
        during("Memory is needed elsewhere. The page cache frees frames at random, and leaves holes between frames in use.")
            .asks("Memory is needed elsewhere. Which owner can free its frames at once?")
            .choices(&["Cache", "User", "Kernel"], 0)
            .because("Not B: the content of a user frame exists nowhere else; a file page can be read again.")
            .on(Board::Overview, MapMode::Tags)
            .beats(60)
            .acts(|stage| {
                free_cache(stage, burst().div_ceil(2));
                Ok(())
            }),
        step("All frames of the processes: pages, page tables and stacks. The page cache, the driver and the heap keep theirs.")
            .asks("The kernel ends all processes now. Which frames become free?")
            .choices(&["All frames in use", "Frames of the processes", "Only their pages"], 1)
            .because("Not C: page tables and kernel stacks of the processes are freed too.")
            .acts(|stage| {
                while !stage.processes.is_empty() {
                    stage.end_oldest();
                }
                Ok(())
            })
            .holds(|_| {
                let left = frames::lock().statistics().shared;
                fact!(left == 0, "{left} frames are still shared, but no process is left");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |_| Ok(()),
};

/// The number of operations in a beat, large enough to be visible on a map of all frames.
fn burst() -> usize {
    (frames::lock().statistics().total as usize / 256).clamp(8, 512)
}

/// Starts a process that runs this program.
fn start(stage: &mut Stage, program: Program) {
    if stage.processes.len() == PROCESSES {
        stage.end_oldest();
    }
    if let Err(failure) = stage.start(program) {
        log::warn!("{} does not start: {}", program.name(), failure.why);
    }
}

/// Allocates frames for the page cache, unless memory is short.
fn fill_cache(stage: &mut Stage, count: usize) {
    for _ in 0..count {
        let statistics = frames::lock().statistics();
        if stage.frames.len() == FRAMES || statistics.free < statistics.total / LEFT_FREE {
            return;
        }
        // If the request is refused, the cache does without.
        let _ = stage.allocate_frame(Tag::CACHE);
    }
}

/// Frees frames of the page cache, chosen at random.
fn free_cache(stage: &mut Stage, count: usize) {
    for _ in 0..count.min(stage.frames.len()) {
        let at = stage.random.usize(..stage.frames.len());
        stage.free_frame(at);
    }
}

/// The driver allocates a contiguous run, or frees its oldest one.
fn allocate_or_free_run(stage: &mut Stage) {
    if stage.runs.len() >= RUNS {
        return stage.free_run(0);
    }
    // If the request is refused, the driver does without.
    let _ = stage.allocate_run(Run {
        frames: RUN_FRAMES,
        align_frames: RUN_FRAMES,
        ceiling: Some(CEILING),
    });
}

/// Allocates heap blocks of all sizes, small ones more often.
fn allocate_blocks(stage: &mut Stage, count: usize) {
    const USERS: [Tag; 3] = [Tag::KERNEL, Tag::CACHE, Tag::DEVICE];
    for _ in 0..count {
        if stage.blocks.len() == BLOCKS {
            return;
        }
        let largest = 1 << stage.random.u32(6..16);
        let bytes = stage.random.usize(largest / 2..=largest);
        let user = USERS[stage.random.usize(..USERS.len())];
        // If the request is refused, the caller does without.
        let _ = stage.allocate_block(bytes, user);
    }
}

/// Frees heap blocks in random order.
fn free_blocks(stage: &mut Stage, count: usize) {
    for _ in 0..count.min(stage.blocks.len()) {
        let at = stage.random.usize(..stage.blocks.len());
        stage.free_block(at);
    }
}
