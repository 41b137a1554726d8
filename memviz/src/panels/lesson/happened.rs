//! What happened in the step, right of its answer.
//!
//! ```text
//! ▌ question                                          │ What happened in step 4
//! ▌ (A …) (B …)                                       │ faults    1 begun
//! ▌ answer                                            │ frames    1 allocated, 2 with a new …
//! ```
//! The lines are shown only where the caption is as large and as complete without their room.

use super::caption::CaptionWords;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts::text;
use crate::view::ballot::Ballot;
use crate::view::caption::{Caption, Part};
use crate::view::step::happened::{Happened, LINES, Line};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The longest line in bytes.
const BYTES: usize = 160;

/// Returns the rectangles of the caption and of the lines beside it, which may be empty.
pub fn split(
    styles: &Styles,
    area: Rectangle,
    caption: Option<&Caption>,
    ballot: Ballot,
) -> (Rectangle, Rectangle) {
    let width = area.size.width * 7 / 20;
    let left = Rectangle::new(
        area.top_left,
        Size::new(area.size.width - width, area.size.height),
    );
    let right = Rectangle::new(
        area.top_left + Size::new(left.size.width, 0),
        Size::new(width, area.size.height),
    );
    let has_room = caption.is_some_and(|caption| {
        let line = styles.words(Role::Small, styles.theme.dim, styles.theme.ground);
        let lines = line.face.line_height() * (LINES as u32 + 1);
        let is_result = matches!(caption.part, Part::Answer | Part::Meanwhile);
        let words = |area| CaptionWords::below_figure(styles, area, caption, ballot);
        is_result && lines <= area.size.height && words(left).is_like(&words(area))
    });
    match has_room {
        true => (left, right),
        false => (area, Rectangle::new(area.top_left, Size::zero())),
    }
}

/// Draws the lines.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    happened: &Happened,
) -> Result<(), S::Error> {
    if area.is_zero_sized() {
        return Ok(());
    }
    let theme = styles.theme;
    surface.fill_solid(&area, theme.ground)?;
    let dim = styles.words(Role::Small, theme.dim, theme.ground);
    let name = styles.names(Role::Small, theme.text, theme.ground);
    let line = dim.face.line_height() as i32;
    let column = Happened::subjects().map(|word| name.width(word)).max();
    let column = column.unwrap_or(0);
    let mut at = area.top_left + Size::new(styles.scale.length(12), 0);
    let mut lines = happened.lines().peekable();
    if lines.peek().is_some() {
        dim.left(surface, at, "What happened in this step")?;
    }
    for row in lines {
        at.y += line;
        name.left(surface, at, row.subject)?;
        let behind = column + styles.scale.length(10);
        let end = area.top_left.x + area.size.width as i32;
        let x = at.x + behind as i32;
        let fits = |words: &str| x + dim.width(words) as i32 <= end;
        dim.left(surface, Point::new(x, at.y), shortened(&row, fits).as_str())?;
    }
    Ok(())
}

/// Returns the words of a line without the last ones that do not fit.
fn shortened(line: &Line<'_>, fits: impl Fn(&str) -> bool) -> heapless::String<BYTES> {
    let mut words = text::<BYTES>(line);
    while !fits(&words) {
        match words.rfind(", ") {
            Some(end) => words.truncate(end),
            None => break,
        }
    }
    words
}
