//! Rectangles by their edges, on a grid of 8 pixels.

use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The grid in pixels: the edges of panels are multiples of it.
pub const GRID: u32 = 8;

/// Returns the left edge.
pub fn left(panel: &Rectangle) -> u32 {
    panel.top_left.x as u32
}

/// Returns the upper edge.
pub fn top(panel: &Rectangle) -> u32 {
    panel.top_left.y as u32
}

/// Returns the right edge.
pub fn right(panel: &Rectangle) -> u32 {
    left(panel) + panel.size.width
}

/// Returns the lower edge.
pub fn bottom(panel: &Rectangle) -> u32 {
    top(panel) + panel.size.height
}

/// Returns a rectangle from its four edges.
pub fn span(left: u32, top: u32, right: u32, bottom: u32) -> Rectangle {
    Rectangle::new(
        Point::new(left as i32, top as i32),
        Size::new(right - left, bottom - top),
    )
}

/// Rounds up to a multiple of the grid.
pub fn snap(pixels: u32) -> u32 {
    pixels.next_multiple_of(GRID)
}

/// Rounds down to a multiple of the grid.
pub fn snap_down(pixels: u32) -> u32 {
    pixels / GRID * GRID
}
