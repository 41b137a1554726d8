//! The frequency of the time-stamp counter: from CPUID, or measured against two clocks.
//!
//! ```text
//! reading    ticks │ read the clock │ ticks          slack = the ticks in between
//!
//! readings   r0        r1        r2 (stalled)        r3
//!            └────────────── first and last tight one ┘
//! ```
//! The host of a virtual machine may stall it at any instruction. A stall between readings does no
//! harm, because all clocks continue. A stall inside a reading makes it wide, so it is ignored. The
//! results of the two clocks must agree. If they never do, the smaller one is used, because a stall
//! only adds ticks.

use super::acpi_timer;
use super::pit::measure_by_channel_0;
use super::reading::{COUNT_HERTZ, Reading};
use super::reference::Clock;
use raw_cpuid::CpuId;

/// The frequency if it cannot be found.
const ASSUMED_HERTZ: u64 = 1_000_000_000;
/// The lowest frequency of an x86_64 CPU.
const LEAST_HERTZ: u64 = 50_000_000;
/// Frequencies that differ by less than one part in this many agree.
const PART: u64 = 100;
/// Readings of each clock in one attempt.
const READINGS: usize = 6;
/// Counts between readings: 2 ms.
const APART: u64 = COUNT_HERTZ / 500;
/// The fewest counts between the two readings that decide: 4 ms, so that a count of the PIT is
/// 0.02 %.
const LEAST_COUNTS: u64 = COUNT_HERTZ / 250;
/// The maximum number of attempts.
const TRIES: u32 = 8;

/// Finds the frequency in hertz, and names its source.
pub fn find() -> (u64, &'static str) {
    acpi_timer::find();
    if let Some(hertz) = exact() {
        return (hertz, "by CPUID");
    }
    if let Some(found) = measure() {
        return found;
    }
    if let Some(hertz) = measure_by_channel_0().filter(is_possible) {
        return (hertz, "measured by channel 0 of the PIT");
    }
    match nominal() {
        Some(hertz) => (hertz, "nominal, by CPUID: there is no clock to check it"),
        None => (ASSUMED_HERTZ, "assumed: there is no clock to measure it"),
    }
}

/// Returns the frequency by the readings of one clock. `None` if no two tight readings are far
/// enough apart.
pub fn of_readings(readings: &[Reading]) -> Option<u64> {
    let tightest = readings.iter().map(|reading| reading.slack).min()?;
    let tight = |reading: &&Reading| reading.slack <= 4 * tightest.max(1);
    let first = readings.iter().find(tight)?;
    let last = readings.iter().rev().find(tight)?;
    is_apart(first, last)
        .then(|| between(first, last))
        .flatten()
}

/// Returns whether the time between two readings of a clock is long enough to measure a frequency.
pub fn is_apart(first: &Reading, last: &Reading) -> bool {
    last.counts.saturating_sub(first.counts) >= LEAST_COUNTS
}

/// Returns whether two frequencies are equal within the measurement error.
pub fn agree(one: u64, other: u64) -> bool {
    one.abs_diff(other) < other / PART
}

/// Returns the frequency in whole megahertz, rounded.
pub fn megahertz(hertz: u64) -> u64 {
    (hertz + 500_000) / 1_000_000
}

fn is_possible(hertz: &u64) -> bool {
    *hertz >= LEAST_HERTZ
}

/// Measures the frequency against the clocks of this machine, and names them.
fn measure() -> Option<(u64, &'static str)> {
    let mut smallest: Option<u64> = None;
    for _ in 0..TRIES {
        let clocks = [Clock::pit(), Clock::acpi()];
        let readings = clocks.each_ref().map(|clock| read(clock.as_ref()));
        match readings.each_ref().map(|readings| of_readings(readings)) {
            [Some(pit), Some(acpi)] if agree(pit, acpi) => {
                return Some((pit.min(acpi), "measured by the PIT and the ACPI timer"));
            }
            [Some(hertz), _] if clocks[1].is_none() => return Some((hertz, "measured by the PIT")),
            [_, Some(hertz)] if clocks[0].is_none() => {
                return Some((hertz, "measured by the ACPI timer"));
            }
            // The host stalled the machine in too many readings.
            _ => {}
        }
        for readings in &readings {
            let ends = readings.first().zip(readings.last());
            let hertz = ends.and_then(|(first, last)| between(first, last));
            smallest = smallest.into_iter().chain(hertz).min();
        }
    }
    smallest.map(|hertz| (hertz, "measured, but no two readings agree"))
}

fn between(first: &Reading, last: &Reading) -> Option<u64> {
    let counts = last.counts.checked_sub(first.counts)?;
    let hertz = u128::from(last.ticks - first.ticks) * u128::from(COUNT_HERTZ);
    let hertz = hertz.checked_div(counts.into())?;
    u64::try_from(hertz).ok().filter(is_possible)
}

/// Reads a clock a few times, until it ends.
fn read(clock: Option<&Clock>) -> heapless::Vec<Reading, READINGS> {
    let mut readings = heapless::Vec::new();
    let mut due = 0;
    while !readings.is_full()
        && let Some(reading) = clock.and_then(Clock::read)
    {
        if reading.counts >= due {
            due = reading.counts + APART;
            let _ = readings.push(reading);
        }
    }
    readings
}

/// Returns the exact frequency in CPUID: leaf 15h, or the leaf of a hypervisor (Intel SDM vol. 3B,
/// 18.7.3).
fn exact() -> Option<u64> {
    let cpu = CpuId::new();
    let crystal = cpu.get_tsc_info().and_then(|info| info.tsc_frequency());
    let hypervisor = || {
        let kilohertz = cpu.get_hypervisor_info()?.tsc_frequency()?;
        Some(u64::from(kilohertz) * 1000)
    };
    crystal.or_else(hypervisor).filter(is_possible)
}

/// Returns the nominal frequency of the processor, from leaf 16h. The counter's may differ by some
/// percent, and under a hypervisor by any factor.
fn nominal() -> Option<u64> {
    let info = CpuId::new().get_processor_frequency_info()?;
    Some(u64::from(info.processor_base_frequency()) * 1_000_000).filter(is_possible)
}
