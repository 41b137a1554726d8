//! Tests of address spaces without a running program: mappings, copy-on-write, and freed frames.

use super::test::{Failure, Outcome, Test, check};
use crate::memory::paging::user_layout::{HEAP, STACK_END};
use crate::memory::physical::frames::{self, FRAME};
use crate::process::{AddressSpace, SpaceError};
use mm::frame::FrameState;
use mm::paging::{ErrorCode, FaultOutcome};
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

pub const QUICK: &[Test] = &[
    Test {
        name: "spaces: the first write copies a whole page, the last owner's write copies nothing",
        run: copies,
    },
    Test {
        name: "spaces: mappings keep a gap, and unmapping frees and counts each page",
        run: mappings,
    },
    Test {
        name: "spaces: a child inherits its parent's heap and mappings",
        run: inheritance,
    },
];

const WRITE: ErrorCode = ErrorCode::WRITE.union(ErrorCode::USER);

fn frame_of(space: &AddressSpace, page: VirtAddr) -> Result<PhysFrame, Failure> {
    let mapping = space.lookup(page).ok_or("the page has no frame")?;
    Ok(frames::frame_at(mapping.physical))
}

/// Returns the bytes of a frame that an address space of this test maps.
fn bytes(frame: PhysFrame) -> &'static mut [u8] {
    let first = frames::pointer(frame.start_address());
    // SAFETY: the frame belongs to the test, and the direct map maps all of it.
    unsafe { core::slice::from_raw_parts_mut(first, FRAME as usize) }
}

fn copies() -> Outcome {
    let mut parent = AddressSpace::new(u32::MAX)?;
    parent.set_heap(FRAME)?;
    parent.resolve_access(HEAP, WRITE)?;
    let old = frame_of(&parent, HEAP)?;
    for (number, byte) in bytes(old).iter_mut().enumerate() {
        *byte = (number / 7) as u8;
    }
    let mut child = parent.fork(u32::MAX - 1)?;
    let first = child.resolve_access(HEAP, WRITE | ErrorCode::PROTECTION)?;
    let copy = frame_of(&child, HEAP)?;
    let is_whole = bytes(copy) == bytes(old);
    let last = parent.resolve_access(HEAP, WRITE | ErrorCode::PROTECTION)?;
    let kept = frame_of(&parent, HEAP)?;
    child.release();
    parent.release();
    check!(is_whole, "the copy differs from the page");
    check!(
        (first, last) == (FaultOutcome::Copied, FaultOutcome::MadeWritable),
        "the first write: {first:?}, the last owner's: {last:?}"
    );
    check!(
        copy != old && kept == old,
        "the last owner has another frame"
    );
    Ok(())
}

fn mappings() -> Outcome {
    let mut space = AddressSpace::new(u32::MAX)?;
    let first = space.add_mapping(3 * FRAME)?;
    let second = space.add_mapping(1)?;
    let between = space.region(first + 3 * FRAME).copied();
    for page in [first, first + 2 * FRAME, second, STACK_END - 1] {
        space.resolve_access(page, WRITE)?;
    }
    let stack = frames::lock().state(frame_of(&space, STACK_END - 1)?);
    let inner = space.remove_mapping(first + FRAME);
    let (before, free) = (space.pages(), frames::lock().statistics().free);
    space.remove_mapping(first)?;
    let (after, freed) = (space.pages(), frames::lock().statistics().free);
    let gone = space.lookup(first);
    let touched = space.resolve_access(first, WRITE);
    space.release();
    check!(
        between.is_none(),
        "no gap between the mappings: {between:?}"
    );
    check!(inner.is_err(), "a part of a mapping was unmapped");
    check!((before, after) == (4, 2), "{before} pages, then {after}");
    check!(
        gone.is_none() && freed >= free + 2,
        "its frames are still in use"
    );
    check!(
        matches!(touched, Err(SpaceError::Forbidden(..))),
        "it is still accessible: {touched:?}"
    );
    let owner = Tag::USER | Tag::STACK;
    let is_stack = matches!(stack, FrameState::InUse(info) if info.tag == owner);
    check!(is_stack, "the stack's frame is {stack:?}");
    Ok(())
}

fn inheritance() -> Outcome {
    let mut parent = AddressSpace::new(u32::MAX)?;
    parent.set_heap(2 * FRAME)?;
    let mapping = parent.add_mapping(FRAME)?;
    parent.resolve_access(HEAP, WRITE)?;
    let mut child = parent.fork(u32::MAX - 1)?;
    let next = child.add_mapping(FRAME);
    let heap = child.set_heap(4 * FRAME);
    let region = child.region(HEAP + 3 * FRAME).copied();
    child.release();
    parent.release();
    check!(
        next.is_ok_and(|next| next == mapping + 2 * FRAME),
        "the mapping after {mapping:#x} is {next:?}"
    );
    check!(
        heap.is_ok() && region.is_some(),
        "its heap does not grow: {heap:?}"
    );
    Ok(())
}
