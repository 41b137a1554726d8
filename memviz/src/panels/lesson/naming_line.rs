//! The line for the name of a bookmark: `bookmark before the fork▏`.

use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::widgets::shapes::rectangle;
use core::ops::Range;
use embedded_graphics::geometry::Point;

/// Draws the line around the level `middle`, between these pixels.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    middle: i32,
    room: Range<i32>,
    (name, cursor): (&str, usize),
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let text = styles.digits(Role::Small, Weight::Regular, theme.text, theme.ground);
    let words = styles.words(Role::Small, theme.dim, theme.ground);
    let line_top = middle - words.face.line_height() as i32 / 2;
    let drawn = words.left(surface, Point::new(room.start, line_top), "bookmark")?;
    let cell = text.font.cell();
    let top = middle - cell.height as i32 / 2;
    let left = room.start + drawn.size.width as i32 + cell.width as i32;
    let cells = (room.end - left).max(0) as usize / cell.width as usize;
    // Of a line that is too long, the part before the cursor is shown.
    let first = (cursor + 1).saturating_sub(cells);
    let shown = name.get(first..).unwrap_or_default();
    let shown = shown.get(..cells).unwrap_or(shown);
    let slot = Slot::left(Point::new(left, top), width(shown));
    text.draw(surface, slot, shown)?;
    let x = left + ((cursor - first) as u32 * cell.width) as i32;
    let bar = rectangle(x, top, styles.scale.length(2), cell.height);
    surface.fill_solid(&bar, theme.accent)
}
