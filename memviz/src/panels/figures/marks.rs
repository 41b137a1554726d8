//! Marks of figures: centred numbers, capitals, and the triangle of the next victim.

use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::widgets::shapes::rectangle;
use core::fmt::Display;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;

/// Text with capital letters.
pub struct Upper<'t>(pub &'t str);

impl Display for Upper<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        use core::fmt::Write;
        self.0
            .chars()
            .try_for_each(|letter| f.write_char(letter.to_ascii_uppercase()))
    }
}

/// Draws a figure around `at.x`, with its top at `at.y`.
pub fn centred<S: Surface>(
    surface: &mut S,
    style: &TextStyle,
    at: Point,
    figure: impl Display,
) -> Result<(), S::Error> {
    let cells = width(&figure);
    let wide = cells as u32 * style.font.cell().width;
    let at = Point::new(at.x - wide as i32 / 2, at.y);
    style.draw(surface, Slot::left(at, cells), figure)
}

/// Draws a triangle that points to the right, with its tip here.
pub fn triangle<S: Surface>(
    surface: &mut S,
    tip: Point,
    size: i32,
    color: Rgb888,
) -> Result<(), S::Error> {
    for step in 0..size {
        let column = rectangle(tip.x - 1 - step, tip.y - step, 1, 2 * step as u32 + 1);
        surface.fill_solid(&column, color)?;
    }
    Ok(())
}
