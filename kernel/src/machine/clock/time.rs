//! Time since boot, from the raw counter and its frequency.

use core::sync::atomic::{AtomicU64, Ordering};
use x86_64::instructions::interrupts::without_interrupts;

/// The raw counter and the time since boot at which the frequency began to count.
static BASE_TICKS: AtomicU64 = AtomicU64::new(0);
static BASE_NANOSECONDS: AtomicU64 = AtomicU64::new(0);
static TICKS_PER_SECOND: AtomicU64 = AtomicU64::new(1_000_000_000);

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// Sets time zero to now.
pub fn start() {
    BASE_TICKS.store(ticks(), Ordering::Relaxed);
}

/// Returns the nanoseconds since boot.
pub fn now() -> u64 {
    since_boot(ticks())
}

/// Converts a raw time stamp to nanoseconds since boot.
pub fn since_boot(ticks: u64) -> u64 {
    let base = BASE_TICKS.load(Ordering::Relaxed);
    let time = BASE_NANOSECONDS.load(Ordering::Relaxed);
    match ticks.checked_sub(base) {
        Some(since) => time + nanoseconds(since),
        // A stamp from before a correction.
        None => time.saturating_sub(nanoseconds(base - ticks)),
    }
}

/// Converts a difference of raw time stamps to nanoseconds.
pub fn nanoseconds(ticks: u64) -> u64 {
    let frequency = TICKS_PER_SECOND.load(Ordering::Relaxed);
    (u128::from(ticks) * u128::from(SECOND) / u128::from(frequency)) as u64
}

/// Returns the raw counter.
#[inline]
pub fn ticks() -> u64 {
    // SAFETY: every x86_64 CPU has the counter, and CR4.TSD is clear.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Continues with another frequency from now on.
pub(super) fn correct(hertz: u64) {
    without_interrupts(|| {
        let ticks = ticks();
        let now = since_boot(ticks);
        BASE_TICKS.store(ticks, Ordering::Relaxed);
        BASE_NANOSECONDS.store(now, Ordering::Relaxed);
        TICKS_PER_SECOND.store(hertz, Ordering::Relaxed);
    });
}

/// Sets the frequency that was found, in hertz.
pub(super) fn set_frequency(hertz: u64) {
    TICKS_PER_SECOND.store(hertz, Ordering::Relaxed);
}

/// Returns the frequency in use, in hertz.
pub(super) fn frequency() -> u64 {
    TICKS_PER_SECOND.load(Ordering::Relaxed)
}
