//! Where the maps and the side stand.
//!
//! ```text
//! ┌───────────────────┬────────┐     1 or 2 maps below each other, so that the same request stands
//! │ map      map      │ side   │     above itself; 3 and 4 in two columns, more in three
//! │ map      map      │        │
//! │ legend            │        │
//! └───────────────────┴────────┘
//! ```

use super::lane::Lane;
use super::log::WorkloadLog;
use super::map::Map;
use crate::graphics::styles::Styles;
use crate::graphics::type_scale::Role;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The rectangles of a figure.
#[derive(Clone, Copy)]
pub struct Places {
    /// All maps.
    maps: Rectangle,
    /// Maps beside each other, and below each other.
    grid: (u32, u32),
    gap: u32,
    /// The line above the blocks of a map, and the line below.
    line: u32,
    /// The height of the strip of marks.
    strip: u32,
    /// The legend.
    pub legend: Rectangle,
    /// The side.
    pub side: Rectangle,
}

impl Places {
    /// Lays out so many maps in the content of the figure.
    pub fn new(styles: &Styles, content: Rectangle, maps: usize) -> Places {
        let length = |pixels| styles.scale.length(pixels);
        let line = styles.words(Role::Small, styles.theme.dim, styles.theme.panel);
        let line = line.face.line_height();
        let side = length(310).min(content.size.width / 2);
        let left = content.size.width.saturating_sub(side + length(36));
        let height = content.size.height.saturating_sub(line + length(10));
        let below = content.top_left + Point::new(0, (height + length(10)) as i32);
        let right = (content.size.width - side) as i32;
        Places {
            maps: Rectangle::new(content.top_left, Size::new(left, height)),
            grid: match maps {
                0..=2 => (1, maps.max(1) as u32),
                3..=4 => (2, 2),
                5..=6 => (2, 3),
                _ => (3, 3),
            },
            gap: length(18),
            line,
            strip: length(8).max(2),
            legend: Rectangle::new(below, Size::new(left, line)),
            side: Rectangle::new(
                content.top_left + Point::new(right, 0),
                Size::new(side, content.size.height),
            ),
        }
    }

    /// Returns the rectangle of a map with its lines.
    pub fn cell(&self, number: usize) -> Rectangle {
        let (across, down) = self.grid;
        let width = (self.maps.size.width.saturating_sub((across - 1) * self.gap)) / across;
        let height = (self.maps.size.height.saturating_sub((down - 1) * self.gap)) / down;
        let (column, row) = (number as u32 % across, number as u32 / across);
        let at = Size::new(column * (width + self.gap), row * (height + self.gap));
        Rectangle::new(self.maps.top_left + at, Size::new(width, height))
    }

    /// Returns the outline of a map's blocks.
    pub fn outline(&self, number: usize) -> Rectangle {
        let cell = self.cell(number);
        let above = self.line + 4;
        let below = self.strip + self.line + 6;
        let height = cell.size.height.saturating_sub(above + below).max(8);
        Rectangle::new(
            cell.top_left + Size::new(0, above),
            Size::new(cell.size.width.max(8), height),
        )
    }

    /// Returns the line of figures below a map.
    pub fn foot(&self, number: usize) -> Rectangle {
        let outline = self.outline(number);
        let below = outline.size.height + self.strip + 4;
        Rectangle::new(
            outline.top_left + Size::new(0, below),
            Size::new(outline.size.width, self.line),
        )
    }

    /// Returns the map of an arena.
    pub fn map<'l>(&self, log: &WorkloadLog, lane: &'l Lane, number: usize) -> Map<'l> {
        let outline = self.outline(number);
        let blocks = Rectangle::new(
            outline.top_left + Size::new(1, 1),
            outline.size.saturating_sub(Size::new(2, 2)),
        );
        let marks = outline.top_left + Size::new(1, outline.size.height + 1);
        Map {
            lane,
            blocks,
            marks: Rectangle::new(marks, Size::new(blocks.size.width, self.strip)),
            requests: log.requests(),
        }
    }
}
