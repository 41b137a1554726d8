//! Badges of figures: access rights, reference counts, changes, numbers, keys.
//!
//! ```text
//! [r][w][–]  granted: light box, dark letter      (2) references      +3  2 → 1  what changed
//!            not granted: hollow box, a dash       (1) number in the caption   [Space] a key
//! ```

use super::shapes::{disc, edged_box, rectangle, round_box};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::paging::Access;
use mm::units::Count;

/// Returns the size of a box of an access right.
fn right_size(styles: &Styles) -> Size {
    let cell = styles.digits(
        Role::Small,
        Weight::Bold,
        styles.theme.text,
        styles.theme.panel,
    );
    let cell = cell.font.cell();
    Size::new(
        cell.width + styles.scale.length(8),
        cell.height + styles.scale.length(2),
    )
}

/// Returns the width of the boxes of a page's access rights.
pub fn rights_width(styles: &Styles) -> u32 {
    3 * right_size(styles).width + 2 * styles.scale.length(2)
}

/// Draws the access rights of a page, `r`, `w` and `x`, around the level `middle`. Returns the
/// rectangle of `w`.
pub fn rights<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    left: i32,
    middle: i32,
    access: Access,
    ground: Rgb888,
) -> Result<Rectangle, S::Error> {
    let theme = styles.theme;
    let size = right_size(styles);
    let top = middle - size.height as i32 / 2;
    let granted = [
        ("r", true),
        ("w", access.contains(Access::WRITE)),
        ("x", access.contains(Access::EXECUTE)),
    ];
    let step = size.width + styles.scale.length(2);
    let mut written = Rectangle::zero();
    for (at, (letter, is_granted)) in (0..).zip(granted) {
        let area = Rectangle::new(Point::new(left + at * step as i32, top), size);
        let (ink, fill, word) = match is_granted {
            true => (theme.on_allowed, theme.allowed, letter),
            false => (theme.dim, ground, "–"),
        };
        match is_granted {
            true => round_box(surface, area, 2, theme.allowed)?,
            false => edged_box(surface, area, 2, 1, theme.edge, ground)?,
        }
        let style = styles.digits(Role::Small, Weight::Bold, ink, fill);
        let cell = style.font.cell();
        let inside = area.top_left + (area.size - cell) / 2;
        style.draw(surface, Slot::left(inside, 1), word)?;
        if at == 1 {
            written = area;
        }
    }
    Ok(written)
}

/// Draws a reference count in a round badge.
pub fn references<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    centre: Point,
    count: u32,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    disc(surface, centre, styles.scale.length(12), theme.allowed)?;
    figure_in(
        surface,
        styles,
        centre,
        count,
        theme.on_allowed,
        theme.allowed,
    )
}

/// Draws the number of a pointer on a disc in the accent colour.
pub fn number<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    centre: Point,
    radius: u32,
    number: u8,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    disc(surface, centre, radius, theme.accent)?;
    figure_in(
        surface,
        styles,
        centre,
        number,
        theme.on_accent,
        theme.accent,
    )
}

/// Returns the radius of the disc of a [`number`] in a figure.
pub fn number_radius(styles: &Styles) -> u32 {
    styles.scale.length(11)
}

/// Draws a figure around a point.
fn figure_in<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    centre: Point,
    figure: impl Display,
    ink: Rgb888,
    ground: Rgb888,
) -> Result<(), S::Error> {
    let style = styles.digits(Role::Small, Weight::Bold, ink, ground);
    let cell = style.font.cell();
    let cells = width(&figure);
    let size = Size::new(cells as u32 * cell.width, cell.height);
    let at = centre - size / 2 + Size::new(1, 0);
    style.draw(surface, Slot::left(at, cells), figure)
}

/// Formats a change of a count with its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change(pub i64);

impl Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '–' } else { '+' };
        write!(f, "{sign}{}", Count(self.0.unsigned_abs()))
    }
}

/// Returns the width of [`delta`].
pub fn delta_width(styles: &Styles, words: impl Display) -> u32 {
    let theme = styles.theme;
    let style = styles.digits(Role::Small, Weight::Bold, theme.accent, theme.panel);
    width(words) as u32 * style.font.cell().width + 2 * styles.scale.length(7)
}

/// Returns the height of [`delta`].
pub fn delta_height(styles: &Styles) -> u32 {
    let theme = styles.theme;
    let style = styles.digits(Role::Small, Weight::Bold, theme.accent, theme.panel);
    style.font.cell().height + styles.scale.length(3)
}

/// Draws a change in a pill: `+3`, `2 → 1`. Its left end is at `left`, its middle at `middle`.
pub fn delta<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    left: i32,
    middle: i32,
    words: impl Display,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let style = styles.digits(Role::Small, Weight::Bold, theme.accent, theme.panel);
    let cell = style.font.cell();
    let height = delta_height(styles);
    let wide = delta_width(styles, &words);
    let area = rectangle(left, middle - height as i32 / 2, wide, height);
    edged_box(surface, area, height / 2, 1, theme.accent, theme.panel)?;
    let at = Point::new(
        left + styles.scale.length(7) as i32,
        middle - cell.height as i32 / 2,
    );
    style.draw(surface, Slot::left(at, width(&words)), words)
}

/// Draws a key as a key cap with its effect at its right, from `at.x` on and around `at.y`. Returns
/// the rectangle of both.
pub fn key<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    at: Point,
    (name, what): (&str, &str),
    ink: Rgb888,
    ground: Rgb888,
) -> Result<Rectangle, S::Error> {
    let (theme, Point { x: left, y: middle }) = (styles.theme, at);
    let cap = styles.digits(Role::Axis, Weight::Regular, theme.text, ground);
    let cell = cap.font.cell();
    let padding = styles.scale.length(5);
    let cap_width = width(name) as u32 * cell.width + 2 * padding;
    let height = cell.height + styles.scale.length(4);
    let top = middle - height as i32 / 2;
    let area = rectangle(left, top, cap_width, height);
    edged_box(surface, area, 3, 1, theme.rule, ground)?;
    let at = Point::new(left + padding as i32, middle - cell.height as i32 / 2);
    cap.draw(surface, Slot::left(at, width(name)), name)?;
    let words = styles.words(Role::Small, ink, ground);
    let line = words.face.line_height() as i32;
    let at = Point::new(
        left + (cap_width + styles.scale.length(7)) as i32,
        middle - line / 2,
    );
    let behind = words.left(surface, at, what)?;
    let wide = behind.top_left.x - left + behind.size.width as i32;
    Ok(rectangle(left, top, wide as u32, height))
}

/// Returns the width of [`key`].
pub fn key_width(styles: &Styles, name: &str, what: &str) -> u32 {
    let theme = styles.theme;
    let cap = styles.digits(Role::Axis, Weight::Regular, theme.text, theme.ground);
    let cap_width = width(name) as u32 * cap.font.cell().width + 2 * styles.scale.length(5);
    let words = styles.words(Role::Small, theme.dim, theme.ground);
    cap_width + styles.scale.length(7) + words.width(what)
}
