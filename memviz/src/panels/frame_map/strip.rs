//! All of memory in one line, and the part of it that the map shows.
//!
//! ```text
//! ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒░░░░
//!   usable          visible                    not usable
//! ```

use crate::graphics::surface::Surface;
use crate::graphics::theme::Theme;
use crate::model::Model;
use crate::model::firmware_map::frames_of;
use crate::view::map::View;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::MemoryKind;

/// The minimum width of the visible part, in pixels.
const LEAST: u32 = 4;

/// Draws the line, if it fits.
pub fn draw<S: Surface>(
    surface: &mut S,
    theme: &Theme,
    area: Rectangle,
    view: &View,
    model: &Model,
) -> Result<(), S::Error> {
    if area.is_zero_sized() {
        return Ok(());
    }
    let frames = model.frames.len().max(1) as u64;
    let place = |frame: u64| (u64::from(area.size.width) * frame.min(frames) / frames) as u32;
    let part = |from: u32, to: u32| {
        let at = area.top_left + Point::new(from as i32, 0);
        Rectangle::new(at, Size::new(to.saturating_sub(from), area.size.height))
    };
    let thin = |area: Rectangle| {
        let rest = area.size.height / 2;
        let at = area.top_left + Size::new(0, rest / 2);
        Rectangle::new(at, Size::new(area.size.width, area.size.height - rest))
    };
    surface.fill_solid(&area, theme.panel)?;
    for region in model.firmware_map.all() {
        let numbers = frames_of(region);
        let color = match region.kind {
            MemoryKind::Usable => theme.free,
            _ => theme.outline,
        };
        let part = part(place(numbers.start), place(numbers.end));
        surface.fill_solid(&thin(part), color)?;
    }
    let shown = view.frames_of(0).start..view.frames_of(view.cells).start;
    let (from, to) = (place(shown.start as u64), place(shown.end as u64));
    let from = from.min(area.size.width.saturating_sub(LEAST));
    surface.fill_solid(&part(from, to.max(from + LEAST)), theme.accent)
}
