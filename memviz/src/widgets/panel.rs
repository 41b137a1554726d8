//! The frame of a panel, its title, and the rectangle of its content.
//!
//! ```text
//! ┌────────────────────────────────────┐  ▲ 1 unit
//! │ TITLE  detail                 note │  │ one text line
//! │                                    │  ▼ 1 unit
//! │ content                            │
//! └────────────────────────────────────┘    1 unit all round
//! ```
//! Title and note have priority over the detail, which is dropped if it does not fit. The content
//! stays empty.

use super::patterns::outline;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot};
use crate::view::extent::Extent;
use core::fmt::Display;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The outline of the panel that has the arrow keys, in pixels.
pub const FOCUS: u32 = 2;

/// Draws the frame of a panel: background, outline, title, and a note at the right (keys, a scale).
/// The content stays empty: see [`content`].
pub fn panel<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    title: &str,
    detail: impl Display,
    note: impl Display,
) -> Result<(), S::Error> {
    let nothing = Rectangle::new(area.top_left, Size::zero());
    panel_around(surface, styles, area, nothing, title, detail, note)
}

/// Redraws the inside of a panel and keeps its outline, which may be that of the panel with the
/// arrow keys. Draws all of it for [`Extent::All`].
pub fn panel_anew<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    title: &str,
    detail: impl Display,
    note: impl Display,
    extent: Extent,
) -> Result<(), S::Error> {
    if extent == Extent::All {
        return panel(surface, styles, area, title, detail, note);
    }
    let border = Size::new(FOCUS, FOCUS);
    let size = area.size.saturating_sub(border + border);
    surface.fill_solid(
        &Rectangle::new(area.top_left + border, size),
        styles.theme.panel,
    )?;
    head(surface, styles, area, title, detail, note)
}

/// Draws the frame of a panel except for `hole`, a part of its inside that the caller paints. No
/// pixel is painted twice.
pub fn panel_around<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    hole: Rectangle,
    title: &str,
    detail: impl Display,
    note: impl Display,
) -> Result<(), S::Error> {
    fill_around(surface, area, hole, styles.theme.panel)?;
    outline(surface, area, 1, styles.theme.outline)?;
    head(surface, styles, area, title, detail, note)
}

/// Draws the title line of a panel.
fn head<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    title: &str,
    detail: impl Display,
    note: impl Display,
) -> Result<(), S::Error> {
    let unit = styles.unit();
    let at = area.top_left + Point::new(unit as i32, unit as i32);
    let cells = (area.size.width / unit).saturating_sub(2) as usize;
    let title_cells = text::width(title).min(cells);
    styles
        .title
        .draw(surface, Slot::left(at, title_cells), title)?;
    let rest = cells.saturating_sub(title_cells + 2);
    let note_cells = text::width(&note).min(rest);
    let right = at + Point::new(((cells - note_cells) * unit as usize) as i32, 0);
    styles
        .dim
        .draw(surface, Slot::left(right, note_cells), note)?;
    let middle = at + Point::new(((title_cells + 2) * unit as usize) as i32, 0);
    let detail_cells = rest.saturating_sub(note_cells + 2 * usize::from(note_cells > 0));
    if text::width(&detail) > detail_cells {
        return Ok(());
    }
    styles
        .dim
        .draw(surface, Slot::left(middle, detail_cells), detail)
}

/// Fills `area` except for `hole`, which must lie in it.
fn fill_around<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    hole: Rectangle,
    color: Rgb888,
) -> Result<(), S::Error> {
    let offset = hole.top_left - area.top_left;
    let (left, above) = (offset.x as u32, offset.y as u32);
    let Size { width, height } = area.size;
    let right = left + hole.size.width;
    let below = above + hole.size.height;
    let parts = [
        (0, 0, width, above),
        (0, above, left, hole.size.height),
        (right, above, width - right, hole.size.height),
        (0, below, width, height - below),
    ];
    for (x, y, width, height) in parts {
        let at = area.top_left + Size::new(x, y);
        surface.fill_solid(&Rectangle::new(at, Size::new(width, height)), color)?;
    }
    Ok(())
}

/// The slot of a detail that changes: beside `title`, `cells` wide.
pub fn detail_slot(styles: &Styles, area: Rectangle, title: &str, cells: usize) -> Slot {
    let unit = styles.unit();
    let left = (text::width(title) as u32 + 3) * unit;
    let room = (area.size.width.saturating_sub(left + unit) / unit) as usize;
    Slot::left(area.top_left + Size::new(left, unit), cells.min(room))
}

/// Returns the note of a panel if it fits beside a detail of `cells` cells, and an empty note
/// otherwise.
pub fn note_beside<'n>(
    styles: &Styles,
    area: Rectangle,
    title: &str,
    cells: usize,
    note: &'n str,
) -> &'n str {
    let room = (area.size.width / styles.unit()) as usize;
    match text::width(title) + cells + text::width(note) + 6 <= room {
        true => note,
        false => "",
    }
}

/// The rectangle of a panel's content, below the title.
pub fn content(styles: &Styles, area: Rectangle) -> Rectangle {
    let unit = styles.unit();
    let above = 2 * unit + styles.text.font.cell().height;
    Rectangle::new(
        area.top_left + Point::new(unit as i32, above as i32),
        Size::new(
            area.size.width.saturating_sub(2 * unit),
            area.size.height.saturating_sub(above + unit),
        ),
    )
}
