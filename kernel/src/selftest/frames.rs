//! Tests of the frame allocator: frames are distinct and zeroed, and wrong frees are refused.

use super::test::{Outcome, Test, check};
use crate::memory::physical::frames::{self, FRAME};
use mm::frame::{AllocateError, FrameState, FreeError, Run};
use mm::tag::Tag;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

pub const QUICK: &[Test] = &[
    Test {
        name: "frames: allocation returns usable, zeroed, distinct frames",
        run: different,
    },
    Test {
        name: "frames: a freed frame is allocated again",
        run: found_again,
    },
    Test {
        name: "frames: a double free and a foreign free are refused",
        run: bad_frees,
    },
    Test {
        name: "frames: a run for a device is aligned, contiguous and below its ceiling",
        run: runs,
    },
    Test {
        name: "frames: a shared frame is free only after its last user",
        run: sharing,
    },
];

pub const LONG: &[Test] = &[Test {
    name: "frames: out of memory is an error, and all frames are free again",
    run: exhaustion,
}];

fn different() -> Outcome {
    let mut allocated = [const { None::<PhysFrame> }; 64];
    for slot in &mut allocated {
        let frame = frames::allocate(Tag::KERNEL)?;
        check!(is_zero(frame), "{frame:?} is not zeroed");
        // SAFETY: the frame is ours.
        unsafe { frames::pointer(frame.start_address()).write_bytes(0xa5, FRAME as usize) };
        *slot = Some(frame);
    }
    for (index, frame) in allocated.iter().enumerate() {
        check!(
            !allocated[..index].contains(frame),
            "{frame:?} was allocated twice"
        );
    }
    for frame in allocated.into_iter().flatten() {
        frames::free(frame)?;
    }
    Ok(())
}

fn found_again() -> Outcome {
    let free = frames::lock().statistics().free;
    let first = frames::allocate(Tag::KERNEL)?;
    check!(
        frames::lock().statistics().free == free - 1,
        "the count of free frames is wrong"
    );
    frames::free(first)?;
    let second = frames::allocate(Tag::KERNEL)?;
    check!(is_zero(second), "{second:?} is not zeroed");
    frames::free(second)?;
    check!(
        first == second,
        "{first:?} was freed, but {second:?} allocated"
    );
    Ok(())
}

fn bad_frees() -> Outcome {
    let frame = frames::allocate(Tag::KERNEL)?;
    frames::free(frame)?;
    check!(
        frames::free(frame) == Err(FreeError::AlreadyFree(frame)),
        "a double free passed"
    );
    let zero = frames::frame_at(PhysAddr::zero());
    check!(
        matches!(
            frames::free(zero),
            Err(FreeError::Pinned(_) | FreeError::NotUsable(_))
        ),
        "frame 0 could be freed"
    );
    let beyond = frames::frame_at(PhysAddr::new(1 << 51));
    check!(
        frames::free(beyond) == Err(FreeError::OutOfRange(beyond)),
        "a wild free passed"
    );
    Ok(())
}

fn runs() -> Outcome {
    // The middle of memory, so that there are frames above the ceiling.
    let ceiling = PhysAddr::new(frames::lock().frames() as u64 / 2 * FRAME);
    let run = Run {
        frames: 16,
        align_frames: 16,
        ceiling: Some(ceiling),
    };
    let first = frames::allocate_run(run, Tag::DEVICE | Tag::DMA_SAFE)?;
    let start = first.start_address();
    check!(
        start.is_aligned(16 * FRAME),
        "{start:#x} is not aligned to 64 KiB"
    );
    check!(
        start + 16 * FRAME <= ceiling,
        "{start:#x} is above the ceiling"
    );
    frames::lock().free_run(first, 16)?;
    Ok(())
}

fn sharing() -> Outcome {
    let frame = frames::allocate(Tag::USER)?;
    check!(
        frames::lock().share(frame)? == 2,
        "two users are not counted as two"
    );
    frames::free(frame)?;
    check!(
        frames::lock().share(frame)? == 2,
        "the frame was freed while in use"
    );
    frames::free(frame)?;
    frames::free(frame)?;
    check!(
        frames::free(frame) == Err(FreeError::AlreadyFree(frame)),
        "two users freed the frame three times"
    );
    Ok(())
}

fn exhaustion() -> Outcome {
    // A unique tag marks the frames to free. So the test writes to no frame, and frames that were
    // never touched cost the host no memory.
    let mark = Tag::CACHE | Tag::DEVICE_OWNED;
    let refused = loop {
        if let Err(error) = frames::lock().allocate(mark) {
            break error;
        }
    };
    let total = frames::lock().frames() as u64;
    for number in 0..total {
        let frame = frames::frame_at(PhysAddr::new(number * FRAME));
        let marked =
            matches!(frames::lock().state(frame), FrameState::InUse(info) if info.tag == mark);
        if marked {
            frames::lock().free(frame)?;
        }
    }
    check!(
        refused == AllocateError::Exhausted { frames: 1, free: 0 },
        "{refused}"
    );
    Ok(())
}

fn is_zero(frame: PhysFrame) -> bool {
    let words = frames::pointer(frame.start_address()).cast::<u64>();
    // SAFETY: the frame is ours, and 512 words long.
    (0..512).all(|at| unsafe { words.add(at).read() } == 0)
}
