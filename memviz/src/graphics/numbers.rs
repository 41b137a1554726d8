//! A surface that looks for the numbers of a text among the words that are drawn.
//!
//! ```text
//! "{4,096} bytes from {0x1f3000} on"  ──►  4,096 ✓  0x1f3000 ✗   not drawn anywhere
//! ```
//! A number may be drawn in several pieces side by side, as an address with a bold digit is.

use crate::graphics::charset;
use crate::graphics::face::Face;
use crate::graphics::font::Font;
use crate::graphics::surface::{Ramp, Surface};
use core::convert::Infallible;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use heapless::{String, Vec};

/// The maximum number of numbers of a text.
pub const NUMBERS: usize = 16;
/// The maximum number of bytes of a drawn line that are searched at once.
const LINE: usize = 480;

/// A number as written in a text. Longer ones are cut.
pub type Number = String<24>;

/// The surface.
pub struct Numbers<'t> {
    screen: Rectangle,
    missing: Vec<&'t str, NUMBERS>,
    line: String<LINE>,
    /// The point at which the next piece of the line starts.
    end: Point,
}

impl<'t> Numbers<'t> {
    /// Looks for the numbers in a text, on a screen of this size.
    pub fn new(text: &'t str, size: Size) -> Numbers<'t> {
        Numbers {
            screen: Rectangle::new(Point::zero(), size),
            missing: numbers(text).take(NUMBERS).collect(),
            line: String::new(),
            end: Point::zero(),
        }
    }

    /// Returns the numbers that were not drawn.
    pub fn missing(&self) -> &[&'t str] {
        &self.missing
    }

    fn add(&mut self, at: Point, width: u32, cells: &[u8]) {
        if at != self.end {
            self.line.clear();
        }
        self.end = at + Size::new(width, 0);
        for &cell in cells {
            let character = charset::characters().nth(cell.into()).unwrap_or('?');
            if self.line.push(character).is_err() {
                self.line.clear();
            }
        }
        let line = self.line.as_str();
        self.missing
            .retain(|number| !numbers(line).any(|drawn| drawn == *number));
    }
}

/// Returns the numbers of a text: words that begin with a digit, without the punctuation after
/// them.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || ".,".contains(character);
    let words = text.split(move |character| !is_part(character));
    let words = words.map(|word| word.trim_matches(['.', ',']));
    words.filter(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

impl Dimensions for Numbers<'_> {
    fn bounding_box(&self) -> Rectangle {
        self.screen
    }
}

impl DrawTarget for Numbers<'_> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, _: I) -> Result<(), Infallible> {
        Ok(())
    }

    fn fill_contiguous<I>(&mut self, _: &Rectangle, _: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Rgb888>,
    {
        Ok(())
    }

    fn fill_solid(&mut self, _: &Rectangle, _: Rgb888) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Surface for Numbers<'_> {
    fn draw_cells(
        &mut self,
        at: Point,
        font: &'static Font,
        cells: &[u8],
        _: &Ramp,
    ) -> Result<(), Infallible> {
        self.add(at, font.cell().width * cells.len() as u32, cells);
        Ok(())
    }

    fn draw_glyphs(
        &mut self,
        at: Point,
        face: &'static Face,
        glyphs: &[u8],
        _: &Ramp,
    ) -> Result<(), Infallible> {
        let width: usize = glyphs.iter().map(|&cell| face.glyph(cell).advance).sum();
        self.add(at, width as u32, glyphs);
        Ok(())
    }

    fn repeat_row(&mut self, _: Point, _: u32, _: &[Rgb888]) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::styles::Styles;
    use crate::graphics::text::Slot;
    use crate::graphics::theme::DARK;
    use crate::graphics::type_scale::Role;

    #[test]
    fn numbers_are_words_that_begin_with_a_digit() {
        let text = "PML4[448] of 4,096 B: 26.8 %, 0x1f3000. W^X, 2 → 1, and ring 3.";
        let found: std::vec::Vec<_> = numbers(text).collect();
        assert_eq!(found, ["448", "4,096", "26.8", "0x1f3000", "2", "1", "3"]);
    }

    #[test]
    fn a_number_is_found_as_a_whole_and_in_pieces() {
        let styles = Styles::new(&DARK, 16);
        let text = "12 frames from 0x1f3000 on, 7 in all";
        let mut numbers = Numbers::new(text, Size::new(400, 100));
        let slot = |x, cells| Slot::left(Point::new(x, 0), cells);
        let Ok(()) = styles.text.draw(&mut numbers, slot(0, 4), "0x1f");
        assert_eq!(numbers.missing(), ["12", "0x1f3000", "7"]);
        let Ok(()) = styles.title.draw(&mut numbers, slot(32, 4), "3000");
        assert_eq!(numbers.missing(), ["12", "7"]);
        let words = styles.words(Role::Body, DARK.text, DARK.panel);
        // 12 is not in 112, and 7 is not in 0x7.
        let Ok(_) = words.left(&mut numbers, Point::new(0, 50), "112 of 0x7");
        assert_eq!(numbers.missing(), ["12", "7"]);
        let Ok(_) = words.left(&mut numbers, Point::new(0, 70), "(12)");
        assert_eq!(numbers.missing(), ["7"]);
    }
}
