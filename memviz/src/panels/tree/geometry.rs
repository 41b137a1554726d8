//! The pixels of each part of a chunk.
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
//! The left and right end of a node are at the same pixel in every row, so halves lie exactly below
//! their parent.

use crate::graphics::styles::Styles;
use crate::model::ORDERS;
use crate::panels::heap::story::Node;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The order of a chunk.
pub const LARGEST: u8 = ORDERS as u8 - 1;
/// Text cells of the sizes at the left.
pub const LABEL: u32 = 8;
/// Lines of text below the tree, and the minimum height of a row in units. Lower rows take the
/// space of the lines.
const LINES: u32 = 3;
const LOW: u32 = 1;
/// Narrower blocks are summed up. In pixels.
pub const NARROWEST: u32 = 3;

/// The rows of a chunk, at one position and size.
#[derive(Clone, Copy)]
pub struct Geometry {
    /// Index of the chunk.
    pub chunk: usize,
    /// The upper left corner of the rows.
    pub rows: Point,
    /// The width of a chunk, in pixels.
    pub width: u32,
    /// The row pitch.
    pub pitch: u32,
    /// Lines of text below the rows.
    pub lines: u32,
}

impl Geometry {
    /// Fits the rows of a chunk into the content of the panel.
    pub fn new(styles: &Styles, content: Rectangle, chunk: usize) -> Geometry {
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
        Geometry {
            chunk,
            rows: content.top_left + Size::new(LABEL * unit, above),
            width: content.size.width.saturating_sub(LABEL * unit),
            pitch: pitch(lines).max(4),
            lines,
        }
    }

    /// Returns the pixels of a node in the row of its order.
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

    /// Returns the granule at a point of the screen, in any row.
    pub fn granule_at(&self, point: Point) -> Option<usize> {
        let left = u32::try_from(point.x - self.rows.x).ok()?;
        let inside = (u64::from(left) << LARGEST) / u64::from(self.width);
        (left < self.width).then_some((self.chunk << LARGEST) + inside as usize)
    }

    /// Returns the order of the row at a point of the screen.
    pub fn order_at(&self, point: Point) -> Option<u8> {
        let row = u32::try_from(point.y - self.rows.y).ok()? / self.pitch;
        u32::from(LARGEST).checked_sub(row).map(|order| order as u8)
    }
}

/// Returns a node without its separator line.
pub fn inner(place: Rectangle) -> Rectangle {
    let Size { width, height } = place.size;
    let line = u32::from(width >= NARROWEST);
    Rectangle::new(place.top_left, Size::new(width - line, height))
}
