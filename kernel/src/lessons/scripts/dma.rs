//! Memory for devices: frames side by side, why there are none in fragmented memory, and what
//! stands in the way.

use crate::lessons::stage::Stage;
use crate::lessons::words::Note;
use crate::lessons::{Failure, Lesson, Outcome, fact, step};
use crate::memory::physical::frames::{self, FRAME, lock};
use core::ops::Range;
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use memviz::view::selection::Selection;
use mm::frame::{AllocateError, FrameState, Run};
use mm::heap::fragmentation::Thousandths;
use mm::tag::Tag;
use x86_64::PhysAddr;

/// What an old device can reach.
const CEILING: PhysAddr = PhysAddr::new(16 << 20);
/// Frames that it needs side by side.
const WANTED: u64 = 16;
/// Beats in which low memory is taken, and every second frame given back.
const BEATS: u32 = 30;

pub const LESSON: Lesson = Lesson {
    name: "dma",
    title: "Memory for devices (DMA)",
    steps: &[
        step("Yes: {run}, {wanted} frames side by side. A device knows no page tables: what it writes to must be in one piece.")
            .asks("A device reaches only the first 16 MiB, and needs {wanted} frames side by side. {low-free} are free there. Is that enough?")
            .on(Board::Overview, MapMode::Tags)
            .selects(|stage| stage.selected_frames("run", WANTED as usize))
            .acts(|stage| {
                let run = stage.take_run(request())?;
                stage.frame("run", run);
                Ok(())
            })
            .holds(|stage| {
                let end = stage.get("run") + WANTED * FRAME;
                fact!(end <= CEILING.as_u64(), "the run ends at {end:#x}");
                Ok(())
            }),
        step("The device is done. Others need memory as well: {taken} frames below 16 MiB are taken, one at a time, until none is left there.")
            .on(Board::Overview, MapMode::State)
            .meanwhile("The device is done. Others need memory as well: whatever is free below 16 MiB is taken.")
            .beats(BEATS)
            .acts(fill)
            .holds(|_| {
                let (free, _) = low_free();
                fact!(free == 0, "{free} frames are free below 16 MiB");
                Ok(())
            }),
        step("Every second one is given back: {holes} frames are free below 16 MiB.")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("run"))
            .meanwhile("Every second one is given back.")
            .beats(BEATS)
            .acts(thin_out)
            .holds(|stage| {
                let (free, longest) = low_free();
                fact!(free == stage.get("holes"), "{free} frames are free below 16 MiB");
                fact!(longest == 1, "{longest} free frames lie side by side");
                Ok(())
            }),
        step("Refused: no two of them are neighbours. There is enough memory, in the wrong places: external fragmentation.")
            .asks("{holes} frames are free below 16 MiB. The device wants {wanted} of them, side by side. Will it get them?")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("run"))
            .acts(|_| {
                let answer = frames::allocate_run(request(), Tag::DEVICE | Tag::DMA_SAFE);
                let refused = matches!(answer, Err(AllocateError::Exhausted { frames: WANTED, .. }));
                fact!(refused, "the answer is {answer:?}");
                Ok(())
            }),
        step("{index} here. Near 0 % it fails because memory is short, near 100 % because it lies in pieces. Linux calls it extfrag_index.")
            .asks("Is more memory the cure, or other places? One number tells: the fragmentation index of the refused request. High or low?")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("run"))
            .selects(|stage| refusal(stage, "index"))
            .acts(|stage| {
                // Below zero if the run could be had, which no share is.
                let index = u32::try_from(lock().why_not(request()).fragmentation_index());
                stage.note("index", Note::Share(Thousandths(index.unwrap_or_default())));
                Ok(())
            })
            .holds(|stage| {
                fact!(stage.get("index") > 900, "an index of {}", stage.get("index"));
                Ok(())
            }),
        step("{blockers} frames, those in use among the {wanted} from {window} on. It is the smallest blocking set: nothing else is in the way.")
            .asks("How many frames must go, at least, so that {wanted} lie free side by side?")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("window").or_else(|| stage.around("run")))
            .selects(|stage| refusal(stage, "window"))
            .acts(|stage| {
                let place = lock().why_not(request()).in_the_way;
                let place = place.ok_or_else(|| Failure::wrong(format_args!("there is no place for {WANTED} frames")))?;
                stage.note("window", Note::Address(place.first as u64 * FRAME));
                stage.count("blockers", place.used);
                Ok(())
            })
            .holds(|stage| {
                let blockers = stage.get("blockers");
                fact!(blockers <= WANTED / 2, "{blockers} frames block the best place");
                let window = window(stage);
                let ours = stage.frames.iter().filter(|frame| window.contains(&frame.start_address().as_u64()));
                let ours = ours.count() as u64;
                fact!(ours == blockers, "{ours} of the {blockers} frames in the way are the lesson's");
                Ok(())
            }),
        step("Now it is served: {run}. {blockers} frames given back in the right place were worth more than {holes} anywhere.")
            .asks("Those {blockers} frames are given back, and the device asks again. Will it get its {wanted}?")
            .near(|stage| stage.around("window"))
            .on(Board::Overview, MapMode::Tags)
            .selects(|stage| stage.selected_frames("window", WANTED as usize))
            .acts(|stage| {
                let window = window(stage);
                for at in (0..stage.frames.len()).rev() {
                    if window.contains(&stage.frames[at].start_address().as_u64()) {
                        stage.free_frame(at);
                    }
                }
                let run = stage.take_run(request())?;
                stage.frame("run", run);
                Ok(())
            })
            .holds(|stage| {
                let (run, window) = (stage.get("run"), stage.get("window"));
                let near = run.abs_diff(window) <= FRAME;
                fact!(near, "the run is at {run:#x}, and what was freed at {window:#x}");
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

/// What the device needs.
fn request() -> Run {
    Run {
        frames: WANTED,
        align_frames: 1,
        ceiling: Some(CEILING),
    }
}

/// The frames that the device can reach.
fn low() -> impl Iterator<Item = FrameState> {
    let frames = CEILING.as_u64() / FRAME;
    (0..frames).map(|number| lock().state(frames::frame_at(PhysAddr::new(number * FRAME))))
}

/// How many of them are free, and how many of these lie side by side at most.
fn low_free() -> (u64, u64) {
    let (mut free, mut longest, mut length) = (0, 0, 0);
    for state in low() {
        let is_free = matches!(state, FrameState::Free(_));
        length = if is_free { length + 1 } else { 0 };
        free += u64::from(is_free);
        longest = longest.max(length);
    }
    (free, longest)
}

/// Takes a part of low memory; in the last beat, all that is left.
fn fill(stage: &mut Stage) -> Outcome {
    if stage.beat == 0 {
        stage.free_run(0);
    }
    let part = CEILING.as_u64() / FRAME / u64::from(BEATS);
    let one = Run {
        frames: 1,
        ..request()
    };
    for taken in 0.. {
        let is_last = stage.beat + 1 == BEATS;
        if taken == part && !is_last {
            break;
        }
        // The lock is given back before low memory is looked at.
        let answer = lock().allocate_run(one, Tag::CACHE);
        match answer {
            Ok(frame) => stage.frames.push(frame),
            // None is left, which is what this is about; or somebody is refused for another reason.
            Err(_) if low_free().0 == 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    stage.count("taken", stage.frames.len() as u64);
    Ok(())
}

/// Gives a part of every second frame back. The list keeps its order: after so many, the next one
/// is at that place.
fn thin_out(stage: &mut Stage) -> Outcome {
    if stage.beat == 0 {
        stage.frames.sort_unstable();
        stage.count("holes", stage.get("taken").div_ceil(2));
    }
    let (all, beat) = (stage.get("holes") as usize, stage.beat as usize);
    let part = |beat: usize| all * beat / BEATS as usize;
    for place in part(beat)..part(beat + 1) {
        frames::free(stage.frames.remove(place))?;
    }
    Ok(())
}

/// Why the run is refused, once the figure is known that is asked for.
fn refusal(stage: &Stage, figure: &str) -> Option<Selection> {
    stage.notes().get(figure).map(|_| Selection::Refusal)
}

/// The addresses of the place from which the fewest frames must go.
fn window(stage: &Stage) -> Range<u64> {
    let start = stage.get("window");
    start..start + WANTED * FRAME
}
