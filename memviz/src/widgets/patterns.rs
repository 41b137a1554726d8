//! Patterns that mark a rectangle: outline, stripes, hatching.

use crate::graphics::surface::Surface;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// Draws the border of a rectangle, `thickness` pixels wide and inside it.
pub fn outline<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    thickness: u32,
    color: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let thickness = thickness.min(width / 2).min(height / 2);
    let side = |x, y, width, height| {
        Rectangle::new(
            area.top_left + Point::new(x as i32, y as i32),
            Size::new(width, height),
        )
    };
    surface.fill_solid(&side(0, 0, width, thickness), color)?;
    surface.fill_solid(&side(0, height - thickness, width, thickness), color)?;
    surface.fill_solid(&side(0, 0, thickness, height), color)?;
    surface.fill_solid(&side(width - thickness, 0, thickness, height), color)
}
/// Draws horizontal stripes of `color` on `ground`, `pitch` pixels from one to the next.
pub fn stripes<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    pitch: u32,
    color: Rgb888,
    ground: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let gap = pitch / 2;
    for top in (0..height).step_by(pitch.max(2) as usize) {
        let at = |top| area.top_left + Size::new(0, top);
        let dark = gap.min(height - top);
        let bright = (pitch - gap).min(height - top - dark);
        surface.fill_solid(&Rectangle::new(at(top), Size::new(width, dark)), ground)?;
        surface.fill_solid(
            &Rectangle::new(at(top + dark), Size::new(width, bright)),
            color,
        )?;
    }
    Ok(())
}

/// Draws diagonal stripes, which mark state that differs from the machine.
pub fn hatch<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    color: Rgb888,
    ground: Rgb888,
) -> Result<(), S::Error> {
    let width = area.size.width.max(1);
    let pixels = (0..area.size.width * area.size.height).map(|index| {
        if (index % width + index / width) % 4 < 2 {
            color
        } else {
            ground
        }
    });
    surface.fill_contiguous(&area, pixels)
}
