//! The list of lessons, which covers everything but the header. One lesson is marked.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::view::caption::LessonEntry;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The keys of the list.
const KEYS: [(&str, &str); 3] = [("↑ ↓", "choose"), ("Enter", "start"), ("Esc", "close")];

/// Draws the list into the rectangle. `entry` returns each lesson by its number, from 0.
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
    styles.title.draw(surface, Slot::left(at, 8), "Lessons")?;
    let mut x = at.x + 12 * unit as i32;
    for (key, what) in KEYS {
        for (style, words) in [(&styles.accent, key), (&styles.dim, what)] {
            let cells = crate::graphics::text::width(words);
            style.draw(surface, Slot::left(Point::new(x, at.y), cells), words)?;
            x += (cells as u32 * unit + unit) as i32;
        }
        x += 2 * unit as i32;
    }

    let Rows { top, line, rows } = Rows::of(styles, area);
    let first = first(marked, rows);
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

/// The lesson at a point of the list in this rectangle. `marked` is the marked lesson.
pub fn number_at(styles: &Styles, area: Rectangle, marked: usize, point: Point) -> Option<usize> {
    let Rows { top, line, rows } = Rows::of(styles, area);
    let row = usize::try_from((point.y - top).div_euclid(line)).ok()?;
    (row < rows && area.contains(point)).then(|| first(marked, rows) + row)
}

/// The first lesson that is shown. The marked lesson is always visible.
fn first(marked: usize, rows: usize) -> usize {
    (marked + 1).saturating_sub(rows)
}

/// The rectangle of the list, in pixels.
struct Rows {
    top: i32,
    line: i32,
    rows: usize,
}

impl Rows {
    fn of(styles: &Styles, area: Rectangle) -> Rows {
        let (unit, cell) = (styles.unit(), styles.large.font.cell());
        let top = area.top_left.y + (3 * unit + styles.line()) as i32;
        let end = area.top_left.y + (area.size.height - unit) as i32;
        let line = (cell.height + cell.height / 4) as i32;
        Rows {
            top,
            line,
            rows: ((end - top) / line).max(1) as usize,
        }
    }
}
