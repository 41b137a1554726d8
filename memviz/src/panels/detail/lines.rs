//! The lines of the detail panel: a label, a swatch, words.

use crate::graphics::theme::Swatch;
use core::fmt::{self, Write};
use heapless::{String, Vec};

/// The most lines.
pub const LINES: usize = 24;
/// Bytes of a line's text; what is longer is cut.
const TEXT: usize = 120;

/// A line: a label, perhaps a swatch, and words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub label: String<12>,
    pub swatch: Option<Swatch>,
    pub words: String<TEXT>,
}

/// What is told, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    pub lines: Vec<Line, LINES>,
    /// How many there is room for.
    pub room: usize,
}

impl Lines {
    /// How many more lines there is room for.
    pub fn rest(&self) -> usize {
        self.room.saturating_sub(self.lines.len())
    }

    /// Adds a line, if there is room.
    pub fn add(&mut self, label: impl fmt::Display, words: impl fmt::Display) {
        self.add_with(label, None, words);
    }

    /// Adds a line with a swatch before the words.
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
        // What is too long is cut: there is no room for it on the screen either.
        let _ = write!(line.label, "{label}");
        let _ = write!(line.words, "{words}");
        let _ = self.lines.push(line);
    }
}
