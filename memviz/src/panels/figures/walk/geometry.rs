//! The positions of the parts of the figure.
//!
//! ```text
//!                  left      left + step
//! bits    ──────── [bits   ] [bits   ] …
//! heads   ──────── [name   ] [name   ] …    `COLUMNS` columns, each `width` wide
//! bodies  ──────── [       ] [       ]
//! end     ──────── [       ] [       ]
//! ```

use crate::graphics::styles::Styles;
use crate::widgets::shapes::rectangle;
use embedded_graphics::primitives::Rectangle;

/// Four tables and the page.
pub const COLUMNS: usize = 5;

/// Where the parts of the figure are.
pub struct Geometry {
    /// The rectangle below the title line.
    pub content: Rectangle,
    /// The left edge of the first column.
    pub left: i32,
    /// The distance from one column to the next.
    pub step: i32,
    /// The width of a column.
    pub width: u32,
    /// The top of the bits.
    pub bits: i32,
    /// The top of the names of the tables.
    pub heads: i32,
    /// The top of the tables.
    pub bodies: i32,
    /// The bottom of the tables.
    pub end: i32,
}

impl Geometry {
    pub fn new(styles: &Styles, content: Rectangle) -> Geometry {
        let length = |pixels| styles.scale.length(pixels) as i32;
        let wide = content.size.width as i32;
        let (first, gap) = (wide * 12 / 100, length(14));
        let step = (wide - first + gap) / COLUMNS as i32;
        let top = content.top_left.y;
        let below = top + content.size.height as i32;
        Geometry {
            content,
            left: content.top_left.x + first,
            step,
            width: (step - gap) as u32,
            bits: top + length(20),
            heads: top + length(98),
            bodies: top + length(124),
            end: below - length(104),
        }
    }

    /// The left edge of a column.
    pub fn column(&self, column: usize) -> i32 {
        self.left + self.step * column as i32
    }

    /// The rectangle of a table, or of the frame.
    pub fn body(&self, column: usize) -> Rectangle {
        let height = (self.end - self.bodies).max(0) as u32;
        rectangle(self.column(column), self.bodies, self.width, height)
    }
}
