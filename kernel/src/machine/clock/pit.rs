//! The programmable interval timer (Intel 8254): a clock with a known frequency.
//!
//! Channel 2 counts down once. Its output goes high at the end, so a count that has wrapped is
//! never mistaken for a short one. Channel 0 makes the tick.

use super::reading::{COUNT_HERTZ, PIT_HERTZ, Reading};
use super::time::ticks;
use x86_64::instructions::port::Port;

const GATE: u16 = 0x61;
const MODE: u16 = 0x43;
const CHANNEL_0: u16 = 0x40;
const CHANNEL_2: u16 = 0x42;
const FROM: u16 = u16::MAX;
/// In port 0x61: the output of channel 2.
const OUTPUT: u8 = 1 << 5;

/// Channel 2 while it counts down: 55 ms.
pub struct Countdown(());

impl Countdown {
    /// Starts channel 2. `None` if there is no such channel, as on QEMU's microvm: its port reads
    /// as all ones.
    pub fn start() -> Option<Countdown> {
        // SAFETY: channel 2 drives nothing but the speaker, which stays off here.
        unsafe {
            let mut gate = Port::<u8>::new(GATE);
            let before = gate.read();
            gate.write((before & !0b10) | 0b01);
            Port::<u8>::new(MODE).write(0b1011_0000); // channel 2, low then high byte, mode 0
            let mut count = Port::<u8>::new(CHANNEL_2);
            count.write(FROM as u8);
            count.write((FROM >> 8) as u8);
            (gate.read() & OUTPUT == 0).then_some(Countdown(()))
        }
    }

    /// Reads both clocks. `None` if the countdown has ended.
    pub fn read(&self) -> Option<Reading> {
        let reading = Reading::of(|| {
            // SAFETY: as in `start`.
            let left = unsafe {
                let mut count = Port::<u8>::new(CHANNEL_2);
                Port::<u8>::new(MODE).write(0b1000_0000); // latch channel 2
                u16::from_le_bytes([count.read(), count.read()])
            };
            u64::from(FROM - left) * (COUNT_HERTZ / PIT_HERTZ)
        });
        // SAFETY: a read of the port changes nothing.
        let gate = unsafe { Port::<u8>::new(GATE).read() };
        (gate & OUTPUT == 0).then_some(reading)
    }
}

/// Measures the frequency of the time-stamp counter while channel 0 counts down, which needs no
/// port but its own. `None` without a timer.
pub fn measure_by_channel_0() -> Option<u64> {
    const MILLISECONDS: u64 = 10;
    const WHOLE: u16 = (PIT_HERTZ * MILLISECONDS / 1000) as u16;
    const TRIES: u32 = 10_000_000;
    let mut mode: Port<u8> = Port::new(MODE);
    let mut count: Port<u8> = Port::new(CHANNEL_0);
    // SAFETY: channel 0 belongs to this clock alone, and interrupts are off.
    unsafe {
        mode.write(0b0011_0000); // channel 0, low then high byte, mode 0
        count.write(WHOLE as u8);
        count.write((WHOLE >> 8) as u8);
        let start = ticks();
        for _ in 0..TRIES {
            mode.write(0);
            let left = u16::from_le_bytes([count.read(), count.read()]);
            // After zero the count continues from the top.
            if left > WHOLE {
                // An absent port reads as all ones at once.
                return Some((ticks() - start) * 1000 / MILLISECONDS);
            }
        }
        None
    }
}
