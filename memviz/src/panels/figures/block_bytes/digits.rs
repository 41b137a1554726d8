//! A byte in a box, and the columns of the boxes.
//!
//! ```text
//! [44][4d] … [67]  [20][6f] … [75]     a gap divides a row into two halves
//! ```

use super::content::ROW;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use core::fmt::Display;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// Writes a byte in two digits, in the middle of a box.
pub fn draw_digits<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    role: Role,
    weight: Weight,
    (ink, fill): (Rgb888, Rgb888),
    text: impl Display,
) -> Result<(), S::Error> {
    let style = styles.digits(role, weight, ink, fill);
    let cell = style.font.cell();
    let cells = width(&text);
    let middle = area.center();
    let at = middle
        - Point::new(
            (cells as u32 * cell.width) as i32 / 2 - 1,
            cell.height as i32 / 2,
        );
    style.draw(surface, Slot::left(at, cells), text)
}

/// The left edge of the column with this number.
pub fn column_left(left: i32, pitch: i32, gap: i32, column: usize) -> i32 {
    left + column as i32 * pitch + if column >= ROW / 2 { gap } else { 0 }
}
