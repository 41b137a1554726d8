//! Q2: the cost of the first touch of a page, from the access to the next instruction, and in the
//! page-fault handler.

use super::cost::{Drain, Unit, cost, ticks};
use super::violation::Violation;
use crate::machine::clock;
use crate::memory::paging::demand;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::trace;
use core::hint::black_box;
use log::LevelFilter;
use mm::event::Payload;
use mm::paging::FaultCause;
use mm::tag::Tag;

/// The exclusive upper limit of the mean time of a fault, in nanoseconds.
const LIMIT: u64 = 100_000;

/// Measures the cost and logs it.
pub fn measure(unit: Unit, drain: Drain<'_>) -> Result<(), Violation> {
    let zeroing = zeroing()?;
    (0..demand::PAGES).for_each(demand::release);
    drain();
    // A log line for each fault would go over the serial port; it is not part of the handling.
    let level = log::max_level();
    log::set_max_level(LevelFilter::Warn);
    let mut events = trace::RING.reader();
    while events.pop().is_some() {}
    let mut touching = 0;
    for page in 0..demand::PAGES {
        touching += ticks(|| {
            demand::touch(page);
        });
    }
    log::set_max_level(level);
    let (mut faults, mut handling) = (0, 0);
    while let Some(event) = events.pop() {
        if let Payload::FaultEnd {
            nanoseconds,
            cause: FaultCause::DemandZero,
            ..
        } = event.payload
        {
            faults += 1;
            handling += nanoseconds;
        }
    }
    (0..demand::PAGES).for_each(demand::release);
    drain();

    let whole = touching / demand::PAGES;
    log::info!(
        "Q2 demand-zero: the first touch of a page, until the next instruction, mean of {} (required: under 100 µs; goal: 3,000 instructions without zeroing)",
        demand::PAGES
    );
    log::info!(
        "Q2   {} ns, {whole} {}; without zeroing the frame ({zeroing}): {}",
        clock::nanoseconds(whole),
        unit.words(),
        whole.saturating_sub(zeroing)
    );
    cost("a first touch", whole);
    if trace::is_on() {
        if faults != demand::PAGES {
            return Err(Violation::new(format_args!(
                "{faults} faults for {} pages",
                demand::PAGES
            )));
        }
        let average = handling / faults;
        let verdict = if average < LIMIT {
            ""
        } else {
            ", which is more than required"
        };
        log::info!("Q2   of this {average} ns in the handler{verdict}");
    }
    Ok(())
}

/// Returns the ticks that zeroing a frame takes.
pub fn zeroing() -> Result<u64, Violation> {
    const ROUNDS: u64 = 16;
    let frame = frames::allocate(Tag::KERNEL)?;
    let bytes = frames::pointer(frame.start_address());
    let elapsed = ticks(|| {
        for _ in 0..ROUNDS {
            // SAFETY: the frame is ours, and in the direct map.
            unsafe { black_box(bytes).write_bytes(0, FRAME as usize) };
        }
    });
    frames::free(frame)?;
    Ok(elapsed / ROUNDS)
}
