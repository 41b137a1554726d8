//! Frames: a bit for each, and two ways of choosing among the free ones.

use crate::lessons::stage::Stage;
use crate::lessons::{Failure, Lesson, Outcome, fact, step};
use crate::memory::physical::frames::{self, FRAME, lock};
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::frame::{FrameState, Placement};
use mm::tag::Tag;

/// Frames that are taken first.
const TAKEN: usize = 64;
/// Every second one of them goes back, and as many are wanted then.
const HOLES: usize = TAKEN / 2;

pub const LESSON: Lesson = Lesson {
    name: "frames",
    title: "Frames and the bitmap",
    steps: &[
        step("{total} frames of 4 KiB can be used. The kernel keeps one bit for each: 1 means free. {free} bits are 1 now.")
            .on(Board::Overview, MapMode::State)
            .acts(|stage| {
                let statistics = lock().statistics();
                stage.count("total", statistics.total);
                stage.count("free", statistics.free);
                stage.count("stretches", lock().free_stretches().0);
                Ok(())
            })
            .holds(|_| {
                let all = lock().validate();
                fact!(all.is_ok(), "the bitmap is not in order: {all:?}");
                Ok(())
            }),
        step("The lowest one that no device may need: {frame}. Its bit is 0 now, and its reference count is 1.")
            .asks("Somebody wants one frame. {free} are free: which one will he get?")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("frame"))
            .selects(|stage| stage.selected_frame("frame"))
            .acts(|stage| {
                let frame = stage.take_frame(Tag::CACHE)?;
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
        step("{more} more are taken, one at a time, from low to high addresses: {frame} to {last}. This is first fit.")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("last"))
            .meanwhile("More frames are taken, one at a time.")
            .beats(TAKEN as u32 - 1)
            .acts(|stage| {
                let frame = stage.take_frame(Tag::CACHE)?;
                stage.frame("last", frame);
                stage.count("more", TAKEN as u64 - 1);
                Ok(())
            })
            .holds(|stage| {
                let ascending = stage.frames.is_sorted();
                fact!(ascending && stage.frames.len() == TAKEN, "they do not ascend");
                Ok(())
            }),
        step("Every second one goes back: {holes} holes, each a single frame, between frames in use.")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("last"))
            .meanwhile("Every second one goes back.")
            .beats(HOLES as u32)
            .acts(make_hole)
            .holds(|stage| {
                let free = lock().statistics().free;
                let expected = stage.get("free") - (TAKEN - HOLES) as u64;
                fact!(free == expected, "{free} frames are free, not {expected}");
                Ok(())
            }),
        step("In the holes, the lowest one first: {first} to {highest}. High memory stays in one piece: {stretches-first} free pieces in all.")
            .asks("{holes} frames are wanted again, one at a time. First fit takes the lowest that is free. Where will they be?")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("last"))
            .beats(HOLES as u32)
            .acts(|stage| {
                take_again(stage)?;
                stage.count("stretches-first", lock().free_stretches().0);
                Ok(())
            })
            .holds(|stage| {
                let (highest, last) = (stage.get("highest"), stage.get("last"));
                fact!(highest <= last, "{highest:#x} lies beyond the holes, which end at {last:#x}");
                Ok(())
            }),
        step("The same {holes} are given back: the same holes, the same requests are to come.")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("last"))
            .acts(|stage| {
                while stage.frames.len() > TAKEN - HOLES {
                    stage.free_frame(stage.frames.len() - 1);
                }
                Ok(())
            }),
        step("Behind all others: {first} to {highest}. The holes stay behind: {stretches-next} free pieces instead of {stretches-first}.")
            .asks("The same requests once more, but now the search goes on behind the frame that was taken last: next fit. Where now?")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("last"))
            .beats(HOLES as u32)
            .acts(|stage| {
                lock().set_placement(Placement::NextFit);
                take_again(stage)?;
                stage.count("stretches-next", lock().free_stretches().0);
                Ok(())
            })
            .holds(|stage| {
                let (first, last) = (stage.get("first"), stage.get("last"));
                fact!(first >= last, "{first:#x} is a hole, and the last of them was {last:#x}");
                let (fit, next) = (stage.get("stretches-first"), stage.get("stretches-next"));
                fact!(next > fit, "{next} free pieces after next fit, {fit} after first fit");
                Ok(())
            }),
        step("All are given back: {free} frames are free, in {stretches} pieces, as in the beginning. The bits alone remember everything.")
            .asks("Next fit searches less, and leaves holes. What is left of all this when every frame is given back?")
            .on(Board::Overview, MapMode::State)
            .near(|stage| stage.around("last"))
            .acts(|stage| {
                lock().set_placement(Placement::FirstFit);
                while !stage.frames.is_empty() {
                    stage.free_frame(stage.frames.len() - 1);
                }
                Ok(())
            })
            .holds(|stage| {
                let free = lock().statistics().free;
                let stretches = lock().free_stretches().0;
                let before = (stage.get("free"), stage.get("stretches"));
                fact!((free, stretches) == before, "{free} free in {stretches} pieces, not {before:?}");
                Ok(())
            }),
    ],
    is_possible: || true,
    prepare: |_| Ok(()),
};

/// Gives the next second frame back.
fn make_hole(stage: &mut Stage) -> Outcome {
    // The list keeps its order: the frame at the place of the beat is the next second one.
    let frame = stage.frames.remove(stage.beat as usize);
    frames::free(frame)?;
    let state = lock().state(frame);
    fact!(
        matches!(state, FrameState::Free(_)),
        "{frame:?} is {state:?}"
    );
    stage.count("holes", HOLES as u64);
    Ok(())
}

/// Takes one frame, and notes the lowest and the highest of those taken since beat 0.
fn take_again(stage: &mut Stage) -> Result<(), Failure> {
    let frame = stage.take_frame(Tag::CACHE)?;
    if stage.beat == 0 {
        stage.frame("first", frame);
    }
    stage.frame("highest", frame);
    fact!(frame.start_address().is_aligned(FRAME), "{frame:?}");
    Ok(())
}
