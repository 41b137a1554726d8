//! The line at the bottom: what is going on, in words, and the first keys that a newcomer needs.

use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::{Slot, width};
use crate::widgets;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;

/// Each key with what it does.
const KEYS: [(&str, &str); 4] = [
    ("Space", "pause"),
    ("1–4", "view"),
    ("?", "help"),
    ("q", "power off"),
];

/// Draws the caption and the keys.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    caption: &str,
) -> Result<(), S::Error> {
    surface.fill_solid(&area, styles.theme.panel)?;
    widgets::outline(surface, area, 1, styles.theme.outline)?;
    let unit = styles.unit() as i32;

    let mut end = area.top_left.x + area.size.width as i32 - 2 * unit;
    let top = centred(area, styles.text.font.cell().height);
    for (key, what) in KEYS.into_iter().rev() {
        for (style, words) in [(&styles.dim, what), (&styles.accent, key)] {
            let cells = width(words);
            end -= cells as i32 * unit;
            style.draw(surface, Slot::left(Point::new(end, top), cells), words)?;
            end -= unit;
        }
        end -= unit;
    }

    let room = (end - area.top_left.x - 2 * unit).max(0) as u32;
    let fits = width(caption) as u32 * styles.large.font.cell().width <= room;
    let style = if fits { &styles.large } else { &styles.text };
    let cell = style.font.cell();
    let at = Point::new(area.top_left.x + 2 * unit, centred(area, cell.height));
    style.draw(
        surface,
        Slot::left(at, (room / cell.width) as usize),
        caption,
    )
}

/// Where a line of this height begins to stand in the middle.
fn centred(area: Rectangle, height: u32) -> i32 {
    area.top_left.y + (area.size.height.saturating_sub(height) / 2) as i32
}
