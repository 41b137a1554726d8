//! The time axis: it stays in place until it is full, and then scrolls by a step.
//!
//! ```text
//! start                            newest sample
//! │   STEP   │   STEP   │   STEP   │  ─┤  STEP   │
//! │←───────────────── SPAN ────────────────────►│
//! ```

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::model::samples::Window;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;

/// A second, in nanoseconds.
pub const SECOND: u64 = 1_000_000_000;
/// The span of a graph, in nanoseconds.
pub const SPAN: u64 = 32 * SECOND;
/// The axis scrolls by this much.
pub const STEP: u64 = SPAN / 4;

/// Returns the start of the time axis, in nanoseconds since boot.
pub fn start(samples: Window<'_>) -> u64 {
    let newest = samples.last().map_or(0, |sample| sample.time);
    (newest / STEP * STEP + STEP).saturating_sub(SPAN)
}

/// Draws the times below the lowest graphs.
pub fn draw_labels<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    start: u64,
) -> Result<(), S::Error> {
    let cells = (area.size.width / styles.unit() / 4) as usize;
    for step in 0..SPAN / STEP {
        let left = (step * u64::from(area.size.width) / (SPAN / STEP)) as u32;
        let seconds = (start + step * STEP) / SECOND;
        let slot = Slot::left(area.top_left + Size::new(left, 0), cells);
        styles
            .dim
            .draw(surface, slot, format_args!("{seconds} s"))?;
    }
    Ok(())
}
