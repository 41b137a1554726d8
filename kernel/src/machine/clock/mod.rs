//! Time: the CPU's time-stamp counter, and a tick.
//!
//! ```text
//! CPUID ─► frequency ◄─ readings: PIT, ACPI timer     time = base + (ticks - base) / frequency
//!              ▲
//!            check: again while the machine runs
//! ```
//! Time stamps are raw ticks of the counter, converted when they are read. The tick only wakes the
//! CPU from `hlt`. Time never goes back: a corrected frequency counts from the correction on.

mod acpi_timer;
mod check;
pub mod frequency;
mod pit;
pub mod reading;
mod reference;
mod time;

pub use check::check;
pub use time::{SECOND, nanoseconds, now, since_boot, start, ticks};

use core::sync::atomic::{AtomicBool, Ordering};
use reading::PIT_HERTZ;
use x86_64::instructions::hlt;
use x86_64::instructions::port::Port;

/// Ticks per second.
const TICK_HERTZ: u64 = 240;

/// True if the timer interrupts the CPU, so that it may halt.
static HAS_TICK: AtomicBool = AtomicBool::new(false);

/// Finds the frequency of the counter and starts the tick. Interrupts may still be off. A test can
/// replace the frequency by a wrong one.
pub fn init(replaced: Option<u64>) {
    let found = frequency::find();
    let (hertz, source) = match replaced {
        Some(hertz) => (hertz, "the command line"),
        None => found,
    };
    time::set_frequency(hertz);
    start_tick();
    log::info!(
        "time-stamp counter at {} MHz ({source}), {TICK_HERTZ} ticks a second",
        frequency::megahertz(hertz)
    );
}

/// Returns whether the timer interrupts the CPU. Then the CPU halts while it waits, and every
/// turn of a process ends.
pub fn has_tick() -> bool {
    HAS_TICK.load(Ordering::Relaxed)
}

/// Counts a tick: its interrupt calls this.
#[inline]
pub fn ticked() {
    HAS_TICK.store(true, Ordering::Relaxed);
}

/// Waits a few periods for the first tick, and logs a warning if none comes: the timer or the
/// interrupt controller may be absent, or not connected to the CPU.
pub fn expect_tick() {
    const PERIODS: u64 = 4;
    let end = now() + PERIODS * SECOND / TICK_HERTZ;
    while !has_tick() {
        if now() > end {
            log::warn!(
                "no timer interrupt: the kernel polls its clock, and a process has the CPU until it yields"
            );
            return;
        }
        core::hint::spin_loop();
    }
}

/// Waits for the next tick, or for the same time if there are no ticks.
pub fn idle() {
    if has_tick() {
        return hlt();
    }
    let end = now() + SECOND / TICK_HERTZ;
    while now() < end {
        core::hint::spin_loop();
    }
}

/// The reload value of channel 0.
const RELOAD: u16 = (PIT_HERTZ / TICK_HERTZ) as u16;

/// Makes channel 0 interrupt at [`TICK_HERTZ`].
fn start_tick() {
    // SAFETY: channel 0 belongs to this clock alone.
    unsafe {
        Port::<u8>::new(0x43).write(0b0011_0100); // channel 0, low then high byte, mode 2
        Port::<u8>::new(0x40).write(RELOAD as u8);
        Port::<u8>::new(0x40).write((RELOAD >> 8) as u8);
    }
}
