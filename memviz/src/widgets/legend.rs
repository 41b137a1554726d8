//! Legend entries: colours, their meanings, and figures.
//!
//! ```text
//! [K] kernel          1,234       swatch, name, and a value at the right end
//! free                  819       a label without a colour
//! ```

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot, TextStyle};
use crate::graphics::theme::Swatch;
use core::fmt::Display;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

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
/// The label is omitted if there is no room for it and for a gap.
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
    let gap = usize::from(value_cells > 0);
    let slot = Slot::left(at, label_cells);
    match text::width(&label) + gap <= label_cells {
        true => styles.dim.draw(surface, slot, label)?,
        false => styles.dim.draw(surface, slot, "")?,
    }
    styles
        .text
        .draw(surface, Slot::left(right, value_cells), value)
}

/// A label and the slot of its value, chosen for a width: see [`fit_label`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// The label, or "" if none fits.
    pub label: &'static str,
    /// The text cells that the value can have.
    pub value: usize,
    /// The number of the width in `values` that fits.
    pub form: usize,
}

/// Chooses the form of a value and its label for `cells` text cells, with a gap between them.
///
/// `values` has the widths of the value's forms, `labels` the forms of the label, both with the
/// longest first. The value has priority over the label.
pub fn fit_label(cells: usize, labels: &[&'static str], values: &[usize]) -> Fitted {
    let pair = values.iter().enumerate().find_map(|(form, &value)| {
        let fits = |label: &&&str| text::width(label) + 1 + value <= cells;
        labels.iter().find(fits).map(|&label| (form, label))
    });
    let (form, label) = pair.unwrap_or((values.len().saturating_sub(1), ""));
    let gap = if label.is_empty() {
        0
    } else {
        text::width(label) + 1
    };
    Fitted {
        label,
        value: cells - gap,
        form,
    }
}

/// Draws a swatch: a coloured square as high as a line of text and two cells wide, its letter
/// inside.
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
