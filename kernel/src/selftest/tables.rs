//! Tests of tables of fixed size that kernel code fills: the next request is refused, a free slot
//! serves again, and ten times as many refusals change nothing.

use super::test::{Failure, Outcome, Test, check};
use crate::memory::heap::error::{DMA_RUNS, GUARDED_SLOTS, GuardedError, KmallocError};
use crate::memory::heap::kmalloc::{kfree, kmalloc_dma, kmalloc_guarded};
use crate::memory::paging::stacks::{self, Owner, Stack};
use crate::memory::physical::frames::FRAME;
use core::fmt::Display;
use heapless::Vec;
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

pub const LONG: &[Test] = &[
    Test {
        name: "limits: with all runs of drivers in use, another is refused",
        run: runs,
    },
    Test {
        name: "limits: with all guarded allocations in use, another is refused",
        run: guarded,
    },
    Test {
        name: "limits: with all kernel stacks in use, another is refused",
        run: kernel_stacks,
    },
];

/// More than any of these tables has.
const MOST: usize = 80;

/// Fills a table, requests ten times as many entries again, then frees one and requests one.
/// Returns the number of entries.
fn fill<T, E: Display>(
    mut request: impl FnMut() -> Result<T, E>,
    is_full: impl Fn(&E) -> bool,
    mut free: impl FnMut(T) -> Outcome,
) -> Result<usize, Failure> {
    let mut held = Vec::<T, MOST>::new();
    let first = loop {
        match request() {
            Ok(one) => check!(held.push(one).is_ok(), "more than {MOST}"),
            Err(error) => break error,
        }
    };
    let entries = held.len();
    let is_refused = (0..10 * entries).all(|_| request().is_err_and(|error| is_full(&error)));
    if let Some(last) = held.pop() {
        free(last)?;
    }
    let again = request();
    let is_served = again.is_ok();
    if let Ok(one) = again {
        free(one)?;
    }
    while let Some(one) = held.pop() {
        free(one)?;
    }
    check!(is_full(&first), "refused with: {first}");
    check!(is_refused, "a later request is not refused alike");
    check!(is_served, "the free slot is refused");
    Ok(entries)
}

fn release(address: VirtAddr) -> Outcome {
    Ok(kfree(address)?)
}

fn runs() -> Outcome {
    let entries = fill(
        || kmalloc_dma(FRAME as usize, PhysAddr::new(1 << 32), Tag::DEVICE),
        |error| matches!(error, KmallocError::TooManyRuns),
        release,
    )?;
    check!(entries <= DMA_RUNS, "{entries} of {DMA_RUNS}");
    Ok(())
}

fn guarded() -> Outcome {
    let entries = fill(
        || kmalloc_guarded(1, 1, Tag::KERNEL),
        |error| matches!(error, KmallocError::Guarded(GuardedError::Slots)),
        release,
    )?;
    check!(entries <= GUARDED_SLOTS, "{entries} of {GUARDED_SLOTS}");
    Ok(())
}

fn kernel_stacks() -> Outcome {
    let entries = fill(
        || stacks::allocate(FRAME, Owner::Process(u32::MAX)),
        |_| true,
        |stack: Stack| {
            stacks::release(stack);
            Ok(())
        },
    )?;
    check!(entries > crate::process::CAPACITY, "{entries} stacks");
    Ok(())
}
