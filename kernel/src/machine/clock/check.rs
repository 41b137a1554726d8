//! Checks the frequency of the time-stamp counter while the machine runs.
//!
//! ```text
//! every second:  start a clock, read ──a picture or more later──► read ──► frequency
//! ```
//! A single wrong window is a stall of the host. If [`AGREEING`] windows in a row agree with each
//! other, and not with the frequency in use, they correct the frequency.

use super::frequency::{self, agree};
use super::reading::Reading;
use super::reference::Clock;
use super::time::{self, SECOND, correct, now};
use crate::lock::Mutex;

/// Windows in a row that correct the frequency.
const AGREEING: u32 = 3;

struct Check {
    /// The start of the next window, in nanoseconds since boot.
    due: u64,
    window: Option<(Clock, Reading)>,
    /// The frequency of the last window if it differed from the one in use, and the number of
    /// windows that agreed with it.
    suspect: (u64, u32),
}

static CHECK: Mutex<Check> = Mutex::new(Check {
    due: SECOND,
    window: None,
    suspect: (0, 0),
});

/// Continues the check. Call it once a picture.
pub fn check() {
    let mut check = CHECK.lock();
    if let Some((clock, first)) = check.window.take() {
        // A clock that has ended gives no frequency.
        let Some(last) = clock.read() else { return };
        if !frequency::is_apart(&first, &last) {
            check.window = Some((clock, first));
        } else if let Some(hertz) = frequency::of_readings(&[first, last]) {
            check.compare(hertz);
        }
    } else if now() >= check.due {
        check.due = now() + SECOND;
        check.window = Clock::acpi().or_else(Clock::pit).and_then(|clock| {
            let reading = clock.read()?;
            Some((clock, reading))
        });
    }
}

impl Check {
    fn compare(&mut self, hertz: u64) {
        let used = time::frequency();
        if agree(hertz, used) {
            self.suspect = (0, 0);
            return;
        }
        let (before, times) = self.suspect;
        self.suspect = match agree(hertz, before) {
            true => (hertz, times + 1),
            false => (hertz, 1),
        };
        if self.suspect.1 >= AGREEING {
            log::warn!(
                "the time-stamp counter runs at {} MHz, not at {} MHz: time is corrected from now on",
                frequency::megahertz(hertz),
                frequency::megahertz(used)
            );
            correct(hertz);
            self.suspect = (0, 0);
        }
    }
}
