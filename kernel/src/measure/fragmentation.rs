//! Q3: how much of the heap's free memory is of no use after a stress test.
//!
//! The stress test replaces allocations of 16 B to 32 KB by lot, small ones more often, then gives
//! every second one back: what is free now lies in pieces between what still lives. Fragmentation
//! is the *unusable free space index* as Linux defines it: the share of the free bytes that lie in
//! blocks too small for a request of a given size.

use super::{Breathe, Broken, Unit};
use crate::memory::heap::{corruption, kernel_heap, kmalloc, race};
use crate::memory::size::Bytes;
use core::fmt::Write;
use heapless::{String, Vec};
use mm::heap::fragmentation::Thousandths;
use mm::heap::{HeapStatistics, Order};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Allocations that live at once: one for so many bytes that the heap may grow to, about four times
/// their mean size.
const BYTES_EACH: u64 = 16 << 10;
/// But at most so many.
const LIVE: usize = 512;
/// Replacements.
const ROUNDS: usize = 20_000;
/// Replacements from one picture to the next.
const AT_ONCE: usize = 500;
/// The request that the figure is about: a page.
const REQUEST: usize = 4096;
/// A large request, for comparison.
const LARGE: usize = 64 << 10;
/// The most that may be of no use to it.
const WANTED: Thousandths = Thousandths(250);

/// Runs the stress test, measures and tells.
pub fn measure(breathe: Breathe<'_>) -> Result<(), Broken> {
    let mut live = Vec::<VirtAddr, LIVE>::new();
    let wanted =
        (kernel_heap::lock().statistics().maximum_bytes / BYTES_EACH).min(LIVE as u64) as usize;
    let result = churn(&mut live, wanted, breathe).and_then(|()| thin_out(&mut live));
    corruption::empty_quarantine();
    let after = kernel_heap::lock().statistics();
    for address in live {
        kmalloc::kfree(address)?;
    }
    corruption::empty_quarantine();
    let freed = kernel_heap::lock().statistics();
    kernel_heap::shrink();
    breathe();
    result?;

    log::info!(
        "Q3 fragmentation: the share of free heap bytes in blocks too small for a request (wanted: under 10 % for a page)"
    );
    log::info!(
        "Q3   after {ROUNDS} replacements among {wanted} allocations of 16 B to 32 KB, every second one given back:"
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
        "Q3   lost inside allocations (rounding up, redzones): {}",
        after.internal()
    );
    log::info!(
        "Q3   after everything was given back, unusable for {}: {}",
        Bytes(LARGE as u64),
        unusable(&freed, LARGE)
    );
    let share = unusable(&after, REQUEST);
    if share > WANTED {
        return Err(Broken::new(format_args!(
            "{share} of the free heap is of no use"
        )));
    }
    Ok(())
}

/// Unusable free space index of requests of this size.
fn unusable(heap: &HeapStatistics, bytes: usize) -> Thousandths {
    let order = Order::holding(bytes).expect("the heap has blocks for it");
    heap.free_space().unusable(order)
}

/// The same requests served by the buddy system, whole and trimmed, and by free lists, first fit
/// and best fit.
pub fn race() -> Result<(), Broken> {
    const STEPS: u32 = 20_000;
    log::info!(
        "Q3 strategies: {STEPS} replacements among {} blocks, 16 B to 64 KB",
        race::BLOCKS
    );
    log::info!(
        "Q3   strategy              refused   waste  external  unusable for 64 KB  {} a step",
        Unit::find().words()
    );
    for result in race::run(1, STEPS)? {
        let figures = &result.figures;
        let order = Order::holding(LARGE).expect("the heap has blocks for it");
        log::info!(
            "Q3   {:<20} {:>8} {:>7} {:>9} {:>19}  {}",
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

/// As text, which a width in a format string pads.
fn text(share: Thousandths) -> String<16> {
    let mut text = String::new();
    // A share of a whole is short.
    let _ = write!(text, "{share}");
    text
}

/// Keeps that many allocations alive and replaces one by lot, again and again.
fn churn(
    live: &mut Vec<VirtAddr, LIVE>,
    wanted: usize,
    breathe: Breathe<'_>,
) -> Result<(), Broken> {
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..ROUNDS {
        if live.len() >= wanted {
            kmalloc::kfree(live.swap_remove(random.usize(..wanted)))?;
        }
        let largest = 16 << random.u32(0..=11);
        let address = kmalloc::kmalloc(random.usize(largest / 2..=largest), Tag::KERNEL)?;
        // There is room now.
        let _ = live.push(address);
        if round % AT_ONCE == 0 {
            breathe();
        }
    }
    Ok(())
}

/// Gives every second one back.
fn thin_out(live: &mut Vec<VirtAddr, LIVE>) -> Result<(), Broken> {
    for at in (0..live.len() / 2).rev() {
        kmalloc::kfree(live.swap_remove(2 * at))?;
    }
    Ok(())
}
