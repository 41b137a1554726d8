//! The cost of the dashboard, and the rates of events and pictures: figures for the header, updated
//! twice a second.

use serde::{Deserialize, Serialize};

/// The time between two updates of the figures, in nanoseconds.
const PERIOD: u64 = 500_000_000;

/// The cost of drawing, as the caller measured it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameCosts {
    /// The time to draw the previous picture and to copy it to the screen, in nanoseconds.
    pub nanoseconds: u64,
    /// The number of events since boot that the ring overwrote before they were read.
    pub lost: u64,
}

/// The figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Events a second.
    pub event_rate: u64,
    /// Pictures a second.
    pub frame_rate: u64,
    /// Mean cost of a picture, in nanoseconds.
    pub frame_nanoseconds: u64,
}

/// Counts until the figures are due.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    since: u64,
    events: u64,
    frames: u64,
    nanoseconds: u64,
    figures: Figures,
}

impl Meter {
    /// Returns the figures of the last update.
    pub fn figures(&self) -> Figures {
        self.figures
    }

    /// Counts a picture, drawn at `now` nanoseconds since boot and after `events` events.
    pub fn tick(&mut self, now: u64, events: u64, costs: FrameCosts) {
        self.frames += 1;
        self.nanoseconds += costs.nanoseconds;
        let passed = now.saturating_sub(self.since);
        if passed >= PERIOD {
            let rate = |count: u64| (u128::from(count) * 1_000_000_000 / u128::from(passed)) as u64;
            self.figures = Figures {
                event_rate: rate(events.saturating_sub(self.events)),
                // Rounded to the nearest: 59.9 becomes 60.
                frame_rate: rate(self.frames * 10).div_ceil(5) / 2,
                frame_nanoseconds: self.nanoseconds / self.frames,
            };
            *self = Meter {
                since: now,
                events,
                frames: 0,
                nanoseconds: 0,
                figures: self.figures,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_pictures_a_second() {
        let mut meter = Meter::default();
        let costs = FrameCosts {
            nanoseconds: 400_000,
            lost: 0,
        };
        for frame in 1..=60 {
            meter.tick(frame * 16_666_667, frame * 100, costs);
        }
        let figures = meter.figures();
        assert_eq!(figures.frame_rate, 60);
        assert_eq!(figures.frame_nanoseconds, 400_000);
        assert!((5_990..=6_010).contains(&figures.event_rate));
    }
}
