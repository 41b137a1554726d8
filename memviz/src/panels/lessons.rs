//! The list of lessons, over everything but the header: one of them is marked.

use crate::caption::LessonEntry;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// What to do here.
const KEYS: [(&str, &str); 3] = [("↑ ↓", "choose"), ("Enter", "begin"), ("Esc", "out")];

/// Draws the list into the rectangle. `entry` gives the lessons by their number, from 0 on.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    entry: fn(usize) -> Option<LessonEntry>,
    marked: usize,
) -> Result<(), S::Error> {
    surface.fill_solid(&area, styles.theme.panel)?;
    widgets::outline(surface, area, 1, styles.theme.outline)?;
    let (unit, cell) = (styles.unit(), styles.large.font.cell());
    let at = area.top_left + Size::new(3 * unit, 2 * unit);
    let cells = ((area.size.width - 6 * unit) / unit) as usize;
    styles.title.draw(surface, Slot::left(at, 8), "LESSONS")?;
    let mut x = at.x + 12 * unit as i32;
    for (key, what) in KEYS {
        for (style, words) in [(&styles.accent, key), (&styles.dim, what)] {
            let cells = crate::text::width(words);
            style.draw(surface, Slot::left(Point::new(x, at.y), cells), words)?;
            x += (cells as u32 * unit + unit) as i32;
        }
        x += 2 * unit as i32;
    }

    let top = at.y + styles.line() as i32 + unit as i32;
    let end = area.top_left.y + area.size.height as i32 - unit as i32;
    let line = (cell.height + cell.height / 4) as i32;
    let rows = ((end - top) / line).max(1) as usize;
    // The marked one is always among those that have room.
    let first = (marked + 1).saturating_sub(rows);
    let across = (cells as u32 * unit / cell.width) as usize;
    for (row, number) in (0..rows).zip(first..) {
        let Some(lesson) = entry(number) else { break };
        let y = top + row as i32 * line;
        let style = match number == marked {
            true => &styles.large_accent,
            false => &styles.large,
        };
        let mark = if number == marked { "▶" } else { " " };
        let words = format_args!(
            "{mark} {:>2}  {:<34} {:>2} steps",
            number + 1,
            lesson.title,
            lesson.steps
        );
        style.draw(surface, Slot::left(Point::new(at.x, y), across), words)?;
    }
    Ok(())
}
