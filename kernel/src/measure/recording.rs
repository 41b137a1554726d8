//! Q1: the cost that recording adds to an allocation.
//!
//! The same operations run with recording on and off; the cheapest of several rounds of each
//! counts. A round frees everything that it allocates, so an unrecorded round leaves the picture
//! correct. Operations before it fill the heap's quarantine and cache, as in a kernel that has run
//! for a while: then each free moves an older allocation from the quarantine to the cache, and each
//! allocation takes one from there. The share relates to the cost for a caller, which always gets
//! zeroed memory. The last operation has no such caller: it shows the cost of an event beside the
//! cheapest recorded operation.

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
/// Operations before a round: more than the quarantine and a stack of the cache hold.
const WARM_UP: u64 = 300;
/// Bytes of a heap block.
const BYTES: usize = 64;

/// Allocates and frees once.
type Operation = fn() -> Result<(), Violation>;

/// An operation that is measured.
#[derive(Clone, Copy)]
struct Pair {
    name: &'static str,
    /// Operations before a round.
    warm_up: u64,
    operation: Operation,
}

const PAIRS: [Pair; 5] = [
    Pair {
        name: "a frame, zeroed",
        warm_up: WARM_UP,
        operation: || {
            frames::free(frames::allocate(Tag::KERNEL)?)?;
            Ok(())
        },
    },
    Pair {
        name: "kmalloc of 64 B",
        warm_up: WARM_UP,
        operation: kmalloc_and_kfree,
    },
    Pair {
        name: "kmalloc of 64 B, nothing cached",
        warm_up: 0,
        operation: kmalloc_and_kfree,
    },
    Pair {
        name: "a bare heap block of 64 B",
        warm_up: WARM_UP,
        operation: || {
            let block = kernel_heap::allocate(BYTES, 1, Tag::KERNEL);
            let block = block.map_err(kmalloc::KmallocError::Heap)?;
            kernel_heap::free(block.address).map_err(kmalloc::KfreeError::from)?;
            Ok(())
        },
    },
    Pair {
        name: "a frame, bookkeeping alone",
        warm_up: WARM_UP,
        operation: || {
            let frame = frames::lock().allocate(Tag::KERNEL)?;
            frames::lock().free(frame)?;
            Ok(())
        },
    },
];

fn kmalloc_and_kfree() -> Result<(), Violation> {
    Ok(kmalloc::kfree(kmalloc::kmalloc(BYTES, Tag::KERNEL)?)?)
}

/// Measures the cost and logs it.
pub fn measure(unit: Unit, drain: Drain<'_>) -> Result<(), Violation> {
    log::info!(
        "Q1 recording: the share that events add to one zeroed allocation and its free (required: under 10 %; goal: 5 %)"
    );
    let was_on = trace::is_on();
    for pair in PAIRS {
        // The first round is recorded. It grows the heap if that is necessary.
        round(pair)?;
        let (mut on, mut off, mut events) = (u64::MAX, u64::MAX, 0);
        for _ in 0..ROUNDS {
            drain();
            trace::switch(was_on);
            let recorded = round(pair)?;
            on = on.min(recorded.ticks);
            events = recorded.events;
            trace::switch(false);
            let unrecorded = round(pair);
            trace::switch(was_on);
            off = off.min(unrecorded?.ticks);
        }
        let added = Share {
            part: on.saturating_sub(off),
            whole: off,
        };
        log::info!(
            "Q1   {}: {added}, {} {} with recording, {} without; {} for an event",
            pair.name,
            on / OPERATIONS,
            unit.words(),
            off / OPERATIONS,
            on.saturating_sub(off) / events.max(1)
        );
        cost(pair.name, on / OPERATIONS);
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

/// The cost of a round.
struct Round {
    ticks: u64,
    events: u64,
}

/// Measures a round. Without a warm-up it includes emptying the heap's quarantine.
fn round(pair: Pair) -> Result<Round, Violation> {
    empty();
    (0..pair.warm_up).try_for_each(|_| (pair.operation)())?;
    let mut result = Ok(());
    let before = trace::RING.recorded();
    let ticks = ticks(|| {
        result = (0..OPERATIONS).try_for_each(|_| (pair.operation)());
        if pair.warm_up == 0 {
            corruption::empty_quarantine();
        }
    });
    let events = trace::RING.recorded() - before;
    empty();
    result.map(|()| Round { ticks, events })
}
