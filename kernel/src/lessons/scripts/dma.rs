//! Memory for devices: contiguous frames, why fragmented memory has none, and which frames block
//! the request.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::{Stage, put, room};
use crate::lessons::words::Note;
use crate::memory::physical::frames::{self, FRAME, lock};
use core::ops::Range;
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use memviz::view::selection::Selection;
use mm::frame::{AllocateError, FrameState, Run};
use mm::tag::Tag;
use x86_64::PhysAddr;

/// The end of the addresses that an old device can reach.
const CEILING: PhysAddr = PhysAddr::new(16 << 20);
/// The number of contiguous frames that it needs.
const WANTED: u64 = 16;
/// Beats in which low memory is allocated, and every second frame freed.
const BEATS: u32 = 30;

pub const LESSON: Lesson = Lesson {
    name: "dma",
    title: "Memory for devices (DMA)",
    goal: "why fragmented memory has no contiguous frames, and what blocks them",
    steps: &[
        step("Yes: {run}, {wanted} contiguous frames, outlined on the map. Without scatter-gather or an IOMMU, a device needs a contiguous buffer.")
            .asks("A device reaches only the first 16 MiB and needs {wanted} contiguous frames. {low-free} frames are free there. Is that enough?")
            .choices(&["Yes", "No"], 0)
            .because("Not B: no frame between them is in use yet, so they are contiguous.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::Tags)
            .near(|stage| stage.below(CEILING))
            .selects(|stage| stage.selected_frames("run", WANTED as usize))
            .acts(|stage| {
                let run = stage.allocate_run(request())?;
                stage.frame("run", run);
                Ok(())
            })
            .holds(|stage| {
                let end = stage.get("run") + WANTED * FRAME;
                fact!(end <= CEILING.as_u64(), "the run ends at {end:#x}");
                Ok(())
            }),
        step("The driver has freed its run. Other users have allocated {allocated} single frames: no frame below 16 MiB is free.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.below(CEILING))
            .meanwhile("The driver frees its run. Other users allocate every free frame below 16 MiB, one at a time.")
            .beats(BEATS)
            .acts(fill)
            .holds(|_| {
                let (free, _) = low_free();
                fact!(free == 0, "{free} frames are free below 16 MiB");
                Ok(())
            }),
        step("The other users have freed every second frame: {holes} frames of low memory are free.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.below(CEILING))
            .meanwhile("The other users free every second frame.")
            .beats(BEATS)
            .acts(thin_out)
            .holds(|stage| {
                let (free, longest) = low_free();
                fact!(free == stage.get("holes"), "{free} frames are free below 16 MiB");
                fact!(longest == 1, "{longest} free frames are contiguous");
                Ok(())
            }),
        step("No: no two free frames are neighbours, so the allocator refuses. Enough memory is free, but not contiguous: external fragmentation.")
            .asks("{holes} frames are free below 16 MiB. The device needs {wanted} contiguous frames. Does it get them?")
            .choices(&["Yes, enough are free", "No", "Yes, but not contiguous"], 1)
            .because("Not A: the number of free frames says nothing about their neighbours.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.below(CEILING))
            .acts(|_| {
                let answer = frames::allocate_run(request(), Tag::DEVICE | Tag::DMA_SAFE);
                let refused = matches!(answer, Err(AllocateError::Exhausted { frames: WANTED, .. }));
                fact!(refused, "the answer is {answer:?}");
                Ok(())
            }),
        step("High: {index}. A low index means too little free memory, a high one free memory that is not contiguous. Linux calls it extfrag_index.")
            .asks("Was too little memory free, or was it not contiguous? The fragmentation index of a refused request answers this. Is it high or low?")
            .choices(&["High, near 1", "Low, near 0"], 0)
            .because("Not B: low means too little memory, but thousands of frames are free.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("run"))
            .selects(|stage| refusal(stage, "index"))
            .acts(|stage| {
                // The index is negative if the request can be served; a share is never negative.
                let index = u32::try_from(lock().why_not(request()).fragmentation_index());
                stage.note("index", Note::Index(index.unwrap_or_default()));
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("index") > 900, "an index of {}", stage.get("index"));
                Ok(())
            }),
        step("{blockers} frames, outlined: those in use among the {wanted} from {range} on. No other {wanted} frames contain fewer: this is the smallest blocking set.")
            .asks("How many frames must be freed, at least, so that {wanted} contiguous frames are free?")
            .choices(&["One", "At most half of them", "All of them"], 1)
            .because("Not A: every second frame is in use, so each range contains many of them.")
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("range").or_else(|| stage.around("run")))
            .selects(|stage| refusal(stage, "range"))
            .acts(|stage| {
                let place = lock().why_not(request()).best_range;
                let place = place.ok_or_else(|| Failure::wrong(format_args!("no range of {WANTED} frames can become free")))?;
                stage.note("range", Note::Address(place.first as u64 * FRAME));
                stage.count("blockers", place.used);
                Ok(())
            })
            .holds(|stage| {
                let blockers = stage.get("blockers");
                fact!(blockers <= WANTED / 2, "{blockers} frames block the best range");
                let range = best_range(stage);
                let ours = stage.frames.iter().filter(|frame| range.contains(&frame.start_address().as_u64()));
                let ours = ours.count() as u64;
                fact!(ours == blockers, "{ours} of the {blockers} blocking frames are the lesson's");
                Ok(())
            }),
        step("Yes: {run}, outlined on the map. {blockers} frames freed at the right addresses helped more than all those freed elsewhere.")
            .asks("Their users free those {blockers} frames, and the driver requests {wanted} contiguous frames again. Does it get them?")
            .choices(&["Yes", "No, memory is fragmented"], 0)
            .because("Not B: one range without a used frame is enough, however fragmented the rest is.")
            .near(|stage| stage.around("range"))
            .figure(Figure::Memory)
            .on(Board::Overview, MapMode::Tags)
            .selects(|stage| stage.selected_frames("range", WANTED as usize))
            .acts(|stage| {
                let range = best_range(stage);
                for at in (0..stage.frames.len()).rev() {
                    if range.contains(&stage.frames[at].start_address().as_u64()) {
                        stage.free_frame(at);
                    }
                }
                let run = stage.allocate_run(request())?;
                stage.frame("run", run);
                Ok(())
            })
            .holds(|stage| {
                let (run, range) = (stage.get("run"), stage.get("range"));
                let near = run.abs_diff(range) <= FRAME;
                fact!(near, "the run is at {run:#x}, but the freed frames are at {range:#x}");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |stage| {
        stage.count("wanted", WANTED);
        stage.count("low-free", low_free().0);
        Ok(())
    },
};

/// The request of the device's driver.
fn request() -> Run {
    Run {
        frames: WANTED,
        align_frames: 1,
        ceiling: Some(CEILING),
    }
}

/// The state of each frame that the device can reach.
fn low() -> impl Iterator<Item = FrameState> {
    let frames = CEILING.as_u64() / FRAME;
    (0..frames).map(|number| lock().state(frames::frame_at(PhysAddr::new(number * FRAME))))
}

/// The number of free frames there, and the length of the longest free run.
fn low_free() -> (u64, u64) {
    let (mut free, mut longest, mut length) = (0, 0, 0);
    for state in low() {
        let is_free = matches!(state, FrameState::Free);
        length = if is_free { length + 1 } else { 0 };
        free += u64::from(is_free);
        longest = longest.max(length);
    }
    (free, longest)
}

/// Allocates a part of low memory; in the last beat, all the rest.
fn fill(stage: &mut Stage) -> Outcome {
    if stage.beat == 0 {
        stage.free_run(0);
    }
    let part = CEILING.as_u64() / FRAME / u64::from(BEATS);
    let one = Run {
        frames: 1,
        ..request()
    };
    for allocated in 0.. {
        let is_last = stage.beat + 1 == BEATS;
        if allocated == part && !is_last {
            break;
        }
        room(&stage.frames)?;
        // The lock is released before `low_free` takes it again.
        let answer = lock().allocate_run(one, Tag::CACHE);
        match answer {
            Ok(frame) => put(&mut stage.frames, frame),
            // The expected end: no frame is left. Any other refusal is a failure.
            Err(_) if low_free().0 == 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    stage.count("allocated", stage.frames.len() as u64);
    Ok(())
}

/// Frees a part of every second frame. The list keeps its order, so the number of freed frames is
/// the index of the next one.
fn thin_out(stage: &mut Stage) -> Outcome {
    if stage.beat == 0 {
        stage.frames.sort_unstable();
        stage.count("holes", stage.get("allocated").div_ceil(2));
    }
    let (all, beat) = (stage.get("holes") as usize, stage.beat as usize);
    let part = |beat: usize| all * beat / BEATS as usize;
    for index in part(beat)..part(beat + 1) {
        frames::free(stage.frames.remove(index))?;
    }
    Ok(())
}

/// Selects the refused request, once the lesson has noted this figure.
fn refusal(stage: &Stage, figure: &str) -> Option<Selection> {
    stage.notes().get(figure).map(|_| Selection::Refusal)
}

/// The addresses of the range in which the fewest frames are in use.
fn best_range(stage: &Stage) -> Range<u64> {
    let start = stage.get("range");
    start..start + WANTED * FRAME
}
