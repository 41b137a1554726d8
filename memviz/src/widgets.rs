//! What the panels share: frames, legends, bars, sparklines.
//!
//! ```text
//! ┌────────────────────────────────────┐  ▲ 1 unit
//! │ TITLE  detail                 note │  │ one text line
//! │                                    │  ▼ 1 unit
//! │ content                            │
//! └────────────────────────────────────┘    1 unit all round
//! ```
//! Every function paints all of its rectangle and nothing outside. Measures are multiples of [`Styles::unit`].

use crate::panels::Extent;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::{self, Slot, TextStyle};
use crate::theme::Swatch;
use core::fmt::Display;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The outline of the panel that has the arrow keys, in pixels.
pub const FOCUS: u32 = 2;

/// Draws the frame of a panel: its ground, its outline, its title, and a note at the right (keys, a scale). The content
/// is left empty: see [`content`].
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

/// The same for a panel whose outline stands already, which may be the one of the panel that has the arrow keys: only the inside
/// is painted, unless it is all to be drawn.
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

/// The same for a panel that paints `hole`, a part of its inside, by itself: pixels are not painted twice.
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

/// The line of a panel that has its title.
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
    styles
        .dim
        .draw(surface, Slot::left(middle, detail_cells), detail)
}

/// Fills all of `area` but for `hole`, which must lie in it.
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

/// Where the detail of a panel stands, for one that changes: beside `title`, `cells` wide.
pub fn detail_slot(styles: &Styles, area: Rectangle, title: &str, cells: usize) -> Slot {
    let unit = styles.unit();
    let left = (text::width(title) as u32 + 3) * unit;
    let room = (area.size.width.saturating_sub(left + unit) / unit) as usize;
    Slot::left(area.top_left + Size::new(left, unit), cells.min(room))
}

/// The inside of a panel with this area, below the title.
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

/// Draws the border of a rectangle, `thickness` pixels wide and inside of it.
pub fn outline<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    thickness: u32,
    color: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let thickness = thickness.min(width / 2).min(height / 2);
    let side = |x, y, width, height| {
        Rectangle::new(
            area.top_left + Point::new(x as i32, y as i32),
            Size::new(width, height),
        )
    };
    surface.fill_solid(&side(0, 0, width, thickness), color)?;
    surface.fill_solid(&side(0, height - thickness, width, thickness), color)?;
    surface.fill_solid(&side(0, 0, thickness, height), color)?;
    surface.fill_solid(&side(width - thickness, 0, thickness, height), color)
}

/// Draws a swatch: a coloured square as high as a line of text and two cells wide, its letter inside.
pub fn swatch<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    at: Point,
    swatch: Swatch,
) -> Result<(), S::Error> {
    let style = TextStyle::new(styles.title.font, styles.theme.ground, swatch.color);
    let cell = style.font.cell();
    let half = Size::new(cell.width / 2, cell.height);
    let right = at + Point::new((cell.width + half.width) as i32, 0);
    surface.fill_solid(&Rectangle::new(at, half), swatch.color)?;
    style.draw(
        surface,
        Slot::left(at + Point::new(half.width as i32, 0), 1),
        swatch.letter,
    )?;
    surface.fill_solid(&Rectangle::new(right, half), swatch.color)
}

/// Draws a legend entry in `cells` text cells: swatch, name, and a value at the right end.
pub fn legend_entry<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    at: Point,
    cells: usize,
    entry: Swatch,
    value: impl Display,
) -> Result<(), S::Error> {
    swatch(surface, styles, at, entry)?;
    let right = |index: usize| at + Point::new((index as u32 * styles.unit()) as i32, 0);
    surface.fill_solid(
        &Rectangle::new(right(2), Size::new(styles.unit(), 2 * styles.unit())),
        styles.theme.panel,
    )?;
    labelled_value(
        surface,
        styles,
        right(3),
        cells.saturating_sub(3),
        entry.words,
        value,
    )
}

/// Draws a label at the left end and its value, with unit, at the right end of `cells` text cells.
pub fn labelled_value<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    at: Point,
    cells: usize,
    label: impl Display,
    value: impl Display,
) -> Result<(), S::Error> {
    let value_cells = text::width(&value).min(cells);
    let label_cells = cells - value_cells;
    let right = at + Point::new((label_cells as u32 * styles.unit()) as i32, 0);
    styles
        .dim
        .draw(surface, Slot::left(at, label_cells), label)?;
    styles
        .text
        .draw(surface, Slot::left(right, value_cells), value)
}

/// Draws parts of a whole side by side, to scale; what is left of the whole has the colour `rest`. A part above
/// zero is at least one pixel wide as long as there is room.
pub fn bar<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    whole: u64,
    parts: impl IntoIterator<Item = (u64, Rgb888)>,
    rest: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let scale = |value: u64| {
        (u128::from(value) * u128::from(width) / u128::from(whole.max(1))).min(width.into()) as u32
    };
    let (mut sum, mut left) = (0u64, 0);
    for (part, color) in parts {
        sum = sum.saturating_add(part);
        let right = scale(sum).max(left + u32::from(part > 0)).min(width);
        let at = area.top_left + Point::new(left as i32, 0);
        surface.fill_solid(&Rectangle::new(at, Size::new(right - left, height)), color)?;
        left = right;
    }
    let at = area.top_left + Point::new(left as i32, 0);
    surface.fill_solid(&Rectangle::new(at, Size::new(width - left, height)), rest)
}

/// Draws the newest samples as bars of the height `sample / most`, the last sample at the right end. A sample above
/// zero is at least one pixel high.
pub fn sparkline<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    samples: impl DoubleEndedIterator<Item = u64> + ExactSizeIterator,
    most: u64,
    color: Rgb888,
    ground: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let blank = width.saturating_sub(samples.len() as u32);
    surface.fill_solid(
        &Rectangle::new(area.top_left, Size::new(blank, height)),
        ground,
    )?;
    for (index, sample) in samples.rev().take(width as usize).enumerate() {
        let most = u128::from(most.max(1));
        let full = u128::from(sample) * u128::from(height);
        let filled = (full.div_ceil(most) as u32).min(height);
        let at = area.top_left + Point::new((width - 1 - index as u32) as i32, 0);
        let top = Size::new(1, height - filled);
        let foot = at + Point::new(0, top.height as i32);
        surface.fill_solid(&Rectangle::new(at, top), ground)?;
        surface.fill_solid(&Rectangle::new(foot, Size::new(1, filled)), color)?;
    }
    Ok(())
}

/// Draws level stripes, `pitch` pixels from one to the next: of the one colour, but not all.
pub fn stripes<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    pitch: u32,
    color: Rgb888,
    ground: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let gap = pitch / 2;
    for top in (0..height).step_by(pitch.max(2) as usize) {
        let at = |top| area.top_left + Size::new(0, top);
        let dark = gap.min(height - top);
        let bright = (pitch - gap).min(height - top - dark);
        surface.fill_solid(&Rectangle::new(at(top), Size::new(width, dark)), ground)?;
        surface.fill_solid(
            &Rectangle::new(at(top + dark), Size::new(width, bright)),
            color,
        )?;
    }
    Ok(())
}

/// Draws diagonal stripes: "this cannot be trusted".
pub fn hatch<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    color: Rgb888,
    ground: Rgb888,
) -> Result<(), S::Error> {
    let width = area.size.width.max(1);
    let pixels = (0..area.size.width * area.size.height).map(|index| {
        if (index % width + index / width) % 4 < 2 {
            color
        } else {
            ground
        }
    });
    surface.fill_contiguous(&area, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::Canvas;
    use crate::theme::Theme;
    use embedded_graphics::pixelcolor::IntoStorage;
    use proptest::prelude::*;

    const A: Rgb888 = Rgb888::new(1, 0, 0);
    const B: Rgb888 = Rgb888::new(0, 2, 0);
    const REST: Rgb888 = Rgb888::new(0, 0, 3);

    /// Draws into a picture of zeros, 120 × 40.
    fn picture(draw: impl FnOnce(&mut Canvas)) -> Vec<u32> {
        let (mut pixels, mut marks) = (vec![0; 120 * 40], [0; 40]);
        draw(&mut Canvas::new(&mut pixels, &mut marks, Size::new(120, 40)).unwrap());
        pixels
    }

    fn count(pixels: &[u32], color: Rgb888) -> usize {
        pixels
            .iter()
            .filter(|&&pixel| pixel == color.into_storage())
            .count()
    }

    proptest! {
        #[test]
        fn a_bar_is_filled_to_scale(a in 0..2000u64, b in 0..2000u64, whole in 1..4000u64) {
            let area = Rectangle::new(Point::new(10, 5), Size::new(100, 3));
            let drawn = picture(|canvas| {
                let Ok(()) = bar(canvas, area, whole, [(a, A), (b, B)], REST);
            });
            let [a_pixels, b_pixels, rest] = [A, B, REST].map(|color| count(&drawn, color) as u64 / 3);
            prop_assert_eq!(a_pixels + b_pixels + rest, 100);
            prop_assert!((a_pixels > 0) == (a > 0));
            prop_assert!(a_pixels.abs_diff((a * 100 / whole).min(100)) <= 1);
            prop_assert!((a_pixels + b_pixels).abs_diff(((a + b) * 100 / whole).min(100)) <= 2);
        }

        #[test]
        fn a_sparkline_ends_with_the_newest(samples in prop::collection::vec(0..20u64, 0..150)) {
            let area = Rectangle::new(Point::new(10, 5), Size::new(100, 10));
            let drawn = picture(|canvas| {
                let samples = samples.iter().copied();
                let Ok(()) = sparkline(canvas, area, samples, 10, A, REST);
            });
            prop_assert_eq!(count(&drawn, A) + count(&drawn, REST), 1000);
            for (age, sample) in samples.iter().rev().take(100).enumerate() {
                let column = (5..15).map(|y| drawn[y * 120 + 109 - age]);
                let filled = column.filter(|&pixel| pixel == A.into_storage()).count() as u64;
                prop_assert_eq!(filled, (*sample).min(10));
            }
        }
    }

    #[test]
    fn a_panel_fills_its_rectangle_and_leaves_its_content_empty() {
        let styles = Styles::new(Theme::ALL[0], 12);
        let area = Rectangle::new(Point::new(3, 2), Size::new(110, 36));
        let drawn = picture(|canvas| {
            let Ok(()) = panel(
                canvas,
                &styles,
                area,
                "A TITLE",
                "a detail that is too long",
                "n",
            );
        });
        let content = content(&styles, area);
        assert_eq!(area.intersection(&content), content);
        for (index, &pixel) in drawn.iter().enumerate() {
            let at = Point::new(index as i32 % 120, index as i32 / 120);
            assert_eq!(pixel != 0, area.contains(at), "{at:?}");
            if content.contains(at) {
                assert_eq!(pixel, styles.theme.panel.into_storage());
            }
        }
    }

    #[test]
    fn a_legend_entry_paints_all_of_its_cells() {
        let styles = Styles::new(Theme::ALL[0], 12);
        let entry = styles.theme.owner(0);
        let drawn = picture(|canvas| {
            let Ok(()) = legend_entry(canvas, &styles, Point::new(6, 8), 18, entry, "1,234");
        });
        let area = Rectangle::new(Point::new(6, 8), Size::new(18 * 6, 12));
        for (index, &pixel) in drawn.iter().enumerate() {
            let at = Point::new(index as i32 % 120, index as i32 / 120);
            assert_eq!(pixel != 0, area.contains(at), "{at:?}");
        }
    }
}
