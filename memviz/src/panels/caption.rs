//! The line at the bottom: what is going on, in words, and the first keys that a newcomer needs.

use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::{Slot, width};
use crate::widgets;
use crate::wrap::wrap;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;

/// Each key with what it does; what Space does depends.
const KEYS: [(&str, &str); 3] = [("1–4", "view"), ("?", "help"), ("q", "power off")];

/// Draws the caption and the keys: side by side, or one above the other where there is room for three lines.
/// `space` is what Space does now.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    caption: &str,
    space: &str,
) -> Result<(), S::Error> {
    surface.fill_solid(&area, styles.theme.panel)?;
    widgets::outline(surface, area, 1, styles.theme.outline)?;
    let unit = styles.unit() as i32;
    let cell = styles.text.font.cell();
    let left = area.top_left.x + 2 * unit;
    let right = area.top_left.x + area.size.width as i32 - 2 * unit;
    let lines = (area.size.height - styles.unit()) / styles.line();
    if lines < 3 {
        let end = draw_keys(surface, styles, right, centred(area, cell.height), space)?;
        let room = (end - left).max(0) as u32;
        let fits = width(caption) as u32 * styles.large.font.cell().width <= room;
        let style = if fits { &styles.large } else { &styles.text };
        let cell = style.font.cell();
        let at = Point::new(left, centred(area, cell.height));
        let slot = Slot::left(at, (room / cell.width) as usize);
        return style.draw(surface, slot, caption);
    }
    let top = centred(area, lines * styles.line());
    let cells = ((right - left) / unit) as usize;
    for (number, line) in (0..lines - 1).zip(wrap(caption, cells)) {
        let at = Point::new(left, top + (number * styles.line()) as i32);
        styles.text.draw(surface, Slot::left(at, cells), line)?;
    }
    let last = top + ((lines - 1) * styles.line()) as i32;
    draw_keys(surface, styles, right, last, space).map(|_| ())
}

/// Draws the keys up to the right edge. Returns where they begin.
fn draw_keys<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    right: i32,
    top: i32,
    space: &str,
) -> Result<i32, S::Error> {
    let unit = styles.unit() as i32;
    let mut end = right;
    for (key, what) in KEYS.into_iter().rev().chain([("Space", space)]) {
        for (style, words) in [(&styles.dim, what), (&styles.accent, key)] {
            let cells = width(words);
            end -= cells as i32 * unit;
            style.draw(surface, Slot::left(Point::new(end, top), cells), words)?;
            end -= unit;
        }
        end -= unit;
    }
    Ok(end)
}

/// Where a line of this height begins to stand in the middle.
fn centred(area: Rectangle, height: u32) -> i32 {
    area.top_left.y + (area.size.height.saturating_sub(height) / 2) as i32
}
