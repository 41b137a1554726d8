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
    let hints = hints(styles, right, space);
    for hint in hints {
        let key = Point::new(hint.left, top);
        let what = key + Point::new((width(hint.key) as i32 + 1) * unit, 0);
        let slot = |at, words| Slot::left(at, width(words));
        let (accent, dim) = (&styles.accent, &styles.dim);
        accent.draw(surface, slot(key, hint.key), hint.key)?;
        dim.draw(surface, slot(what, hint.what), hint.what)?;
    }
    Ok(hints[0].left - 2 * unit)
}

/// A key, what it does, and from where to where it is told.
#[derive(Clone, Copy)]
struct Hint<'w> {
    key: &'w str,
    what: &'w str,
    left: i32,
    right: i32,
}

/// The keys up to the right edge, from the left.
fn hints<'w>(styles: &Styles, right: i32, space: &'w str) -> [Hint<'w>; 4] {
    let unit = styles.unit() as i32;
    let [views, help, off] = KEYS;
    let mut hints = [("Space", space), views, help, off].map(|(key, what)| Hint {
        key,
        what,
        left: 0,
        right: 0,
    });
    let mut end = right;
    for hint in hints.iter_mut().rev() {
        let cells = width(hint.key) + 1 + width(hint.what);
        (hint.left, hint.right) = (end - cells as i32 * unit, end);
        end = hint.left - 2 * unit;
    }
    hints
}

/// The name of the key that is told at a point of the screen.
pub fn key_at(styles: &Styles, area: Rectangle, space: &str, point: Point) -> Option<&'static str> {
    let right = area.top_left.x + area.size.width as i32 - 2 * styles.unit() as i32;
    let lines = (area.size.height - styles.unit()) / styles.line();
    let top = match lines {
        ..3 => centred(area, styles.line()),
        _ => centred(area, lines * styles.line()) + ((lines - 1) * styles.line()) as i32,
    };
    let is_line = (top..top + styles.line() as i32).contains(&point.y);
    let mut hints = hints(styles, right, space).into_iter();
    let hint = hints.find(|hint| is_line && (hint.left..hint.right).contains(&point.x))?;
    ["space", "?", "q"]
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(hint.key))
}

/// Where a line of this height begins to stand in the middle.
fn centred(area: Rectangle, height: u32) -> i32 {
    area.top_left.y + (area.size.height.saturating_sub(height) / 2) as i32
}
