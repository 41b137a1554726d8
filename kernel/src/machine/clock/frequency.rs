//! The frequency of the time-stamp counter: from CPUID, or measured against the timer.
//!
//! ```text
//! reading    ticks │ latch the count │ ticks        slack = the ticks in between
//!
//! readings   r0        r1        r2 (stalled)        r3
//!            └────────────── first and last tight one ┘
//! ```
//! The host of a virtual machine may stall it at any instruction. A stall between readings does no
//! harm, as both clocks go on. A stall inside a reading makes it wide, and it does not count.

use super::pit::{Countdown, PIT_HERTZ, Reading, measure_by_channel_0};
use raw_cpuid::CpuId;

/// The frequency where it cannot be found.
const ASSUMED_HERTZ: u64 = 1_000_000_000;
/// Readings of one countdown.
const READINGS: usize = 6;
/// Counts of the timer between readings: 2 ms.
const APART: u64 = PIT_HERTZ / 500;
/// The fewest counts between the two readings that decide: 4 ms, so that a count is 0.02 %.
const LEAST_COUNTS: u64 = PIT_HERTZ / 250;
/// Countdowns to try.
const TRIES: u32 = 8;

/// Returns the frequency in hertz, and where it is from.
pub fn find() -> (u64, &'static str) {
    if let Some(hertz) = of_cpuid() {
        return (hertz, "by CPUID");
    }
    let mut best: Option<u64> = None;
    for _ in 0..TRIES {
        let Some(countdown) = Countdown::start() else {
            break;
        };
        let readings = read(&countdown);
        if let Some(hertz) = of_readings(&readings) {
            return (hertz, "measured");
        }
        // All readings were too close or too wide. A stall only adds ticks: the smallest is best.
        if let (Some(first), Some(last)) = (readings.first(), readings.last()) {
            let hertz = between(first, last);
            best = best.into_iter().chain(hertz).min();
        }
    }
    match best.or_else(measure_by_channel_0) {
        Some(hertz) => (hertz, "measured"),
        None => (ASSUMED_HERTZ, "assumed: there is no timer to measure it"),
    }
}

/// The frequency by the readings of one countdown. `None` if no two that are tight are far enough
/// apart.
pub fn of_readings(readings: &[Reading]) -> Option<u64> {
    let tightest = readings.iter().map(|reading| reading.slack).min()?;
    let tight = |reading: &&Reading| reading.slack <= 4 * tightest.max(1);
    let first = readings.iter().find(tight)?;
    let last = readings.iter().rev().find(tight)?;
    let is_apart = last.counts.saturating_sub(first.counts) >= LEAST_COUNTS;
    is_apart.then(|| between(first, last)).flatten()
}

/// The frequency in whole megahertz, rounded.
pub fn megahertz(hertz: u64) -> u64 {
    (hertz + 500_000) / 1_000_000
}

fn between(first: &Reading, last: &Reading) -> Option<u64> {
    let counts = last.counts.checked_sub(first.counts)?;
    let hertz = u128::from(last.ticks - first.ticks) * u128::from(PIT_HERTZ);
    let hertz = hertz.checked_div(counts.into())?;
    u64::try_from(hertz).ok().filter(|&hertz| hertz > 0)
}

/// Reads both clocks a few times, until the countdown is over.
fn read(countdown: &Countdown) -> heapless::Vec<Reading, READINGS> {
    let mut readings = heapless::Vec::new();
    let mut due = 0;
    while !readings.is_full()
        && let Some(reading) = countdown.read()
    {
        if reading.counts >= due {
            due = reading.counts + APART;
            let _ = readings.push(reading);
        }
    }
    readings
}

/// The frequency in CPUID: leaf 15h, the leaf of a hypervisor, or leaf 16h (Intel SDM vol. 3B,
/// 18.7.3).
fn of_cpuid() -> Option<u64> {
    let cpu = CpuId::new();
    let exact = cpu.get_tsc_info().and_then(|info| info.tsc_frequency());
    let hypervisor = || {
        let kilohertz = cpu.get_hypervisor_info()?.tsc_frequency()?;
        Some(u64::from(kilohertz) * 1000)
    };
    let base = || {
        let info = cpu.get_processor_frequency_info()?;
        Some(u64::from(info.processor_base_frequency()) * 1_000_000)
    };
    exact
        .or_else(hypervisor)
        .or_else(base)
        .filter(|&hertz| hertz > 0)
}
