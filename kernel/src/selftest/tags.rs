//! Tests of the tags that a frame has in addition to its owner.

use super::test::{Failure, Outcome, Test, check};
use crate::memory::checks::test_access;
use crate::memory::heap::dma;
use crate::memory::heap::kmalloc::{kfree, kmalloc_dma};
use crate::memory::paging::user_layout;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::tags;
use crate::process::AddressSpace;
use mm::frame::{FrameState, Run};
use mm::paging::ErrorCode;
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

pub const QUICK: &[Test] = &[
    Test {
        name: "tags: a frame is shared while it has at least two users",
        run: shared,
    },
    Test {
        name: "tags: a forked page is copied on write until one user is left",
        run: copied,
    },
    Test {
        name: "tags: a driver's run is mapped at its own addresses, and freed as a whole",
        run: mapped,
    },
    Test {
        name: "tags: a lent run is device-owned, and DMA-safe all the time",
        run: lent,
    },
];

/// Returns the current tag of a frame.
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
    frames::share(frame, false)?;
    note()?;
    frames::share(frame, false)?;
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

fn copied() -> Outcome {
    const PAGE: VirtAddr = user_layout::HEAP;
    let write = ErrorCode::WRITE | ErrorCode::USER;
    let mut parent = AddressSpace::new(u32::MAX)?;
    parent.set_heap(FRAME)?;
    parent.resolve_access(PAGE, write)?;
    let frame_of = |space: &AddressSpace| {
        let mapping = space.lookup(PAGE).ok_or("the page has no frame")?;
        Ok::<_, Failure>(frames::frame_at(mapping.physical))
    };
    let old = frame_of(&parent)?;
    let before = tag(old)?;
    let mut child = parent.fork(u32::MAX - 1)?;
    let common = tag(old)?;
    child.resolve_access(PAGE, write | ErrorCode::PROTECTION)?;
    let (left, copy) = (tag(old)?, tag(frame_of(&child)?)?);
    // The parent's page is still marked copy-on-write. A second fork must tag the frame again.
    let second = parent.fork(u32::MAX - 2)?;
    let again = tag(old)?;
    second.release();
    let alone = tag(old)?;
    child.release();
    parent.release();
    let shared = Tag::USER | Tag::SHARED | Tag::COPY_ON_WRITE;
    let wanted = [Tag::USER, shared, Tag::USER, Tag::USER, shared, Tag::USER];
    let seen = [before, common, left, copy, again, alone];
    check!(seen == wanted, "the tags were {seen:?}");
    Ok(())
}

fn mapped() -> Outcome {
    let ceiling = PhysAddr::new(1 << 32);
    let buffer = kmalloc_dma(2 * FRAME as usize, ceiling, Tag::DEVICE)?;
    let physical = dma::physical(buffer).ok_or("the run is not mapped")?;
    let first = frames::frame_at(physical);
    let (begin, end) = (tag(first)?, tag(first + 1)?);
    let last = test_access::read(buffer + (2 * FRAME - 1));
    let after_end = test_access::read(buffer + 2 * FRAME);
    let nowhere = dma::physical(buffer + 2 * FRAME);
    let inside = kfree(buffer + FRAME);
    kfree(buffer)?;
    let after = test_access::read(buffer);
    let wanted = Tag::DEVICE | Tag::DMA_SAFE | Tag::DEVICE_MAPPED;
    check!(
        [begin, end] == [wanted; 2],
        "the tags were {begin:?}, {end:?}"
    );
    check!(last.is_ok(), "its last byte faults");
    check!(after_end.is_err(), "the page after it is mapped");
    check!(nowhere.is_none(), "the page after it leads to {nowhere:?}");
    check!(inside.is_err(), "a free of its second page passed");
    check!(after.is_err(), "it is still mapped");
    let gone = dma::physical(buffer);
    check!(gone.is_none(), "it still leads to {gone:?}");
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
