//! Q3: the share of the heap's free memory that is unusable after a stress test.
//!
//! The stress test replaces random allocations of 16 B to 32 KiB, small ones more often. Then it
//! frees every second one, so that free blocks lie between live ones. Fragmentation is the
//! *unusable free space index* as Linux defines it: the share of the free bytes in blocks that are
//! too small for a request of a given size.

use super::cost::{Drain, Unit};
use super::violation::Violation;
use crate::memory::heap::{corruption, kernel_heap, kmalloc, race};
use core::fmt::Write;
use heapless::{String, Vec};
use mm::heap::fragmentation::Thousandths;
use mm::heap::{HeapStatistics, Order};
use mm::tag::Tag;
use mm::units::Bytes;
use x86_64::VirtAddr;

/// Bytes of the heap's maximum for each live allocation: about four times the mean size.
const BYTES_EACH: u64 = 16 << 10;
/// The maximum number of live allocations.
const LIVE: usize = 512;
/// Replacements.
const ROUNDS: usize = 20_000;
/// Replacements between two pictures.
const AT_ONCE: usize = 500;
/// The request that the requirement is about: a page.
const REQUEST: usize = 4096;
/// A large request, for comparison.
const LARGE: usize = 64 << 10;
/// The maximum share that may be unusable for it.
const LIMIT: Thousandths = Thousandths(250);

/// Runs the stress test, measures fragmentation and logs it.
pub fn measure(drain: Drain<'_>) -> Result<(), Violation> {
    let mut live = Vec::<VirtAddr, LIVE>::new();
    let live_count =
        (kernel_heap::lock().statistics().maximum_bytes / BYTES_EACH).min(LIVE as u64) as usize;
    let result = churn(&mut live, live_count, drain).and_then(|()| thin_out(&mut live));
    // The heap does the same before it refuses a request.
    corruption::empty_quarantine();
    kernel_heap::drain_cache();
    let after = kernel_heap::lock().statistics();
    for address in live {
        kmalloc::kfree(address)?;
    }
    corruption::empty_quarantine();
    kernel_heap::drain_cache();
    let freed = kernel_heap::lock().statistics();
    kmalloc::shrink();
    drain();
    result?;

    log::info!(
        "Q3 fragmentation: the share of free heap bytes in blocks too small for a request (required: under 25 % for a page; goal: 10 %)"
    );
    log::info!(
        "Q3   after {ROUNDS} replacements among {live_count} allocations of 16 B to 32 KiB, every second one freed:"
    );
    log::info!(
        "Q3   {} in {} allocations live, {} free",
        Bytes(after.live_bytes),
        after.allocations,
        Bytes(after.free_bytes())
    );
    for bytes in [REQUEST, LARGE] {
        log::info!(
            "Q3   unusable for {}: {}",
            Bytes(bytes as u64),
            unusable(&after, bytes)
        );
    }
    log::info!(
        "Q3   internal fragmentation (rounding up, redzones): {}",
        after.internal()
    );
    log::info!(
        "Q3   after all are freed, unusable for {}: {}",
        Bytes(LARGE as u64),
        unusable(&freed, LARGE)
    );
    let share = unusable(&after, REQUEST);
    if share > LIMIT {
        return Err(Violation::new(format_args!(
            "{share} of the free heap is unusable"
        )));
    }
    Ok(())
}

/// Returns the unusable free space index for requests of this size.
fn unusable(heap: &HeapStatistics, bytes: usize) -> Thousandths {
    let order = Order::holding(bytes).expect("the heap has blocks for it");
    heap.free_space().unusable(order)
}

/// Runs the same requests with the buddy system, whole and trimmed, and with free lists, first fit
/// and best fit, and logs their figures.
pub fn race() -> Result<(), Violation> {
    const STEPS: u32 = 20_000;
    log::info!(
        "Q3 strategies: {STEPS} replacements among {} blocks, 16 B to 64 KiB",
        race::BLOCKS
    );
    log::info!(
        "Q3   strategy              refused int. frag ext. frag unusable for 64 KiB  {} a step",
        Unit::find().words()
    );
    for result in race::run(1, STEPS)? {
        let figures = &result.figures;
        let order = Order::holding(LARGE).expect("the heap has blocks for it");
        log::info!(
            "Q3   {:<20} {:>8} {:>9} {:>9} {:>19}  {}",
            figures.name,
            figures.refused,
            text(figures.internal()),
            text(figures.free.external()),
            text(figures.free.unusable(order)),
            result.ticks / u64::from(STEPS)
        );
    }
    Ok(())
}

/// Formats a share as text, so that a width in a format string pads it.
fn text(share: Thousandths) -> String<16> {
    let mut text = String::new();
    // The text of a share is short.
    let _ = write!(text, "{share}");
    text
}

/// Keeps this many allocations live, and replaces a random one in each round.
fn churn(
    live: &mut Vec<VirtAddr, LIVE>,
    live_count: usize,
    drain: Drain<'_>,
) -> Result<(), Violation> {
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..ROUNDS {
        if live.len() >= live_count {
            kmalloc::kfree(live.swap_remove(random.usize(..live_count)))?;
        }
        let largest = 16 << random.u32(0..=11);
        let address = kmalloc::kmalloc(random.usize(largest / 2..=largest), Tag::KERNEL)?;
        // The list has room now.
        let _ = live.push(address);
        if round % AT_ONCE == 0 {
            drain();
        }
    }
    Ok(())
}

/// Frees every second allocation.
fn thin_out(live: &mut Vec<VirtAddr, LIVE>) -> Result<(), Violation> {
    for at in (0..live.len() / 2).rev() {
        kmalloc::kfree(live.swap_remove(2 * at))?;
    }
    Ok(())
}
