//! What happened in the step, right of its answer.
//!
//! ```text
//! ▌ question                                          │ What happened in step 4
//! ▌ (A …) (B …)                                       │ faults    1 begun
//! ▌ answer                                            │ frames    1 allocated, 2 with a new …
//! ```
//! The lines are shown only where the caption is as large and as complete without their room, or if
//! the user compares the picture with a bookmark.

use super::caption::CaptionWords;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::change::text;
use crate::view::ballot::Ballot;
use crate::view::caption::{Caption, Part};
use crate::view::step::StepChanges;
use crate::view::step::happened::{Happened, LINES};
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;

/// The longest line in bytes.
const BYTES: usize = 160;

/// Returns the rectangles of the caption and of the lines beside it, which may be empty unless they
/// are certain.
pub fn split(
    styles: &Styles,
    area: Rectangle,
    caption: Option<&Caption>,
    ballot: Ballot,
    is_certain: bool,
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
    match has_room || is_certain {
        true => (left, right),
        false => (area, Rectangle::new(area.top_left, Size::zero())),
    }
}

/// Draws the lines.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    step: &StepChanges,
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
    let end = area.top_left.x + area.size.width as i32;
    let bottom = area.top_left.y + area.size.height as i32;
    let mut lines = step.happened.lines().peekable();
    match (step.is_since_bookmark(), lines.peek()) {
        (true, _) => {
            let fits = |words: &str| at.x + dim.width(words) as i32 <= end;
            let words = shortened(text::<BYTES>(Balance(step)), fits);
            dim.left(surface, at, words.as_str())?;
        }
        (false, Some(_)) => {
            dim.left(surface, at, "What happened in this step")?;
        }
        (false, None) => {}
    }
    for row in lines {
        at.y += line;
        if at.y + line > bottom {
            break;
        }
        name.left(surface, at, row.subject)?;
        let behind = column + styles.scale.length(10);
        let x = at.x + behind as i32;
        let fits = |words: &str| x + dim.width(words) as i32 <= end;
        dim.left(
            surface,
            Point::new(x, at.y),
            shortened(text::<BYTES>(row), fits).as_str(),
        )?;
    }
    Ok(())
}

/// What came less what went, in words.
struct Balance<'s>(&'s StepChanges);

impl fmt::Display for Balance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = self.0;
        let counts = [
            ("frames used", step.frames),
            ("pages mapped", step.pages),
            ("page tables", step.tables),
            ("heap blocks", step.blocks),
            ("faults", step.faults),
            ("processes", step.processes),
        ];
        f.write_str(step.words())?;
        let mut changed = counts
            .into_iter()
            .filter(|&(_, count)| count != 0)
            .peekable();
        if changed.peek().is_none() {
            return f.write_str(": the same counts");
        }
        for (at, (name, count)) in changed.enumerate() {
            let comma = if at == 0 { ": " } else { ", " };
            let sign = if count > 0 { '+' } else { '–' };
            write!(f, "{comma}{sign}{} {name}", Count(count.unsigned_abs()))?;
        }
        Ok(())
    }
}

/// Returns the words of a line without the last ones that do not fit.
fn shortened(
    mut words: heapless::String<BYTES>,
    fits: impl Fn(&str) -> bool,
) -> heapless::String<BYTES> {
    while !fits(&words) {
        match words.rfind(", ") {
            Some(end) => words.truncate(end),
            None => break,
        }
    }
    words
}
