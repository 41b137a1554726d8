//! Shapes of figures: rounded boxes, discs, pills, arrows, dashed lines.
//!
//! Every shape is made of horizontal runs of pixels. A shape paints its own pixels only.

use crate::graphics::surface::{Surface, inset};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// Returns the rectangle from a corner, with this width and height.
pub fn rectangle(x: i32, y: i32, width: u32, height: u32) -> Rectangle {
    Rectangle::new(Point::new(x, y), Size::new(width, height))
}

/// Returns the rectangle that is larger by this many pixels on each side.
pub fn grown(area: Rectangle, by: u32) -> Rectangle {
    let at = area.top_left - Size::new(by, by);
    Rectangle::new(at, area.size + Size::new(2 * by, 2 * by))
}

/// Returns the rectangle that is smaller by this many pixels on each side.
pub fn shrunk(area: Rectangle, by: u32) -> Rectangle {
    let at = area.top_left + Size::new(by, by);
    Rectangle::new(at, area.size.saturating_sub(Size::new(2 * by, 2 * by)))
}

/// Fills a box with rounded corners.
pub fn round_box<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    radius: u32,
    color: Rgb888,
) -> Result<(), S::Error> {
    surface.fill_round(&area, radius, color)
}

/// Rounds the corners of a filled rectangle: paints the area outside them.
pub fn round_corners<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    radius: u32,
    outside: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let Point { x, y } = area.top_left;
    for row in 0..radius.min(width / 2).min(height / 2) {
        let inset = inset(radius, row);
        for y in [y + row as i32, y + (height - 1 - row) as i32] {
            for x in [x, x + (width - inset) as i32] {
                surface.fill_solid(&rectangle(x, y, inset, 1), outside)?;
            }
        }
    }
    Ok(())
}

/// Fills a box with rounded corners and an edge of another colour.
pub fn edged_box<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    radius: u32,
    edge: u32,
    color: Rgb888,
    fill: Rgb888,
) -> Result<(), S::Error> {
    round_box(surface, area, radius, color)?;
    round_box(
        surface,
        shrunk(area, edge),
        radius.saturating_sub(edge),
        fill,
    )
}

/// Draws a slash of this height, which stands for a break in a scale.
pub fn slash<S: Surface>(
    surface: &mut S,
    at: Point,
    height: u32,
    color: Rgb888,
) -> Result<(), S::Error> {
    (0..height).try_for_each(|row| {
        let left = at.x + ((height - 1 - row) / 4) as i32;
        surface.fill_solid(&rectangle(left, at.y + row as i32, 1, 1), color)
    })
}

/// Fills a disc of this radius.
pub fn disc<S: Surface>(
    surface: &mut S,
    centre: Point,
    radius: u32,
    color: Rgb888,
) -> Result<(), S::Error> {
    let area = Rectangle::new(centre, Size::new(1, 1));
    round_box(surface, grown(area, radius), radius, color)
}

/// Draws a frame around an area, outside it: a gap of `gap` pixels, then a line.
pub fn ring<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    gap: u32,
    thickness: u32,
    color: Rgb888,
) -> Result<(), S::Error> {
    super::patterns::outline(surface, grown(area, gap + thickness), thickness, color)
}

/// Draws a dashed frame along the border of an area.
pub fn dashed_box<S: Surface>(
    surface: &mut S,
    area: Rectangle,
    dash: u32,
    color: Rgb888,
) -> Result<(), S::Error> {
    let Size { width, height } = area.size;
    let Point { x, y } = area.top_left;
    let (right, bottom) = (x + width as i32 - 1, y + height as i32 - 1);
    for y in [y, bottom] {
        dashed_level(surface, x, right + 1, y, dash, 1, color)?;
    }
    for x in [x, right] {
        for top in (0..height).step_by(2 * dash as usize) {
            let length = dash.min(height - top);
            surface.fill_solid(&rectangle(x, y + top as i32, 1, length), color)?;
        }
    }
    Ok(())
}

/// Draws a dashed level line from `left` to `right`.
pub fn dashed_level<S: Surface>(
    surface: &mut S,
    left: i32,
    right: i32,
    y: i32,
    dash: u32,
    thickness: u32,
    color: Rgb888,
) -> Result<(), S::Error> {
    for x in (left..right).step_by(2 * dash as usize) {
        let length = dash.min((right - x) as u32);
        surface.fill_solid(&rectangle(x, y, length, thickness), color)?;
    }
    Ok(())
}

/// The look of an arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrowStyle {
    /// The colour.
    pub color: Rgb888,
    /// The thickness of the line.
    pub thickness: u32,
    /// The length of the head.
    pub head: u32,
    /// True if the line is dashed.
    pub dashed: bool,
}

/// Draws a level arrow whose tip is at `to`.
pub fn level_arrow<S: Surface>(
    surface: &mut S,
    from: i32,
    to: i32,
    y: i32,
    style: ArrowStyle,
) -> Result<(), S::Error> {
    let ArrowStyle {
        color,
        thickness,
        head,
        dashed,
    } = style;
    let length = head as i32;
    let points_right = to > from;
    let (left, right) = match points_right {
        true => (from, to - length),
        false => (to + length, from),
    };
    let top = y - thickness as i32 / 2;
    match dashed {
        true => dashed_level(surface, left, right, top, 4 * thickness, thickness, color)?,
        false => {
            let width = (right - left).max(0) as u32;
            surface.fill_solid(&rectangle(left, top, width, thickness), color)?;
        }
    }
    for step in 0..length {
        let half = (step * 2 / 3 + 1).max(1);
        let x = match points_right {
            true => to - 1 - step,
            false => to + step,
        };
        surface.fill_solid(&rectangle(x, y - half + 1, 1, 2 * half as u32 - 1), color)?;
    }
    Ok(())
}

/// Draws an arrow downwards whose tip is at `to`.
pub fn down_arrow<S: Surface>(
    surface: &mut S,
    x: i32,
    from: i32,
    to: i32,
    style: ArrowStyle,
) -> Result<(), S::Error> {
    let ArrowStyle {
        color,
        thickness,
        head,
        ..
    } = style;
    let length = head as i32;
    let height = (to - length - from).max(0) as u32;
    let left = x - thickness as i32 / 2;
    surface.fill_solid(&rectangle(left, from, thickness, height), color)?;
    for step in 0..length {
        let half = (step * 2 / 3 + 1).max(1);
        let row = rectangle(x - half + 1, to - 1 - step, 2 * half as u32 - 1, 1);
        surface.fill_solid(&row, color)?;
    }
    Ok(())
}
