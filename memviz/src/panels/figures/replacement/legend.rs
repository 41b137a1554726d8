//! Draws the legend of the table: what its signs mean.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::marks::triangle;
use crate::widgets::shapes::{disc, edged_box, rectangle, round_box};
use core::ops::Range;
use embedded_graphics::geometry::Point;

/// Draws the legend in one line between these edges. Words that do not fit are left out.
pub fn draw_legend<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    edges: Range<i32>,
    top: i32,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let length = |pixels| styles.scale.length(pixels) as i32;
    let small = styles.words(Role::Small, theme.dim, theme.panel);
    let (mut x, gap) = (edges.start, length(18));
    let middle = top + small.face.line_height() as i32 / 2;
    let (wide, high) = (length(20), length(14));
    let sign = |x: i32| rectangle(x, middle - high / 2, wide as u32, high as u32);
    let item = |surface: &mut S, x: &mut i32, wide: i32, words: &str| {
        let at = Point::new(*x + wide + length(6), top);
        *x = at.x + small.width(words) as i32 + gap;
        match *x - gap <= edges.end {
            true => small.left(surface, at, words).map(|_| ()),
            false => Ok(()),
        }
    };
    round_box(surface, sign(x), 2, theme.allowed)?;
    item(surface, &mut x, wide, "fault")?;
    edged_box(surface, sign(x), 2, 1, theme.text, theme.panel)?;
    item(surface, &mut x, wide, "hit")?;
    let tip = Point::new(x + length(4), middle);
    triangle(surface, tip, length(4), theme.text)?;
    item(surface, &mut x, length(4), "leaves next; CLOCK: the hand")?;
    disc(surface, Point::new(x + 2, middle), 2, theme.text)?;
    item(surface, &mut x, length(4), "accessed bit")
}
