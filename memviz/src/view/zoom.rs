//! The zoom of the frame map.

use serde::{Deserialize, Serialize};

/// The part of memory that the map shows: all of it, or a part around a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zoom {
    /// The number of zoom steps; each magnifies by [`Zoom::FACTOR`].
    pub level: u32,
    /// The frame in the middle, unless the part would reach beyond memory.
    pub middle: usize,
}

impl Zoom {
    /// The magnification of a zoom step.
    pub const FACTOR: usize = 4;
    /// The minimum number of frames that the map shows.
    const FEWEST: usize = 64;

    /// Zooms in on a frame until the map shows at most `window` frames.
    pub fn about(middle: usize, window: usize, frames: usize) -> Zoom {
        let mut zoom = Zoom { level: 0, middle };
        while zoom.window(frames) > window && zoom.nearer(frames) != zoom {
            zoom = zoom.nearer(frames);
        }
        match zoom.level {
            0 => Zoom::default(),
            _ => zoom,
        }
    }

    /// Zooms in by a step, unless the map would show too few frames.
    pub fn nearer(self, frames: usize) -> Zoom {
        let level = self.level + 1;
        let nearer = Zoom { level, ..self };
        match nearer.window(frames) >= Zoom::FEWEST {
            true => nearer,
            false => self,
        }
    }

    /// Zooms out by a step.
    pub fn farther(self) -> Zoom {
        Zoom {
            level: self.level.saturating_sub(1),
            ..self
        }
    }

    /// Returns the magnification.
    pub fn factor(self) -> usize {
        Zoom::FACTOR.pow(self.level)
    }

    /// Returns the number of frames that the map shows.
    pub fn window(self, frames: usize) -> usize {
        match self.level {
            0 => frames,
            level => frames.next_power_of_two() >> (level * Zoom::FACTOR.ilog2()),
        }
    }
}
