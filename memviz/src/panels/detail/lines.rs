//! The lines of the detail panel: a label, a swatch, text.

use crate::graphics::theme::Swatch;
use core::fmt::{self, Write};
use heapless::{String, Vec};

/// The maximum number of lines.
pub const LINES: usize = 24;
/// Bytes of a line's text. Longer text is cut.
const TEXT: usize = 120;

/// A line: a label, an optional swatch, and text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub label: String<12>,
    pub swatch: Option<Swatch>,
    pub words: String<TEXT>,
}

/// The lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    pub lines: Vec<Line, LINES>,
    /// The number of lines that fit.
    pub room: usize,
}

impl Lines {
    /// Returns the number of lines that still fit.
    pub fn rest(&self) -> usize {
        self.room.saturating_sub(self.lines.len())
    }

    /// Adds a line, if there is room.
    pub fn add(&mut self, label: impl fmt::Display, words: impl fmt::Display) {
        self.add_with(label, None, words);
    }

    /// Adds a line with a swatch before the text.
    pub fn add_with(
        &mut self,
        label: impl fmt::Display,
        swatch: Option<Swatch>,
        words: impl fmt::Display,
    ) {
        if self.rest() == 0 {
            return;
        }
        let mut line = Line {
            swatch,
            ..Line::default()
        };
        // Text that is too long is cut: it does not fit on the screen either.
        let _ = write!(line.label, "{label}");
        let _ = write!(line.words, "{words}");
        let _ = self.lines.push(line);
    }
}
