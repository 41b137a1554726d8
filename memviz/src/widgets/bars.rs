//! Bars that show parts of a whole.

use crate::graphics::surface::Surface;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// Draws parts of a whole side by side, to scale. The remainder has the colour `rest`. A part above
/// 0 is at least one pixel wide, as long as there is room.
pub fn bar<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    whole: u64,
    parts: impl IntoIterator<Item = (u64, Rgb888)>,
    rest: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let scale = |value: u64| {
        (u128::from(value) * u128::from(width) / u128::from(whole.max(1))).min(width.into()) as u32
    };
    let (mut sum, mut left) = (0u64, 0);
    for (part, color) in parts {
        sum = sum.saturating_add(part);
        let right = scale(sum).max(left + u32::from(part > 0)).min(width);
        let at = area.top_left + Point::new(left as i32, 0);
        surface.fill_solid(&Rectangle::new(at, Size::new(right - left, height)), color)?;
        left = right;
    }
    let at = area.top_left + Point::new(left as i32, 0);
    surface.fill_solid(&Rectangle::new(at, Size::new(width - left, height)), rest)
}
