//! [`Reading`]: the time-stamp counter and a clock of known frequency, at one moment.

use super::time::ticks;

/// Counts in a second: those of the ACPI timer, which has a quarter of the frequency of the PC's
/// crystal.
pub const COUNT_HERTZ: u64 = 3 * PIT_HERTZ;
/// Frequency of the programmable interval timer: a twelfth of the frequency of the crystal.
pub const PIT_HERTZ: u64 = 1_193_182;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The time-stamp counter before the clock was read.
    pub ticks: u64,
    /// Ticks that the reading took.
    pub slack: u64,
    /// Counts since the clock was started, of [`COUNT_HERTZ`].
    pub counts: u64,
}

impl Reading {
    /// Reads the clock, between two readings of the time-stamp counter.
    pub fn of(counts: impl FnOnce() -> u64) -> Reading {
        let before = ticks();
        let counts = counts();
        Reading {
            ticks: before,
            slack: ticks() - before,
            counts,
        }
    }
}
