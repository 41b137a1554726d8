//! The positions of the parts of the figure.
//!
//! ```text
//!            left                       right   address  now
//!  to scale  [ ▌▌  ▌                      ]
//! top        [ block           ] [ buddy  ]     0x…      free
//! top+pitch  [ block ] [ buddy ]                0x…      free
//! below      ────────── the addresses and their bits ──────────
//! ```

use super::drawing::Drawing;
use embedded_graphics::primitives::Rectangle;

/// Where the parts of the figure are.
pub struct Geometry {
    /// The rectangle below the title line.
    pub content: Rectangle,
    /// The left edge of the blocks.
    pub left: i32,
    /// The right edge of the blocks.
    pub right: i32,
    /// The left edge of the column of addresses.
    pub address: i32,
    /// The left edge of the column of states.
    pub now: i32,
    /// The top of the first level.
    pub top: i32,
    /// The distance from one level to the next.
    pub pitch: i32,
    /// The top of the rows of the XOR.
    pub below: i32,
}

impl Geometry {
    /// The positions in this rectangle.
    pub fn new(drawing: &Drawing<'_, '_>, content: Rectangle) -> Geometry {
        let wide = content.size.width as i32;
        let left = content.top_left.x;
        let top = content.top_left.y + drawing.length(48);
        let below = content.top_left.y + content.size.height as i32 - drawing.length(96);
        let levels = drawing.levels.levels.len().max(1) as i32;
        // A chunk that is one block has the figure for itself.
        let highest = drawing.length(if levels == 1 { 180 } else { 36 });
        Geometry {
            content,
            left: left + drawing.length(78),
            right: left + wide * 62 / 100,
            address: left + wide * 64 / 100,
            now: left + wide * 80 / 100,
            top,
            pitch: ((below - top) / levels).min(highest),
            below,
        }
    }
}
