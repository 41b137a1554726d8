//! The line of the search: what the user typed, and how many events match.
//!
//! ```text
//! / fault 0x40▏   3 of 17 matches
//! ```
//! The cursor is a line behind the character before it. An empty line shows examples.

use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::view::search::state::SearchLine;
use crate::widgets::shapes::rectangle;
use core::fmt;
use core::ops::Range;
use embedded_graphics::geometry::Point;
use mm::units::Count;

/// The examples in an empty line, the first that fits.
const EXAMPLES: [&str; 2] = [
    "fault, 0x1000, process 3, frame free before 2 s, writable and executable, a function",
    "fault, 0x1000, process 3, a function",
];

/// Draws the line around the level `middle`, between these pixels.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    middle: i32,
    room: Range<i32>,
    line: &SearchLine,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let text = styles.digits(Role::Small, Weight::Regular, theme.text, theme.ground);
    let sign = styles.digits(Role::Small, Weight::Bold, theme.accent, theme.ground);
    let words = styles.words(Role::Small, theme.dim, theme.ground);
    let cell = text.font.cell();
    let top = middle - cell.height as i32 / 2;
    sign.draw(surface, Slot::left(Point::new(room.start, top), 1), "/")?;
    let left = room.start + 2 * cell.width as i32;
    let found = fmt::from_fn(|f| write_found(f, line));
    let gap = styles.scale.length(20) as i32;
    let needed = gap + words.width(&found) as i32;
    let cells = (room.end - left - needed).max(0) as usize / cell.width as usize;
    // Of a line that is too long, the part before the cursor is shown.
    let end = line.cursor.unwrap_or(line.words.len());
    let first = (end + 1).saturating_sub(cells);
    let shown = line.words.get(first..).unwrap_or_default();
    let shown = shown.get(..cells).unwrap_or(shown);
    text.draw(
        surface,
        Slot::left(Point::new(left, top), width(shown)),
        shown,
    )?;
    if line.cursor.is_some() {
        let x = left + ((end - first) as u32 * cell.width) as i32;
        let bar = rectangle(x, top, styles.scale.length(2), cell.height);
        surface.fill_solid(&bar, theme.accent)?;
    }
    let line_top = middle - words.face.line_height() as i32 / 2;
    if line.words.is_empty() {
        let start = left + gap / 2;
        let fits = |text: &&&str| start + (words.width(text) as i32) < room.end;
        return match EXAMPLES.iter().find(fits) {
            Some(examples) => words
                .left(surface, Point::new(start, line_top), examples)
                .map(drop),
            None => Ok(()),
        };
    }
    let at = left + (width(shown) as u32 * cell.width) as i32 + gap;
    words
        .left(surface, Point::new(at, line_top), found)
        .map(drop)
}

/// Writes how many events match, and the number of the match in the picture.
fn write_found(f: &mut fmt::Formatter<'_>, line: &SearchLine) -> fmt::Result {
    if let Some(at) = line.at {
        write!(f, "{} of ", Count(at))?;
    }
    match line.count {
        0 => f.write_str("no match")?,
        1 => f.write_str("1 match")?,
        count => write!(f, "{} matches", Count(count))?,
    }
    match line.progress {
        Some(percent) => write!(f, ", {percent} % searched"),
        None => Ok(()),
    }
}
