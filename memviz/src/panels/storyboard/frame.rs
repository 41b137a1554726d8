//! A box of the story: an outline, and lines of text in it.
//!
//! ```text
//! ┌ 1 unit ────────────┐
//! │ 1 TITLE            │  lines are closer in a low box,
//! │ words              │  and lines that do not fit are omitted
//! └────────────────────┘
//! ```

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::widgets;
use core::fmt::Display;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

/// A box that is filled from the top.
pub struct Frame<'s, S> {
    surface: &'s mut S,
    /// Colours and text.
    pub styles: &'s Styles,
    area: Rectangle,
    line: u32,
}

impl<'s, S: Surface> Frame<'s, S> {
    /// Creates an empty box in this rectangle.
    pub fn new(surface: &'s mut S, styles: &'s Styles, area: Rectangle) -> Self {
        Frame {
            surface,
            styles,
            area,
            line: 0,
        }
    }

    /// Draws the outline, and the title in it.
    pub fn title(&mut self, title: &str) -> Result<(), S::Error> {
        widgets::outline(self.surface, self.area, 1, self.styles.theme.dim)?;
        self.line(&self.styles.title, title)
    }

    /// Draws the next line, if it fits.
    pub fn line(&mut self, style: &TextStyle, words: impl Display) -> Result<(), S::Error> {
        if self.line >= self.lines() {
            return Ok(());
        }
        let unit = self.styles.unit();
        // Lines are closer in a low box.
        let (above, pitch) = match self.area.size.height >= unit + 9 * self.styles.line() {
            true => (unit / 2, self.styles.line()),
            false => {
                let rest = self
                    .area
                    .size
                    .height
                    .saturating_sub(self.lines() * 2 * unit);
                (rest.min(unit) / 2, 2 * unit)
            }
        };
        let at = self.area.top_left + Size::new(unit, above + self.line * pitch);
        self.line += 1;
        style.draw(self.surface, Slot::left(at, self.cells()), words)
    }

    /// Returns the text cells of a line.
    pub fn cells(&self) -> usize {
        (self.area.size.width / self.styles.unit()).saturating_sub(2) as usize
    }

    /// Returns the number of lines that fit, with the title, at the minimum pitch.
    pub fn lines(&self) -> u32 {
        let unit = self.styles.unit();
        self.area.size.height.saturating_sub(2) / (2 * unit)
    }
}
