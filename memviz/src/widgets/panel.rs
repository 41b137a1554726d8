//! The frame of a panel, its title, and the rectangle of its content.
//!
//! ```text
//! ╭────────────────────────────────────╮  ▲ 1 unit
//! │ Title  detail                 note │  │ one text line
//! │                                    │  ▼ 1 unit
//! │ content                            │
//! ╰────────────────────────────────────╯    1 unit all round
//! ```
//! Title and note have priority over the detail, which is dropped if it does not fit. The content
//! stays empty.

use super::shapes::round_corners;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::{Surface, inset};
use crate::graphics::text::Slot;
use crate::graphics::type_scale::Role;
use crate::view::extent::Extent;
use core::fmt::Display;
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The outline of the panel that has the arrow keys, in pixels.
pub const FOCUS: u32 = 2;

/// The radius of the corners of a panel on a screen 800 pixels high.
const RADIUS: u32 = 8;

/// Draws the frame of a panel: background, title, and a note at the right (keys, a scale).
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

/// Redraws the inside of a panel and keeps its border, which may be that of the panel with the
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
    let Size { width, height } = area.size;
    let radius = styles.scale.length(RADIUS).min(width / 2).min(height / 2);
    let row = |left: u32, top: u32, height: u32| {
        let size = Size::new(width.saturating_sub(2 * left), height);
        Rectangle::new(area.top_left + Size::new(left, top), size)
    };
    // Outside of the corners' arcs is the ground.
    for top in FOCUS..radius {
        let left = inset(radius, top).max(FOCUS);
        for top in [top, height - 1 - top] {
            surface.fill_solid(&row(left, top, 1), styles.theme.panel)?;
        }
    }
    let first = radius.max(FOCUS);
    let middle = row(FOCUS, first, height.saturating_sub(2 * first));
    surface.fill_solid(&middle, styles.theme.panel)?;
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
    let radius = styles.scale.length(RADIUS);
    round_corners(surface, area, radius, styles.theme.ground)?;
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
    let (names, words) = (title_style(styles), note_style(styles));
    let unit = styles.unit() as i32;
    let (left, right) = (area.top_left.x + unit, right_of(area) - unit);
    let at = |x, style: &LabelStyle| Point::new(x, line_top(styles, area, style));
    let drawn = names.left(surface, at(left, &names), title)?;
    let left = left + drawn.size.width as i32 + gap(styles);
    let mut end = right;
    if left + words.width(&note) as i32 <= right {
        let drawn = words.right(surface, at(right, &words), note)?;
        end -= drawn.size.width as i32 + gap(styles);
    }
    detail_from(surface, styles, area, left..end, detail).map(|_| ())
}

/// Draws a detail beside the title, up to `end`, if it fits. Returns whether it does.
pub fn detail<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    title: &str,
    end: i32,
    detail: impl Display,
) -> Result<bool, S::Error> {
    let left = title_end(styles, area, title) + gap(styles);
    detail_from(surface, styles, area, left..end - gap(styles), detail)
}

/// Returns the right end of a title.
pub fn title_end(styles: &Styles, area: Rectangle, title: &str) -> i32 {
    let width = title_style(styles).width(title) as i32;
    area.top_left.x + styles.unit() as i32 + width
}

fn detail_from<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    room: Range<i32>,
    detail: impl Display,
) -> Result<bool, S::Error> {
    let words = note_style(styles);
    let fits = words.width(&detail) as i32 <= room.len() as i32;
    if fits {
        let at = Point::new(room.start, line_top(styles, area, &words));
        words.left(surface, at, detail)?;
    }
    Ok(fits)
}

fn title_style(styles: &Styles) -> LabelStyle {
    styles.names(Role::Title, styles.theme.text, styles.theme.panel)
}

fn note_style(styles: &Styles) -> LabelStyle {
    styles.words(Role::Small, styles.theme.dim, styles.theme.panel)
}

/// Returns the top of words in the title line, whose middle is that of a text cell.
fn line_top(styles: &Styles, area: Rectangle, style: &LabelStyle) -> i32 {
    line_middle(styles, area) - style.face.line_height() as i32 / 2
}

/// Returns the middle of the title line.
pub fn line_middle(styles: &Styles, area: Rectangle) -> i32 {
    let cell = styles.text.font.cell();
    area.top_left.y + (styles.unit() + cell.height / 2) as i32
}

/// Returns the distance between title, detail and note.
fn gap(styles: &Styles) -> i32 {
    2 * styles.unit() as i32
}

fn right_of(area: Rectangle) -> i32 {
    area.top_left.x + area.size.width as i32
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

/// Returns the slot of a detail that changes: beside `title`, `cells` wide.
pub fn detail_slot(styles: &Styles, area: Rectangle, title: &str, cells: usize) -> Slot {
    let unit = styles.unit();
    let title = title_style(styles).width(title).next_multiple_of(unit);
    let left = title + 3 * unit;
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
    let title = title_style(styles).width(title);
    let detail = (cells as u32 + 6) * styles.unit();
    match title + detail + note_style(styles).width(note) <= area.size.width {
        true => note,
        false => "",
    }
}

/// Returns the rectangle of a panel's content, below the title.
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
