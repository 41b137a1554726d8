//! Frames: one bit for each, and two policies for choosing a free one.

use crate::lessons::failure::{Failure, Outcome, fact};
use crate::lessons::lesson::{Lesson, step};
use crate::lessons::stage::Stage;
use crate::memory::physical::frames::{self, FRAME, lock};
use memviz::view::board::Board;
use memviz::view::figure::Figure;
use memviz::view::map_mode::MapMode;
use mm::frame::{FrameState, Placement};
use mm::tag::Tag;

/// The number of frames that the lesson allocates first.
const ALLOCATED: usize = 64;
/// The number of frames that it then frees, every second one, and requests again.
const HOLES: usize = ALLOCATED / 2;

pub const LESSON: Lesson = Lesson {
    name: "frames",
    title: "Frames and the bitmap",
    goal: "one bit for each frame; first fit and next fit with the same requests",
    steps: &[
        step("{total} frames of 4 KiB are usable. The allocator keeps one bit for each frame: 1 means free. {free} bits are 1 now.")
            .figure(Figure::Bitmap)
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                let statistics = lock().statistics();
                stage.count("total", statistics.total);
                stage.count("free", statistics.free);
                stage.count("runs", lock().free_stretches().0);
                Ok(())
            })
            .holds(|_| {
                let all = lock().validate();
                fact!(all.is_ok(), "the bitmap is not in order: {all:?}");
                Ok(())
            }),
        step("The lowest free frame above the memory saved for devices: {frame}, outlined in the bitmap. Its bit is 0 now.")
            .asks("A caller requests one frame, and {free} are free. Which one does the allocator return?")
            .choices(&["A random one", "The lowest suitable one", "The highest one"], 1)
            .because("Not A: a search from low addresses keeps high memory contiguous.")
            .figure(Figure::Bitmap)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("frame"))
            .selects(|stage| stage.selected_frame("frame"))
            .acts(|stage| {
                let frame = stage.allocate_frame(Tag::CACHE)?;
                stage.frame("frame", frame);
                Ok(())
            })
            .holds(|stage| {
                let free = lock().statistics().free;
                fact!(free + 1 == stage.get("free"), "{free} frames are free");
                let users = frames::references(stage.frames[0]);
                fact!(users == 1, "it has {users} references");
                Ok(())
            }),
        step("The caller has {more} more frames, from low to high addresses, up to {last}. This policy, set for this lesson, is first fit.")
            .figure(Figure::Bitmap)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("frame"))
            .meanwhile("The caller requests more frames, one at a time.")
            .beats(ALLOCATED as u32 - 1)
            .acts(|stage| {
                let frame = stage.allocate_frame(Tag::CACHE)?;
                stage.frame("last", frame);
                stage.count("more", ALLOCATED as u64 - 1);
                Ok(())
            })
            .holds(|stage| {
                let ascending = stage.frames.is_sorted();
                fact!(ascending && stage.frames.len() == ALLOCATED, "they do not ascend");
                Ok(())
            }),
        step("The caller has freed every second frame: {holes} holes of one frame each, between frames in use.")
            .figure(Figure::Bitmap)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("frame"))
            .meanwhile("The caller frees every second frame.")
            .beats(HOLES as u32)
            .acts(make_hole)
            .holds(|stage| {
                let free = lock().statistics().free;
                let expected = stage.get("free") - (ALLOCATED - HOLES) as u64;
                fact!(free == expected, "{free} frames are free, not {expected}");
                Ok(())
            }),
        step("In the holes, lowest first: {first} to {highest}. Higher memory stays contiguous.")
            .asks("The caller requests {holes} single frames again. First fit returns the lowest free frame. Where will they be?")
            .choices(&["Above all others", "In the holes", "In both"], 1)
            .because("Not A: each hole is lower than the free memory above.")
            .figure(Figure::Bitmap)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("frame"))
            .beats(HOLES as u32)
            .acts(|stage| {
                allocate_again(stage)?;
                stage.count("runs-first", lock().free_stretches().0);
                Ok(())
            })
            .holds(|stage| {
                let (highest, last) = (stage.get("highest"), stage.get("last"));
                fact!(highest <= last, "{highest:#x} lies beyond the holes, which end at {last:#x}");
                Ok(())
            }),
        step("The caller frees the same {holes} frames. The holes are as before, and the same requests follow.")
            .figure(Figure::Bitmap)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("frame"))
            .acts(|stage| {
                while stage.frames.len() > ALLOCATED - HOLES {
                    stage.free_frame(stage.frames.len() - 1);
                }
                Ok(())
            }),
        step("Above all others: {first} to {highest}. The holes remain, because no search starts below them.")
            .asks("The same requests again. Now each search starts after the frame that was allocated last: next fit. Where will the frames be?")
            .choices(&["In the holes again", "Above all others", "In both"], 1)
            .because("Not A: the search starts after the last frame, which is above the holes.")
            .figure(Figure::Bitmap)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("frame"))
            .beats(HOLES as u32)
            .acts(|stage| {
                lock().set_placement(Placement::NextFit);
                allocate_again(stage)?;
                stage.count("runs-next", lock().free_stretches().0);
                Ok(())
            })
            .holds(|stage| {
                let (first, last) = (stage.get("first"), stage.get("last"));
                fact!(first >= last, "{first:#x} is a hole, and the last of them was {last:#x}");
                let (fit, next) = (stage.get("runs-first"), stage.get("runs-next"));
                fact!(next > fit, "{next} free runs after next fit, {fit} after first fit");
                Ok(())
            }),
        step("Nothing: {free} frames are free, as at the start. A bitmap needs no merging: neighbouring free bits form one run.")
            .asks("Next fit searches less and leaves holes. What remains of the holes when every frame is free?")
            .choices(&["The holes", "A list to merge", "Nothing"], 2)
            .because("Not B: only a list of free blocks needs merging; a bitmap has none.")
            .figure(Figure::Bitmap)
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("frame"))
            .acts(|stage| {
                lock().set_placement(Placement::default());
                while !stage.frames.is_empty() {
                    stage.free_frame(stage.frames.len() - 1);
                }
                Ok(())
            })
            .holds(|stage| {
                let free = lock().statistics().free;
                let runs = lock().free_stretches().0;
                let before = (stage.get("free"), stage.get("runs"));
                fact!((free, runs) == before, "{free} frames are free in {runs} runs, not {before:?}");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |_| {
        lock().set_placement(Placement::FirstFit);
        Ok(())
    },
};

/// Frees the next frame of every second one.
fn make_hole(stage: &mut Stage) -> Outcome {
    // The list keeps its order, so the beat is the index of the next frame to free.
    let frame = stage.frames.remove(stage.beat as usize);
    frames::free(frame)?;
    let state = lock().state(frame);
    fact!(matches!(state, FrameState::Free), "{frame:?} is {state:?}");
    stage.count("holes", HOLES as u64);
    Ok(())
}

/// Allocates one frame, and notes the lowest and the highest frame since beat 0.
fn allocate_again(stage: &mut Stage) -> Result<(), Failure> {
    let frame = stage.allocate_frame(Tag::CACHE)?;
    if stage.beat == 0 {
        stage.frame("first", frame);
    }
    stage.frame("highest", frame);
    fact!(frame.start_address().is_aligned(FRAME), "{frame:?}");
    Ok(())
}
