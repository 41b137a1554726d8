//! Tags: what a frame is besides its owner's.

use super::{Failure, Outcome, Test, check};
use crate::memory::{frames, tags};
use mm::frame::{FrameState, Run};
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;

pub const QUICK: &[Test] = &[
    Test {
        name: "tags: a frame is shared from its second user to its last but one",
        run: shared,
    },
    Test {
        name: "tags: a run is a device's while it is lent, and DMA-safe all the time",
        run: lent,
    },
];

/// How a frame is tagged now.
fn tag(frame: PhysFrame) -> Result<Tag, Failure> {
    let state = frames::lock().state(frame);
    match state {
        FrameState::InUse(info) => Ok(info.tag),
        other => Err(Failure::new(format_args!("{frame:?} is {other:?}"))),
    }
}

fn shared() -> Outcome {
    let frame = frames::allocate(Tag::USER)?;
    let mut seen = heapless::Vec::<Tag, 8>::new();
    let mut note = || -> Outcome {
        let _ = seen.push(tag(frame)?);
        Ok(())
    };
    note()?;
    frames::share(frame)?;
    note()?;
    frames::share(frame)?;
    note()?;
    frames::free(frame)?;
    note()?;
    frames::free(frame)?;
    note()?;
    frames::free(frame)?;
    let (alone, shared) = (Tag::USER, Tag::USER | Tag::SHARED);
    check!(
        seen == [alone, shared, shared, shared, alone],
        "the tags were {seen:?}"
    );
    Ok(())
}

fn lent() -> Outcome {
    let run = Run {
        frames: 4,
        align_frames: 4,
        ceiling: None,
    };
    let first = frames::allocate_run(run, Tag::DEVICE | Tag::DMA_SAFE)?;
    let before = tag(first + 3)?;
    tags::lend(first, run.frames)?;
    let lent = tag(first + 3)?;
    tags::take_back(first, run.frames)?;
    let after = tag(first + 3)?;
    frames::lock().free_run(first, run.frames)?;
    let ours = Tag::DEVICE | Tag::DMA_SAFE;
    check!(
        (before, lent, after) == (ours, ours | Tag::DEVICE_OWNED, ours),
        "the tags were {before:?}, {lent:?}, {after:?}"
    );
    let again = tags::lend(first, run.frames);
    check!(again.is_err(), "free frames were lent to a device");
    Ok(())
}
