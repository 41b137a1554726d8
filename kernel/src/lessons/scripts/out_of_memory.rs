//! Out of memory: requests are refused and counted, and the kernel continues.

use crate::lessons::failure::{Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::memory::heap::kernel_heap;
use crate::memory::heap::kmalloc::{KmallocError, kmalloc};
use crate::memory::physical::frames::lock;
use crate::process::programs::Program;
use crate::process::{self, End};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::frame::{AllocateError, Run};
use mm::heap::HeapError;
use mm::paging::FaultCause;
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

/// Beats in which the lesson allocates all memory.
const BEATS: u32 = 45;
/// The bytes of a request for which the heap must grow.
const LARGE: usize = 700 << 10;
/// The bytes of a request that a free block can serve.
const SMALL: usize = 100;

pub const LESSON: Lesson = Lesson {
    name: "out-of-memory",
    title: "Out of memory",
    goal: "refused requests, and a kernel that continues",
    steps: &[
        step("All of them: the page cache has {allocated} frames, and no frame is free. Process {process} started before.")
            .asks("{free-now} frames are free. The page cache keeps every file page that is read. How many frames does it allocate, without a limit?")
            .choices(&["A quarter", "Half", "All of them"], 2)
            .because("Not A: only a limit, or reclaim, would stop it earlier.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .beats(BEATS)
            .acts(fill)
            .holds(|stage| {
                let (free, allocated) = (stage.free_frames(), stage.get("allocated"));
                fact!(free == 0, "{free} frames are still free");
                fact!(allocated == stage.get("free-now"), "{allocated} were allocated");
                Ok(())
            }),
        step("The request is refused: no frame is free for the first page table. The caller gets an error, and no partly built process remains.")
            .asks("No frame is free. The kernel starts another process. What happens?")
            .choices(&["It waits for memory", "The request is refused", "The kernel stops"], 1)
            .because("Not C: a refusal is an ordinary result, and the caller handles it.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                let answer = process::spawn(Program::Touch);
                if let Ok(number) = answer {
                    stage.adopt(number);
                }
                fact!(answer.is_err(), "a process was started");
                Ok(())
            })
            .holds(nothing_free),
        step("Only the {small}: a free block of that size exists. For {large} the heap must grow, and it gets no frames.")
            .asks("The kernel requests {large} from its own heap, and then {small}. Which of the two requests does the heap serve?")
            .choices(&["Both", "Only the small one", "None"], 1)
            .because("Not C: free blocks of the heap need no new frames.")
            .figure(Figure::Memory)
            .on(Board::Heap, MapMode::State)
            .acts(|stage| {
                let answer = kmalloc(LARGE, Tag::KERNEL);
                if let Ok(address) = answer {
                    stage.keep(address)?;
                }
                let exhausted =
                    matches!(answer, Err(KmallocError::Heap(HeapError::Exhausted { .. })));
                fact!(exhausted, "the answer is {answer:?}");
                let served = kmalloc(SMALL, Tag::KERNEL)?;
                stage.keep(served)?;
                Ok(())
            })
            .holds(|stage| {
                let valid = kernel_heap::lock().validate();
                fact!(valid.is_ok(), "{valid:?}");
                nothing_free(stage)
            })
            .only_if(heap_can_grow),
        step("The access cannot continue without a frame, and it has no way to return an error. The kernel ends the process: {back} frames are free.")
            .asks("Process {process} reserved memory earlier. Now it touches a reserved page for the first time. What happens?")
            .choices(&["The touch is refused", "The process ends", "It reads zeros"], 1)
            .because("Not A: an instruction cannot return an error.")
            .figure(Figure::Fault)
            .on(Board::Faults, MapMode::State)
            .acts(|stage| {
                stage.mark_faults();
                stage.wake(stage.number("process"))?;
                stage.count("back", stage.free_frames());
                Ok(())
            })
            .holds(|stage| {
                stage.had_faults(1, Some(FaultCause::DemandZero))?;
                let end = stage.end_of(stage.number("process"))?;
                fact!(end == End::Fault(FaultCause::DemandZero), "the process {end}");
                fact!(stage.get("back") > 0, "no frame came back");
                Ok(())
            }),
        step("Yes: a refusal changes nothing in the allocator. It serves a request as soon as enough frames are free.")
            .asks("{back} frames are free again. Does the allocator serve the next request, after these refusals?")
            .choices(&["Yes", "Not before a restart"], 0)
            .because("Not B: a refused request leaves no trace in the allocator.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                stage.allocate_frame(Tag::CACHE)?;
                Ok(())
            })
            .holds(|stage| {
                let expected = stage.get("back") - 1;
                fact!(stage.free_frames() == expected, "{} frames are free", stage.free_frames());
                let valid = lock().validate();
                fact!(valid.is_ok(), "{valid:?}");
                Ok(())
            }),
        step("{free} frames, as many as before the lesson. The allocator refused {refused} requests in this lesson, {refused-ever} since boot. No frame is lost.")
            .asks("The lesson frees everything that it allocated. How many frames are free then?")
            .choices(&["As many as before", "Fewer, some are lost"], 0)
            .because("Not B: every failed request freed what it had allocated so far.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                while stage.free_some() {}
                let refused = lock().statistics().refused;
                stage.count("refused-ever", refused);
                stage.count("refused", refused - stage.get("refused-before"));
                Ok(())
            })
            .holds(|stage| {
                stage.all_is_free()?;
                let expected = 2 + u64::from(heap_can_grow());
                fact!(stage.get("refused") == expected, "{} refusals", stage.get("refused"));
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.switch_swap_off();
        stage.count("free", stage.free_frames());
        stage.count("refused-before", lock().statistics().refused);
        stage.bytes("large", LARGE as u64);
        stage.bytes("small", SMALL as u64);
        let process = stage.start(Program::Toucher)?;
        stage.count("process", process.into());
        stage.settle()?;
        stage.count("free-now", stage.free_frames());
        Ok(())
    },
};

/// Allocates a part of the free frames, in the longest free runs. No code reads these frames, so
/// they are not zeroed.
fn fill(stage: &mut Stage) -> Outcome {
    if stage.beat == 0 {
        stage.count("to-take", stage.free_frames());
        stage.count("allocated", 0);
    }
    let all = stage.get("to-take");
    let until = all * u64::from(stage.beat + 1) / u64::from(BEATS);
    while stage.get("allocated") < until {
        let wanted = (until - stage.get("allocated")).min(stage.free_frames());
        let (first, count) = longest(wanted)?;
        stage.hold_run(first, count)?;
        stage.count("allocated", stage.get("allocated") + count);
    }
    Ok(())
}

/// Allocates the longest free run, at most this long.
fn longest(wanted: u64) -> Result<(PhysFrame, u64), AllocateError> {
    let (_, longest) = lock().free_stretches();
    let count = wanted.min(longest);
    let first = lock().allocate_run(Run::of(count), Tag::CACHE)?;
    Ok((first, count))
}

/// Whether the heap can grow: on a small machine it starts at its maximum.
fn heap_can_grow() -> bool {
    let heap = kernel_heap::lock().statistics();
    heap.committed_bytes < heap.maximum_bytes
}

/// Checks that no frame is free.
fn nothing_free(stage: &Stage) -> Outcome {
    let free = stage.free_frames();
    fact!(free == 0, "{free} frames are free");
    Ok(())
}
