//! Time: the CPU's time-stamp counter, measured against the PIT, and a tick.
//!
//! Time stamps are raw ticks of the counter, converted when they are read. The tick only wakes the
//! CPU from `hlt`.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use x86_64::instructions::hlt;
use x86_64::instructions::port::Port;

/// Frequency of the programmable interval timer (Intel 8254).
const PIT_HERTZ: u64 = 1_193_182;
/// Ticks per second.
const TICK_HERTZ: u64 = 240;
/// For how long the counter is measured against the PIT.
const MEASURE_MILLISECONDS: u64 = 10;

static BOOT_TICKS: AtomicU64 = AtomicU64::new(0);
static TICKS_PER_SECOND: AtomicU64 = AtomicU64::new(1_000_000_000);
/// Whether the timer interrupts the CPU, so that it may halt.
static HAS_TICK: AtomicBool = AtomicBool::new(false);

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;

/// Measures the counter and starts the tick. Interrupts may still be off.
pub fn init() {
    let frequency = measure();
    TICKS_PER_SECOND.store(frequency, Ordering::Relaxed);
    start_tick();
    log::info!(
        "time-stamp counter at {} MHz, {TICK_HERTZ} ticks a second",
        frequency / 1_000_000
    );
}

/// Returns whether the timer interrupts the CPU. Then the CPU halts while it waits, and every
/// turn of a process ends.
pub fn has_tick() -> bool {
    HAS_TICK.load(Ordering::Relaxed)
}

/// A tick has come: its interrupt calls this.
#[inline]
pub fn ticked() {
    HAS_TICK.store(true, Ordering::Relaxed);
}

/// Waits a few periods for the first tick, and logs it if none comes: the timer or the interrupt
/// controller may be absent, or not connected to the CPU.
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

/// Waits for the next tick, or for the same time where there is none.
pub fn idle() {
    if has_tick() {
        return hlt();
    }
    let end = now() + SECOND / TICK_HERTZ;
    while now() < end {
        core::hint::spin_loop();
    }
}

/// Sets time zero to now.
pub fn start() {
    BOOT_TICKS.store(ticks(), Ordering::Relaxed);
}

/// Returns the raw counter.
#[inline]
pub fn ticks() -> u64 {
    // SAFETY: every x86_64 CPU has the counter, and CR4.TSD is clear.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Returns the nanoseconds since boot.
pub fn now() -> u64 {
    since_boot(ticks())
}

/// Converts a raw time stamp to nanoseconds since boot.
pub fn since_boot(ticks: u64) -> u64 {
    nanoseconds(ticks.saturating_sub(BOOT_TICKS.load(Ordering::Relaxed)))
}

/// Converts a difference of raw time stamps to nanoseconds.
pub fn nanoseconds(ticks: u64) -> u64 {
    let frequency = TICKS_PER_SECOND.load(Ordering::Relaxed);
    (u128::from(ticks) * u128::from(SECOND) / u128::from(frequency)) as u64
}

/// Measures the frequency of the counter, while channel 2 of the PIT counts down.
fn measure() -> u64 {
    let mut gate: Port<u8> = Port::new(0x61);
    let mut mode: Port<u8> = Port::new(0x43);
    let mut count: Port<u8> = Port::new(0x42);
    let reload = PIT_HERTZ * MEASURE_MILLISECONDS / 1000;
    // SAFETY: the PIT's channel 2 drives nothing but the speaker, which stays off here.
    unsafe {
        let before = gate.read();
        gate.write((before & !0b10) | 0b01);
        mode.write(0b1011_0000); // channel 2, low then high byte, mode 0
        count.write(reload as u8);
        count.write((reload >> 8) as u8);
        // The output of channel 2 is low until the count is over. It reads as high where the port
        // is absent, as on QEMU's microvm.
        if gate.read() & 0b10_0000 != 0 {
            return measure_by_channel_0();
        }
        let start = ticks();
        // Bounded: a timer that stands still must not stop the kernel.
        for _ in 0..10_000_000 {
            if gate.read() & 0b10_0000 != 0 {
                break;
            }
        }
        let end = ticks();
        gate.write(before);
        ((end - start) * 1000 / MEASURE_MILLISECONDS).max(1)
    }
}

/// Measures the frequency while channel 0 counts down, which needs no port but its own. Without a
/// timer the frequency stays the one that was assumed.
fn measure_by_channel_0() -> u64 {
    const WHOLE: u16 = (PIT_HERTZ * MEASURE_MILLISECONDS / 1000) as u16;
    const TRIES: u32 = 10_000_000;
    let mut mode: Port<u8> = Port::new(0x43);
    let mut count: Port<u8> = Port::new(0x40);
    // SAFETY: channel 0 belongs to this clock alone, and interrupts are off.
    unsafe {
        mode.write(0b0011_0000); // channel 0, low then high byte, mode 0
        count.write(WHOLE as u8);
        count.write((WHOLE >> 8) as u8);
        let start = ticks();
        for _ in 0..TRIES {
            mode.write(0);
            let left = u16::from_le_bytes([count.read(), count.read()]);
            // After zero the count goes on from the top.
            if left > WHOLE {
                let milliseconds = MEASURE_MILLISECONDS;
                let measured = (ticks() - start) * 1000 / milliseconds;
                // An absent port reads as all ones at once.
                return if measured < LEAST_HERTZ {
                    ASSUMED_HERTZ
                } else {
                    measured
                };
            }
        }
        ASSUMED_HERTZ
    }
}

/// The frequency where it cannot be measured.
const ASSUMED_HERTZ: u64 = 1_000_000_000;
/// No x86_64 CPU counts more slowly.
const LEAST_HERTZ: u64 = 50_000_000;

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
