//! The clocks of known frequency against which the kernel measures the time-stamp counter.

use super::acpi_timer::AcpiTimer;
use super::pit::Countdown;
use super::reading::Reading;

/// A clock that was started.
pub enum Clock {
    Pit(Countdown),
    Acpi(AcpiTimer),
}

impl Clock {
    /// Starts channel 2 of the PIT, for 55 ms.
    pub fn pit() -> Option<Clock> {
        Countdown::start().map(Clock::Pit)
    }

    /// Starts the ACPI timer, for 4.7 s.
    pub fn acpi() -> Option<Clock> {
        AcpiTimer::start().map(Clock::Acpi)
    }

    /// Reads both counters. `None` after the end of the clock.
    pub fn read(&self) -> Option<Reading> {
        match self {
            Clock::Pit(countdown) => countdown.read(),
            Clock::Acpi(timer) => Some(timer.read()),
        }
    }
}
