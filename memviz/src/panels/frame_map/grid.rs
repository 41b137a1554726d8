//! The layout of the cells of the frame map.
//!
//! ```text
//!             0                    columns (a power of two, so rows begin at round addresses)
//! 0x0000000   ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
//! 0x0100000   ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓
//!   label       cells
//! ```
//! A cell is one frame if all frames fit, and otherwise 2^n frames with the smallest n that fits. A
//! [`Zoom`] shows fewer frames, in larger cells.

use crate::graphics::styles::Styles;
use crate::view::map::View;
use crate::view::zoom::Zoom;
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// Width and height of the smallest cell that is visible from the last row of a classroom.
pub fn smallest_cell(styles: &Styles) -> u32 {
    ((styles.unit() + 1) / 3).max(2)
}

/// Returns the maximum number of cells of a map in an area of this size.
pub const fn most_cells(area: Size, smallest: u32) -> usize {
    (area.width / smallest) as usize * (area.height / smallest) as usize
}

/// The maximum number of cells: the cost of drawing all of them grows with it.
const MOST_CELLS: usize = 20_000;

/// Cells in rows. They fill the area: where it is no multiple of their number, some are a pixel
/// larger than others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The rectangle of the cells, with the last row filled up.
    pub area: Rectangle,
    /// Cells in a row, a power of two.
    pub columns: usize,
    /// Rows. The last row may be partly filled.
    pub rows: usize,
    /// Pixels between two cells.
    pub gap: u32,
    /// The frames of the cells.
    pub view: View,
}

impl Grid {
    /// Fits the frames of the zoom into `area`, with a cell pitch of at least `smallest` pixels.
    pub fn new(area: Rectangle, frames: usize, zoom: Zoom, smallest: u32) -> Grid {
        let window = zoom.window(frames);
        let mut grid = Grid::of(area, window, smallest);
        // Rows begin at round addresses.
        let row = grid.columns << grid.view.shift;
        let last = frames.saturating_sub(window).next_multiple_of(row);
        let first = zoom.middle.saturating_sub(window / 2) / row * row;
        if zoom.level > 0 {
            grid.view.first = first.min(last);
            let rest = frames.saturating_sub(grid.view.first);
            let cells = rest.div_ceil(grid.view.frames_per_cell());
            grid.view.cells = grid.view.cells.min(cells);
        }
        grid
    }

    /// Fits this many frames, from the first one.
    fn of(area: Rectangle, frames: usize, smallest: u32) -> Grid {
        let frames = frames.max(1);
        let Size { width, height } = area.size;
        let candidates = |shift: u32| {
            let cells = frames.div_ceil(1 << shift);
            (3..12).map(move |power| {
                let columns = 1usize << power;
                (shift, columns, cells.div_ceil(columns))
            })
        };
        // The shorter side of a cell.
        let side = |columns: usize, rows: usize| (width / columns as u32).min(height / rows as u32);
        let (shift, columns, rows) = (0..usize::BITS)
            .find_map(|shift| {
                candidates(shift)
                    .filter(|&(_, columns, rows)| columns * rows <= MOST_CELLS)
                    .filter(|&(_, columns, rows)| side(columns, rows) >= smallest)
                    .max_by_key(|&(_, columns, rows)| side(columns, rows))
            })
            // No cell fits: all frames are in a cell of no size.
            .unwrap_or((frames.next_power_of_two().trailing_zeros(), 8, 1));
        Grid {
            area,
            columns,
            rows,
            // A gap separates cells that are large enough for it.
            gap: side(columns, rows) / 10,
            view: View {
                first: 0,
                shift,
                cells: frames.div_ceil(1 << shift),
            },
        }
    }

    /// Returns the full rows, if cells have no gaps: cells paint all of these pixels.
    pub fn solid(&self) -> Rectangle {
        let rows = match self.gap {
            0 => self.view.cells / self.columns,
            _ => 0,
        };
        let size = Size::new(self.area.size.width, self.top(rows));
        Rectangle::new(self.area.top_left, size)
    }

    /// Pixels from the left edge of the area to a column.
    #[inline]
    pub fn left(&self, column: usize) -> u32 {
        (column as u32 * self.area.size.width) >> self.columns.trailing_zeros()
    }

    /// Pixels from the upper edge of the area to a row.
    #[inline]
    pub fn top(&self, row: usize) -> u32 {
        row as u32 * self.area.size.height / self.rows as u32
    }

    /// Returns the rectangle of a cell with the gaps after it.
    #[inline]
    pub fn place(&self, cell: usize) -> Rectangle {
        let (row, column) = (cell / self.columns, cell % self.columns);
        let (left, top) = (self.left(column), self.top(row));
        let size = Size::new(self.left(column + 1) - left, self.top(row + 1) - top);
        Rectangle::new(self.area.top_left + Size::new(left, top), size)
    }

    /// Returns the rectangle of a cell.
    #[inline]
    pub fn rectangle(&self, cell: usize) -> Rectangle {
        let place = self.place(cell);
        Rectangle::new(place.top_left, place.size - Size::new(self.gap, self.gap))
    }

    /// Returns the size of the smallest cell with its gaps.
    pub fn pitch(&self) -> Size {
        self.place(0).size
    }

    /// Returns the cell at a point of the screen. A gap belongs to the cell before it.
    pub fn cell_at(&self, point: Point) -> Option<usize> {
        let (row, column) = self.place_at(point)?;
        let cell = row * self.columns + column;
        (cell < self.view.cells).then_some(cell)
    }

    /// Returns the row and the column at a point of the screen.
    pub fn place_at(&self, point: Point) -> Option<(usize, usize)> {
        if !self.area.contains(point) {
            return None;
        }
        let offset = point - self.area.top_left;
        let Size { width, height } = self.area.size;
        // The last column that begins at this pixel or before it.
        let last = |pixel: i32, count: usize, length: u32| {
            ((pixel as usize + 1) * count - 1) / length as usize
        };
        let row = last(offset.y, self.rows, height);
        Some((row, last(offset.x, self.columns, width)))
    }

    /// Returns the cells below a rectangle inside of the map, row by row. The last row may lack
    /// some of them.
    pub fn below(&self, area: Rectangle) -> impl Iterator<Item = Range<usize>> + use<> {
        let end = area.top_left + area.size - Size::new(1, 1);
        let corners = self.place_at(area.top_left).zip(self.place_at(end));
        let columns = self.columns;
        corners
            .into_iter()
            .flat_map(move |((top, left), (bottom, right))| {
                (top..=bottom).map(move |row| row * columns + left..row * columns + right + 1)
            })
    }

    /// Returns the first frame of a row.
    pub fn first_frame(&self, row: usize) -> usize {
        self.view.frames_of(row * self.columns).start
    }

    /// Returns the frames in a row.
    pub fn row_frames(&self) -> usize {
        self.columns << self.view.shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_frames_fit(
            width in 300u32..3000,
            height in 200u32..1600,
            frames in 1usize..1 << 28,
            level in 0..15,
            middle in any::<usize>(),
        ) {
            let area = Rectangle::new(Point::new(8, 8), Size::new(width, height));
            let middle = middle % frames;
            let mut zoom = Zoom { level: 0, middle };
            for _ in 0..level {
                zoom = zoom.nearer(frames);
            }
            let grid = Grid::new(area, frames, zoom, 4);
            prop_assert_eq!(area.intersection(&grid.area), grid.area);
            prop_assert!(grid.columns * grid.rows >= grid.view.cells);
            prop_assert!(grid.pitch().width >= 4 && grid.pitch().height >= 4);
            prop_assert_eq!((grid.left(grid.columns), grid.top(grid.rows)), (width, height));
            let last = grid.rectangle(grid.view.cells - 1);
            prop_assert_eq!(grid.area.intersection(&last), last);
            prop_assert!(grid.view.cells <= most_cells(area.size, 4));
            for cell in [0, grid.view.cells / 3, grid.view.cells - 1] {
                let rectangle = grid.rectangle(cell);
                let corners = [rectangle.top_left, rectangle.top_left + rectangle.size - Size::new(1, 1)];
                prop_assert_eq!(corners.map(|corner| grid.cell_at(corner)), [Some(cell); 2]);
            }
            prop_assert_eq!(grid.cell_at(area.top_left - Size::new(1, 0)), None);
            prop_assert_eq!(grid.cell_at(grid.area.top_left + grid.area.size), None);
            // All of memory, or a part of it around the middle, from a round address.
            let shown = grid.view.frames_of(0).start..grid.view.frames_of(grid.view.cells - 1).end;
            if zoom.level == 0 {
                prop_assert!(shown.start == 0 && shown.end >= frames);
            } else {
                prop_assert!(shown.contains(&middle) && shown.start % (grid.columns << grid.view.shift) == 0);
                prop_assert!(shown.len() <= zoom.window(frames) && shown.end - grid.view.frames_per_cell() < frames);
            }
        }
    }

    #[test]
    fn few_frames_get_a_cell_each() {
        let area = Rectangle::new(Point::zero(), Size::new(704, 384));
        let frames_per_cell = |frames, level| {
            let zoom = Zoom { level, middle: 0 };
            Grid::new(area, frames, zoom, 4).view.frames_per_cell()
        };
        assert_eq!(
            [8192, 65_536].map(|frames| frames_per_cell(frames, 0)),
            [1, 8]
        );
        assert_eq!(frames_per_cell(65_536, 2), 1);
    }
}
