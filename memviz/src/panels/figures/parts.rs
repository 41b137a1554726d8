//! What figures share: the panel with its title line, and what changed in this step.
//!
//! ```text
//! ╭──────────────────────────────────────────────────────────────╮
//! │ Title  subtitle                This step  frames (+1) faults (+1) │
//! ```

use super::change::Change;
pub use super::change::text;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::view::step::StepChanges;
use crate::widgets::badges;
use crate::widgets::shapes::round_box;
use core::fmt::Display;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;

/// Draws the panel of a figure with its title line. Returns the rectangle of the content.
pub fn panel<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    title: impl Display,
    subtitle: impl Display,
    step: &StepChanges,
) -> Result<Rectangle, S::Error> {
    let theme = styles.theme;
    surface.fill_solid(&area, theme.ground)?;
    round_box(surface, area, styles.scale.length(8), theme.panel)?;
    let padding = styles.scale.length(20);
    let name = styles.names(Role::Title, theme.text, theme.panel);
    let height = name.face.line_height();
    let at = area.top_left + Size::new(padding, styles.scale.length(14));
    let end = area.top_left.x + (area.size.width - padding) as i32;
    let drawn = name.left(surface, at, title)?;
    let middle = at.y + height as i32 / 2;
    let title_end = at.x + drawn.size.width as i32 + styles.scale.length(10) as i32;
    let balance_start = draw_balance(surface, styles, title_end, end, middle, step)?;
    let second = styles.words(Role::Small, theme.dim, theme.panel);
    if title_end + (second.width(&subtitle) as i32) < balance_start {
        let line = second.face.line_height() as i32;
        second.left(
            surface,
            Point::new(title_end, middle - line / 2 + 1),
            subtitle,
        )?;
    }
    Ok(content(styles, area))
}

/// The rectangle below the title line of a figure.
pub fn content(styles: &Styles, area: Rectangle) -> Rectangle {
    let padding = styles.scale.length(20);
    let title = styles.names(Role::Title, styles.theme.text, styles.theme.panel);
    let above = title.face.line_height() + styles.scale.length(26);
    Rectangle::new(
        area.top_left + Size::new(padding, above),
        area.size
            .saturating_sub(Size::new(2 * padding, above + padding)),
    )
}

/// Draws the counts that changed in this step, right-aligned. Returns their left edge. Counts that
/// do not fit are left out, the last ones first.
fn draw_balance<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    start: i32,
    end: i32,
    middle: i32,
    step: &StepChanges,
) -> Result<i32, S::Error> {
    let theme = styles.theme;
    let words = styles.words(Role::Small, theme.dim, theme.panel);
    let bold = styles.names(Role::Small, theme.text, theme.panel);
    let (gap, near) = (
        styles.scale.length(16) as i32,
        styles.scale.length(6) as i32,
    );
    let counts = [
        ("frames used", step.frames),
        ("page tables", step.tables),
        ("pages mapped", step.pages),
        ("faults", step.faults),
        ("heap blocks", step.blocks),
        ("corruptions", step.corruptions),
    ];
    let width = |(name, count): &(&str, i64)| {
        words.width(name) as i32 + near + badges::delta_width(styles, Change(*count)) as i32 + gap
    };
    let head = bold.width(step.words()) as i32 + gap;
    let mut total = head;
    let changed = counts.into_iter().filter(|(_, count)| *count != 0);
    let shown: Vec<_, 6> = changed
        .take_while(|count| {
            total += width(count);
            start + total < end
        })
        .collect();
    if shown.is_empty() {
        return Ok(end);
    }
    let total: i32 = head + shown.iter().map(width).sum::<i32>();
    let line = words.face.line_height() as i32;
    let mut x = end - total + gap;
    let left = x;
    let top = middle - line / 2 + 1;
    bold.left(surface, Point::new(x, top), step.words())?;
    x += head;
    for (name, count) in &shown {
        let drawn = words.left(surface, Point::new(x, top), name)?;
        x += drawn.size.width as i32 + near;
        badges::delta(surface, styles, x, middle, Change(*count))?;
        x += badges::delta_width(styles, Change(*count)) as i32 + gap;
    }
    Ok(left - gap)
}
