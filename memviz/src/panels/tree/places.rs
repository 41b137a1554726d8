//! Where everything in a chunk stands.
//!
//! ```text
//! content ┬──────────┬────────────────────────────────────────────┐
//!         │ chunks   │ ▄▄ ▃▃ ██ ▁▁ ▁▁                             │ 3 units
//!         │──────────┼────────────────────────────────────────────┤ rows
//!         │   1 MiB  │ order 14: granules 0 to 16,383, to scale   │ a pitch each
//!         │ 512 KiB  │ order 13                                   │
//!         │ …        │                                            │
//!         │──────────┴────────────────────────────────────────────┤
//!         │ lines of text: LINES, or fewer where it is low        │
//!         └───────────────────────────────────────────────────────┘
//!           LABEL
//! ```
//! A place has its left and right end in every row at the same pixel, so that halves lie exactly
//! below what holds them.

use crate::graphics::styles::Styles;
use crate::model::ORDERS;
use crate::panels::heap::story::Node;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The order of a chunk.
pub const LARGEST: u8 = ORDERS as u8 - 1;
/// Text cells of the sizes at the left.
pub const LABEL: u32 = 8;
/// Lines of text below the tree, and where rows would be lower than that, in units, for them.
const LINES: u32 = 3;
const LOW: u32 = 1;
/// Blocks that are narrower are summed up, in pixels.
pub const NARROWEST: u32 = 3;

/// The rows of a chunk, in one place, at one size.
#[derive(Clone, Copy)]
pub struct Places {
    /// Number of the chunk.
    pub chunk: usize,
    /// The upper left corner of the rows.
    pub rows: Point,
    /// Pixels of a chunk.
    pub width: u32,
    /// From one row to the next.
    pub pitch: u32,
    /// Lines of text below the rows.
    pub lines: u32,
}

impl Places {
    /// Fits the rows of a chunk into the content of the panel.
    pub fn new(styles: &Styles, content: Rectangle, chunk: usize) -> Places {
        let unit = styles.unit();
        let above = 3 * unit;
        let pitch = |lines: u32| {
            let below = lines * styles.line() + unit;
            content.size.height.saturating_sub(above + below) / ORDERS as u32
        };
        let lines = match pitch(LINES) < LOW * unit {
            true => LINES - 1,
            false => LINES,
        };
        Places {
            chunk,
            rows: content.top_left + Size::new(LABEL * unit, above),
            width: content.size.width.saturating_sub(LABEL * unit),
            pitch: pitch(lines).max(4),
            lines,
        }
    }

    /// The pixels of a place in the row of its order.
    pub fn place(&self, node: Node) -> Rectangle {
        let x = |granule: usize| {
            let granule = granule - (self.chunk << LARGEST);
            ((granule as u64 * u64::from(self.width)) >> LARGEST) as u32
        };
        let (left, right) = (x(node.granule), x(node.granule + node.granules()));
        let top = u32::from(LARGEST - node.order) * self.pitch;
        Rectangle::new(
            self.rows + Size::new(left, top),
            Size::new(right - left, self.pitch - 1),
        )
    }

    /// The granule at a point of the screen, whatever the row.
    pub fn granule_at(&self, point: Point) -> Option<usize> {
        let left = u32::try_from(point.x - self.rows.x).ok()?;
        let inside = (u64::from(left) << LARGEST) / u64::from(self.width);
        (left < self.width).then_some((self.chunk << LARGEST) + inside as usize)
    }

    /// The order whose row a point of the screen is in.
    pub fn order_at(&self, point: Point) -> Option<u8> {
        let row = u32::try_from(point.y - self.rows.y).ok()? / self.pitch;
        u32::from(LARGEST).checked_sub(row).map(|order| order as u8)
    }
}

/// A place without the line that parts it from the next.
pub fn inner(place: Rectangle) -> Rectangle {
    let Size { width, height } = place.size;
    let line = u32::from(width >= NARROWEST);
    Rectangle::new(place.top_left, Size::new(width - line, height))
}
