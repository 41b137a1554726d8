//! The last page fault of a step in one line, for a figure about something else.
//!
//! ```text
//! ───────────────────────────────────────────────────────────────────────────────────
//! Fault 525 6.1 µs  touch ring 3 writes 0x1000 → walk PT[0]: not allowed → decide … → act … → retry …
//! ```
//! A line that does not fit is not drawn.

use super::parts;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::walk::End;
use crate::panels::panel::Scene;
use crate::panels::storyboard::{Story, Touch, Which};
use crate::view::names::Names;
use crate::widgets::shapes::rectangle;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use heapless::String;
use mm::memory_map::FRAME_BYTES;
use mm::paging::{ErrorCode, FaultOutcome};

/// A part of the line: what happens, and the details.
type Part = (&'static str, String<64>);

/// Returns the selected fault, or else the last one of the step. A fault of an earlier step is
/// another story.
pub fn story(scene: &Scene<'_, '_>) -> Option<Story> {
    let (timeline, step) = (scene.timeline, scene.step);
    let start = timeline.get(step.start().max(timeline.first()));
    let since = start.map_or(u64::MAX, |event| event.time).max(scene.since);
    match (Which::new(scene.selection, since), step.is_question) {
        (Which::LastSince(_), true) => None,
        (which, _) => Story::of(scene.model, timeline, which),
    }
}

/// The least width for the line, in pixels of a screen with 800 rows.
const WIDTH: u32 = 1150;

/// Returns the height of the line with the space above it, or 0 if the rectangle is too narrow: the
/// letters of a projector are too wide.
pub fn height(styles: &Styles, area: Rectangle) -> u32 {
    if area.size.width < styles.scale.length(WIDTH) {
        return 0;
    }
    let line = styles.words(Role::Small, styles.theme.dim, styles.theme.panel);
    line.face.line_height() + styles.scale.length(12)
}

/// Draws the line at the bottom of a rectangle.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    story: &Story,
    names: &Names,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let head = styles.names(Role::Small, theme.text, theme.panel);
    let dim = styles.words(Role::Small, theme.dim, theme.panel);
    let gap = styles.scale.length(6) as i32;
    let arrow = dim.width("→") as i32 + 2 * gap;
    let number = parts::text::<24>(format_args!("Fault {}", story.number + 1));
    let cost = match story.fault.end {
        Some(end) => parts::text::<32>(names.cost(end.nanoseconds)),
        None => String::new(),
    };
    let steps = steps(story);
    let width = |name: &str, details: &str| (head.width(name) + dim.width(details)) as i32 + gap;
    let widths = steps
        .iter()
        .map(|(name, details)| width(name, details) + arrow);
    let total = width(&number, &cost) + 2 * gap + widths.sum::<i32>() - arrow;
    if height(styles, area) == 0 || total > area.size.width as i32 {
        return Ok(());
    }
    let bottom = area.top_left.y + area.size.height as i32;
    let top = bottom - dim.face.line_height() as i32;
    let rule = rectangle(
        area.top_left.x,
        bottom - height(styles, area) as i32,
        area.size.width,
        1,
    );
    surface.fill_solid(&rule, theme.outline)?;
    let put = |surface: &mut S, x: i32, name: &str, details: &str| {
        let drawn = head.left(surface, Point::new(x, top), name)?;
        let after = drawn.top_left.x + drawn.size.width as i32 + gap;
        let drawn = dim.left(surface, Point::new(after, top), details)?;
        Ok(drawn.top_left.x + drawn.size.width as i32)
    };
    let mut x = put(surface, area.top_left.x, &number, &cost)? + 3 * gap;
    for (at, (name, details)) in steps.iter().enumerate() {
        if at > 0 {
            arrow_at(surface, &dim, Point::new(x + gap, top))?;
            x += arrow;
        }
        x = put(surface, x, name, details)?;
    }
    Ok(())
}

fn arrow_at<S: Surface>(surface: &mut S, style: &LabelStyle, at: Point) -> Result<(), S::Error> {
    style.left(surface, at, "→").map(drop)
}

/// Returns the five steps from the access to the retry.
fn steps(story: &Story) -> [Part; 5] {
    let fault = &story.fault;
    let last = story.last_level();
    let position = story.then.positions[last];
    let level = position.level().map_or("", |level| level.words());
    let ended = match (story.then.event.is_none(), story.then.entries[last]) {
        (true, _) => "evicted",
        (false, None) => "not present",
        (false, Some(_)) => "not allowed",
    };
    let outcome = fault.end.map(|end| end.outcome);
    let is_resolved = outcome.is_some_and(|outcome| {
        use FaultOutcome::{Copied, MadeWritable, Mapped, SwappedIn};
        matches!(outcome, Mapped | Copied | MadeWritable | SwappedIn)
    });
    let act = outcome.map_or("in the handler", |outcome| outcome.words());
    let frame = match story.now {
        Some(End::Mapped { physical, .. }) if is_resolved => {
            parts::text::<24>(format_args!(", {:#x}", physical.align_down(FRAME_BYTES)))
        }
        _ => String::new(),
    };
    let retry = match (is_resolved, fault.code.contains(ErrorCode::WRITE)) {
        (true, true) => "the write succeeds",
        (true, false) => "the access succeeds",
        (false, _) => "none",
    };
    [
        (
            "touch",
            parts::text(format_args!("{} {:#x}", Touch(fault), fault.address)),
        ),
        (
            "walk",
            parts::text(format_args!("{level}[{}]: {ended}", position.index())),
        ),
        ("decide", parts::text(fault.cause.words())),
        ("act", parts::text(format_args!("{act}{frame}"))),
        ("retry", parts::text(retry)),
    ]
}
