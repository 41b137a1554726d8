//! Out of memory: refused, told as what it is, and survived.

use crate::lessons::stage::Stage;
use crate::lessons::{Lesson, Outcome, fact, step};
use crate::memory::heap::kernel_heap;
use crate::memory::heap::kmalloc::{KmallocError, kmalloc};
use crate::memory::physical::frames::lock;
use crate::process::programs::Program;
use crate::process::{self, End};
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::frame::{AllocateError, Run};
use mm::heap::HeapError;
use mm::paging::FaultCause;
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

/// Beats in which memory is filled.
const BEATS: u32 = 45;
/// A block that the heap must grow for.
const LARGE: usize = 700 << 10;
/// One that it need not grow for.
const SMALL: usize = 100;

pub const LESSON: Lesson = Lesson {
    name: "out-of-memory",
    title: "Out of memory",
    steps: &[
        step("Every one of them: {taken} frames are taken, and not one is free. Only process {process} was there before.")
            .asks("{free-now} frames are free. Somebody reads files, and keeps all that he reads in a cache. How many will he take, if nobody says no?")
            .on(Board::Overview, MapMode::State)
            .beats(BEATS)
            .acts(fill)
            .holds(|stage| {
                let (free, taken) = (stage.free_frames(), stage.get("taken"));
                fact!(free == 0, "{free} frames are still free");
                fact!(taken == stage.get("free-now"), "{taken} were taken");
                Ok(())
            }),
        step("Refused: the first frame for its tables cannot be had. The caller gets an error, and nothing half made stays behind.")
            .asks("No frame is free. Somebody starts another process. What will happen?")
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
        step("No: the heap has no such block, wants frames to grow, and gets none. {small} are served: for them a free block is left.")
            .asks("The kernel itself asks its heap for {large}, and then for {small}. May it have more than others?")
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
        step("It cannot go on without a frame, and cannot be told either: the kernel ends it, and gets {back} frames back.")
            .asks("Process {process} was promised memory long ago. Now it touches a page for the first time. And now?")
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
        step("Yes: a refusal breaks nothing. What was refused a moment ago is served as soon as there is something to give.")
            .asks("{back} frames are free again. Will the next request be served, after so many refusals?")
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                stage.take_frame(Tag::CACHE)?;
                Ok(())
            })
            .holds(|stage| {
                let expected = stage.get("back") - 1;
                fact!(stage.free_frames() == expected, "{} frames are free", stage.free_frames());
                let valid = lock().validate();
                fact!(valid.is_ok(), "{valid:?}");
                Ok(())
            }),
        step("{free} frames, as many as before this lesson. {refused} requests were refused, each one counted, and nothing was lost.")
            .asks("Everything is given back. How many frames will be free?")
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                while stage.give_back_some() {}
                stage.count("refused", lock().statistics().refused - stage.get("refused-before"));
                Ok(())
            })
            .holds(|stage| {
                stage.all_is_back()?;
                let expected = 2 + u64::from(heap_can_grow());
                fact!(stage.get("refused") == expected, "{} refusals", stage.get("refused"));
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
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

/// Takes a part of what is free, in runs as long as there are any. Nobody reads these frames, so
/// nobody zeroes them.
fn fill(stage: &mut Stage) -> Outcome {
    if stage.beat == 0 {
        stage.count("to-take", stage.free_frames());
        stage.count("taken", 0);
    }
    let all = stage.get("to-take");
    let until = all * u64::from(stage.beat + 1) / u64::from(BEATS);
    while stage.get("taken") < until {
        let wanted = (until - stage.get("taken")).min(stage.free_frames());
        let (first, count) = longest(wanted)?;
        stage.hold_run(first, count)?;
        stage.count("taken", stage.get("taken") + count);
    }
    Ok(())
}

/// The longest run that is free, at most so long.
fn longest(wanted: u64) -> Result<(PhysFrame, u64), AllocateError> {
    let (_, longest) = lock().free_stretches();
    let count = wanted.min(longest);
    let first = lock().allocate_run(Run::of(count), Tag::CACHE)?;
    Ok((first, count))
}

/// In little memory the heap has its maximum from the beginning.
fn heap_can_grow() -> bool {
    let heap = kernel_heap::lock().statistics();
    heap.committed_bytes < heap.maximum_bytes
}

fn nothing_free(stage: &Stage) -> Outcome {
    let free = stage.free_frames();
    fact!(free == 0, "{free} frames are free");
    Ok(())
}
