//! Q1: what recording adds to an allocation.
//!
//! The same operations run with recording on and off, the cheapest of a few rounds of each counts.
//! Everything that a round takes it gives back, so what was not recorded leaves no trace. The share
//! is of what a caller pays: whatever he is given is zeroed. Only the last operation is not one
//! that anybody asks for: it says what an event costs beside the least that could be recorded.

use super::{Breathe, Broken, Share, Unit, ticks};
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

/// Takes one piece and gives it back.
type Pair = fn() -> Result<(), Broken>;

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

/// Measures and tells.
pub fn measure(unit: Unit, breathe: Breathe<'_>) -> Result<(), Broken> {
    log::info!(
        "Q1 recording: what events add to taking one piece, zeroed, and giving it back (wanted: under 5 %)"
    );
    let was_on = trace::is_on();
    for (name, pair) in PAIRS {
        // The first round grows the heap if it must grow, and is recorded like everything before.
        round(pair)?;
        let (mut on, mut off, mut events) = (u64::MAX, u64::MAX, 0);
        for _ in 0..ROUNDS {
            breathe();
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
        super::cost(name, on / OPERATIONS);
    }
    if !was_on {
        log::info!("Q1   trace=off: recording was off in all of them");
    }
    Ok(())
}

/// Ticks of a round. The quarantine of the heap is empty before and after: what waits there must
/// leave as well.
fn round(pair: Pair) -> Result<u64, Broken> {
    corruption::empty_quarantine();
    let mut result = Ok(());
    let taken = ticks(|| {
        result = (0..OPERATIONS).try_for_each(|_| pair());
        corruption::empty_quarantine();
    });
    result.map(|()| taken)
}
