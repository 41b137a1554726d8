//! A line of words in a proportional face.
//!
//! ```text
//! Label::left(at, style)    at ▼ the words│          only the box of the words is painted,
//! Label::right(at, style)   │the words ▼ at          with the ground of the style
//! ```
//! A label has no slot: a caller that changes the words must first paint over the old ones.

use crate::graphics::charset;
use crate::graphics::face::{Face, FaceWeight};
use crate::graphics::surface::{Ramp, Surface};
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// A face in one size, and the colours from ground to ink.
#[derive(Clone, Copy)]
pub struct LabelStyle {
    /// The glyphs.
    pub face: &'static Face,
    /// The colours.
    pub ramp: Ramp,
}

impl LabelStyle {
    /// Creates a style for words in `ink` on `ground`.
    pub fn new(weight: FaceWeight, size: u32, ink: Rgb888, ground: Rgb888) -> LabelStyle {
        LabelStyle {
            face: Face::nearest(weight, size),
            ramp: Ramp::new(ink, ground),
        }
    }

    /// Returns the width of the words in pixels.
    pub fn width(&self, words: impl fmt::Display) -> u32 {
        self.glyphs(words).width
    }

    /// Draws the words with their left end at `at.x` and the top of their line at `at.y`. Returns
    /// their rectangle.
    pub fn left<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        words: impl fmt::Display,
    ) -> Result<Rectangle, S::Error> {
        let glyphs = self.glyphs(words);
        self.draw(surface, at, &glyphs)
    }

    /// Draws the words with their right end at `at.x`.
    pub fn right<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        words: impl fmt::Display,
    ) -> Result<Rectangle, S::Error> {
        let glyphs = self.glyphs(words);
        self.draw(surface, at - Size::new(glyphs.width, 0), &glyphs)
    }

    /// Draws the words around `at.x`.
    pub fn centre<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        words: impl fmt::Display,
    ) -> Result<Rectangle, S::Error> {
        let glyphs = self.glyphs(words);
        self.draw(surface, at - Size::new(glyphs.width / 2, 0), &glyphs)
    }

    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        glyphs: &Glyphs,
    ) -> Result<Rectangle, S::Error> {
        if !glyphs.cells.is_empty() {
            surface.draw_glyphs(at, self.face, &glyphs.cells, &self.ramp)?;
        }
        Ok(Rectangle::new(
            at,
            Size::new(glyphs.width, self.face.line_height()),
        ))
    }

    fn glyphs(&self, words: impl fmt::Display) -> Glyphs {
        let mut glyphs = Glyphs {
            face: self.face,
            cells: heapless::Vec::new(),
            width: 0,
        };
        // An error means that the line is full: the rest is not drawn.
        let _ = fmt::write(&mut glyphs, format_args!("{words}"));
        glyphs
    }
}

/// The longest line of words.
const CAPACITY: usize = 240;

/// The glyphs of a line of words.
struct Glyphs {
    face: &'static Face,
    cells: heapless::Vec<u8, CAPACITY>,
    width: u32,
}

impl fmt::Write for Glyphs {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            let cell = charset::cell(character) as u8;
            self.cells.push(cell).map_err(|_| fmt::Error)?;
            self.width += self.face.glyph(cell).advance as u32;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_the_sum_of_the_advances() {
        let black = Rgb888::new(0, 0, 0);
        let style = LabelStyle::new(FaceWeight::Regular, 14, black, black);
        let (i, w) = (style.width("i"), style.width("w"));
        assert!(i < w, "{i} is not narrower than {w}");
        assert_eq!(style.width("iwi"), 2 * i + w);
        assert_eq!(style.width(format_args!("{}{}", "i", "w")), i + w);
    }
}
