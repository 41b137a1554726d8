//! The zoom of the frame map.

/// Which part of memory the map shows: all of it, or a part about a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zoom {
    /// How often it was magnified: each time by [`Zoom::FACTOR`].
    pub level: u32,
    /// The frame in the middle, as far as memory reaches.
    pub middle: usize,
}

impl Zoom {
    /// One step shows this part of what was shown.
    pub const FACTOR: usize = 4;
    /// No fewer frames than these are shown.
    const FEWEST: usize = 64;

    /// About a frame, as near as needed to show no more than `window` of all frames.
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

    /// A step nearer, if there is one.
    pub fn nearer(self, frames: usize) -> Zoom {
        let level = self.level + 1;
        let nearer = Zoom { level, ..self };
        match nearer.window(frames) >= Zoom::FEWEST {
            true => nearer,
            false => self,
        }
    }

    /// A step back.
    pub fn farther(self) -> Zoom {
        Zoom {
            level: self.level.saturating_sub(1),
            ..self
        }
    }

    /// How many times nearer than all of memory.
    pub fn factor(self) -> usize {
        Zoom::FACTOR.pow(self.level)
    }

    /// How many frames of all are shown.
    pub fn window(self, frames: usize) -> usize {
        match self.level {
            0 => frames,
            level => frames.next_power_of_two() >> (level * Zoom::FACTOR.ilog2()),
        }
    }
}
