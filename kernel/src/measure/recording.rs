//! Q1: the cost that recording adds to an allocation.
//!
//! The same operations run with recording on and off; the cheapest of several rounds of each
//! counts. A round frees everything that it allocates, so an unrecorded round leaves the picture
//! correct. The share relates to the cost for a caller, which always gets zeroed memory. The last
//! operation has no such caller: it shows the cost of an event beside the cheapest recorded
//! operation.

use super::cost::{Drain, Unit, cost, ticks};
use super::share::Share;
use super::violation::Violation;
use crate::memory::heap::{corruption, kernel_heap, kmalloc};
use crate::memory::physical::frames;
use crate::memory::trace;
use mm::tag::Tag;

/// Operations in a round.
const OPERATIONS: u64 = 200;
/// Rounds with recording, and as many without.
const ROUNDS: usize = 5;
/// Bytes of a heap block.
const BYTES: usize = 64;

/// Allocates and frees once.
type Pair = fn() -> Result<(), Violation>;

const PAIRS: [(&str, Pair); 4] = [
    ("a frame, zeroed", || {
        frames::free(frames::allocate(Tag::KERNEL)?)?;
        Ok(())
    }),
    ("kmalloc of 64 B", || {
        Ok(kmalloc::kfree(kmalloc::kmalloc(BYTES, Tag::KERNEL)?)?)
    }),
    ("a bare heap block of 64 B", || {
        let block =
            kernel_heap::allocate(BYTES, 1, Tag::KERNEL).map_err(kmalloc::KmallocError::Heap)?;
        kernel_heap::free(block.address).map_err(kmalloc::KfreeError::from)?;
        Ok(())
    }),
    ("a frame, bookkeeping alone", || {
        let frame = frames::lock().allocate(Tag::KERNEL)?;
        frames::lock().free(frame)?;
        Ok(())
    }),
];

/// Measures the cost and logs it.
pub fn measure(unit: Unit, drain: Drain<'_>) -> Result<(), Violation> {
    log::info!(
        "Q1 recording: the share that events add to one zeroed allocation and its free (required: under 10 %; goal: 5 %)"
    );
    let was_on = trace::is_on();
    for (name, pair) in PAIRS {
        // The first round is recorded. It grows the heap if that is necessary.
        round(pair)?;
        let (mut on, mut off, mut events) = (u64::MAX, u64::MAX, 0);
        for _ in 0..ROUNDS {
            drain();
            trace::switch(was_on);
            let before = trace::RING.recorded();
            on = on.min(round(pair)?);
            events = trace::RING.recorded() - before;
            trace::switch(false);
            let unrecorded = round(pair);
            trace::switch(was_on);
            off = off.min(unrecorded?);
        }
        let added = Share {
            part: on.saturating_sub(off),
            whole: off,
        };
        log::info!(
            "Q1   {name}: {added}, {} {} with recording, {} without; {} for an event",
            on / OPERATIONS,
            unit.words(),
            off / OPERATIONS,
            on.saturating_sub(off) / events.max(1)
        );
        cost(name, on / OPERATIONS);
    }
    if !was_on {
        log::info!("Q1   trace=off: recording was off for all of them");
    }
    Ok(())
}

/// Empties quarantine and cache, so that a round without events leaves both as the picture has
/// them.
fn empty() {
    corruption::empty_quarantine();
    kernel_heap::drain_cache();
}

/// The ticks of a round. They include emptying the heap's quarantine, which is empty before.
fn round(pair: Pair) -> Result<u64, Violation> {
    empty();
    let mut result = Ok(());
    let elapsed = ticks(|| {
        result = (0..OPERATIONS).try_for_each(|_| pair());
        corruption::empty_quarantine();
    });
    empty();
    result.map(|()| elapsed)
}
