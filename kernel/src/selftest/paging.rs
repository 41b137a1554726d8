//! Tests of page tables: mappings are exactly those that were requested.

use super::test::{Outcome, Test, check, needs};
use crate::boot::image;
use crate::machine::cpu::Features;
use crate::memory::checks::test_access;
use crate::memory::paging::kernel_space::{self, PagingError};
use crate::memory::paging::layout;
use crate::memory::paging::translation::enforceable;
use crate::memory::physical::frames::{self, FRAME};
use mm::paging::{Access, PageSize};
use mm::tag::Tag;
use x86_64::VirtAddr;

pub const QUICK: &[Test] = &[
    Test {
        name: "paging: map, translate, use, unmap",
        run: round_trip,
    },
    Test {
        name: "paging: an unmapped page is inaccessible at once",
        run: flushed,
    },
    Test {
        name: "paging: each section has its access rights, and text is not writable",
        run: sections,
    },
    Test {
        name: "paging: data is not executable",
        run: data_does_not_run,
    },
    Test {
        name: "paging: nothing is mapped at address 0",
        run: null,
    },
    Test {
        name: "paging: mapping twice and unmapping nothing are refused",
        run: refusals,
    },
];

/// An address that no other code uses.
const SPARE: VirtAddr = VirtAddr::new(layout::DEMAND_ZERO.as_u64() + (1 << 30));

fn round_trip() -> Outcome {
    let frame = frames::allocate(Tag::KERNEL)?;
    let at = frame.start_address();
    kernel_space::lock()
        .map(SPARE, at, PageSize::Size4KiB, Access::WRITE)?
        .not_cached();
    // SAFETY: the test has just mapped the page to a frame of its own.
    unsafe { SPARE.as_mut_ptr::<u64>().write_volatile(0x1234_5678) };
    // SAFETY: the direct map maps the same frame.
    let seen = unsafe { frames::pointer(at).cast::<u64>().read_volatile() };
    let found = kernel_space::lock().lookup(SPARE + 0x123);
    let (unmapped, flush) = kernel_space::lock().unmap(SPARE)?;
    flush.flush();
    frames::free(frame)?;
    check!(seen == 0x1234_5678, "the page leads to another frame");
    check!(
        found.is_some_and(|found| found.physical == at + 0x123),
        "translated to {found:?}"
    );
    check!(unmapped == frame, "{unmapped:?} was mapped, not {frame:?}");
    check!(test_access::read(SPARE).is_err(), "the page is still there");
    Ok(())
}

/// Unmaps a page beside one that stays mapped: their page table stays, and so would a stale TLB
/// entry.
fn flushed() -> Outcome {
    let neighbour = SPARE + FRAME;
    kernel_space::map_frame(neighbour, Tag::KERNEL)?;
    kernel_space::map_frame(SPARE, Tag::KERNEL)?;
    let there = test_access::read(SPARE).is_ok();
    kernel_space::unmap_frames(SPARE, neighbour);
    let gone = test_access::read(SPARE).is_err();
    kernel_space::unmap_frames(neighbour, neighbour + FRAME);
    check!(
        there && gone,
        "accessible before: {there}, inaccessible after: {gone}"
    );
    Ok(())
}

fn sections() -> Outcome {
    for section in [image::text(), image::read_only_data(), image::data()] {
        let mut page = VirtAddr::new(section.start);
        while page.as_u64() < section.end {
            let access = kernel_space::lock().lookup(page).map(|found| found.access);
            let expected = match section.name {
                "text" => Access::EXECUTE,
                "rodata" => Access::empty(),
                _ => Access::WRITE,
            };
            check!(
                access == Some(enforceable(expected | Access::GLOBAL)),
                "{} at {page:#x} has {access:?}",
                section.name
            );
            page += FRAME;
        }
    }
    // SAFETY: text is read-only, so the write cannot succeed.
    let written = unsafe { test_access::write(VirtAddr::new(image::text().start)) };
    check!(written.is_err(), "text can be written");
    Ok(())
}

fn data_does_not_run() -> Outcome {
    needs(Features::NX)?;
    // SAFETY: the CPU has NX, and no page of data can be executed.
    let executed = unsafe { test_access::execute(VirtAddr::new(image::data().start)) };
    check!(executed.is_err(), "data can be executed");
    Ok(())
}

fn null() -> Outcome {
    check!(
        test_access::read(VirtAddr::zero()).is_err(),
        "address 0 can be read"
    );
    Ok(())
}

fn refusals() -> Outcome {
    let text = VirtAddr::new(image::text().start);
    let frame = frames::frame_at(x86_64::PhysAddr::zero()).start_address();
    let again = kernel_space::lock().map(text, frame, PageSize::Size4KiB, Access::WRITE);
    check!(
        matches!(again, Err(PagingError::AlreadyMapped(at)) if at == text),
        "a second mapping passed"
    );
    let nothing = kernel_space::lock().unmap(SPARE);
    check!(
        matches!(nothing, Err(PagingError::NotMapped(at)) if at == SPARE),
        "unmapping an unmapped page passed"
    );
    Ok(())
}
