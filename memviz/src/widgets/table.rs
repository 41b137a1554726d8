//! A table of text: a header, columns that drop out in a narrow table, and rows below each other.
//!
//! Invariants: columns never overlap, and no cell reaches beyond the table.
//!
//! ```text
//! time       address             cause          cost  function      80 text cells
//! 12.345 s   0xffff900000006000  demand-zero  1.2 µs  probe::read
//!
//! time     address        cause                                     40 text cells
//! 12.345 s …900000006000  zero
//! ```
//! If there is no room, the gaps shrink first, and then all columns take their narrow widths. If
//! that does not suffice, the columns with a [priority](Column::drops) shrink to their least width
//! and drop out, one after the other; finally the other columns shrink. The column that
//! [grows](Column::grows) takes the text cells that are left over.
//!
//! A table does not draw its rows: [`Table::row`] returns a slot for each column, without text
//! cells if the column has dropped out. A panel can therefore redraw only the rows that changed.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Align, Slot, TextStyle};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// A column of a table. All widths are text cells.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    head: &'static str,
    align: Align,
    wide: usize,
    narrow: usize,
    least: usize,
    gap: usize,
    /// Its position among the columns that drop out, from 1 on; 0 for a column that stays.
    drops: usize,
    grows: bool,
}

impl Column {
    /// Returns a column of text that starts at its left end.
    pub const fn left(head: &'static str, cells: usize) -> Column {
        Column {
            head,
            align: Align::Left,
            wide: cells,
            narrow: cells,
            least: cells,
            gap: 1,
            drops: 0,
            grows: false,
        }
    }

    /// Returns a column of numbers that end at its right end.
    pub const fn right(head: &'static str, cells: usize) -> Column {
        Column {
            align: Align::Right,
            ..Column::left(head, cells)
        }
    }

    /// Sets the width in a narrow table.
    pub const fn narrow(self, cells: usize) -> Column {
        Column {
            narrow: cells,
            least: cells,
            ..self
        }
    }

    /// Sets the width to which the column shrinks, and below which it drops out.
    pub const fn least(self, cells: usize) -> Column {
        Column {
            least: cells,
            ..self
        }
    }

    /// Sets the gap to the column at the left; the default is 1.
    pub const fn gap(self, cells: usize) -> Column {
        Column { gap: cells, ..self }
    }

    /// Makes the column drop out if there is no room; the one with position 1 drops first.
    pub const fn drops(self, position: usize) -> Column {
        Column {
            drops: position,
            ..self
        }
    }

    /// Makes the column take the text cells that are left over.
    pub const fn grows(self) -> Column {
        Column {
            grows: true,
            ..self
        }
    }
}

/// A table with `N` columns in a rectangle of the screen.
///
/// A wide panel can lay out several tables with the same columns side by side: see
/// [`Table::side_by_side`].
#[derive(Clone, Copy, Debug)]
pub struct Table<const N: usize> {
    columns: &'static [Column; N],
    /// Text cells of each column, 0 for a column that has dropped out.
    cells: [usize; N],
    /// The slots of a row that starts at the origin.
    slots: [Slot; N],
    /// The maximum number of text cells between two columns.
    gap: usize,
    is_wide: bool,
    area: Rectangle,
    unit: u32,
    /// Pixels from the top of the table to the first row, and from one row to the next.
    top: u32,
    pitch: u32,
    rows: usize,
    /// Tables side by side, and text cells from one to the next.
    tables: usize,
    stride: usize,
}

impl<const N: usize> Table<N> {
    /// Lays out a table whose header and rows are lines of text.
    pub fn new(styles: &Styles, area: Rectangle, columns: &'static [Column; N]) -> Table<N> {
        let room = (area.size.width / styles.unit()) as usize;
        let lines = (area.size.height / styles.line()) as usize;
        let mut table = Table {
            columns,
            cells: [0; N],
            slots: [Slot::left(Point::zero(), 0); N],
            gap: usize::MAX,
            is_wide: true,
            area,
            unit: styles.unit(),
            top: styles.line(),
            pitch: styles.line(),
            rows: lines.saturating_sub(1),
            tables: 1,
            stride: 0,
        };
        table.fit(room);
        table.place(room);
        table
    }

    /// Moves the rows: the first one `top` pixels below the top of the table, `pitch` pixels from
    /// one to the next.
    pub fn with_rows(self, top: u32, pitch: u32) -> Table<N> {
        let height = self.area.size.height.saturating_sub(top);
        Table {
            top,
            pitch,
            rows: (height / pitch.max(1)) as usize,
            ..self
        }
    }

    /// Repeats the table every `stride` text cells: `tables` side by side, with `rows` rows each.
    /// Rows are numbered down the first table, and then down the next.
    pub fn side_by_side(self, tables: usize, rows: usize, stride: usize) -> Table<N> {
        Table {
            rows,
            tables,
            stride,
            ..self
        }
    }

    /// Hides a column, even if there is room.
    pub fn without(mut self, column: usize) -> Table<N> {
        self.cells[column] = 0;
        self.place((self.area.size.width / self.unit) as usize);
        self
    }

    /// Chooses gaps and widths for `room` text cells.
    fn fit(&mut self, room: usize) {
        for (is_wide, gap) in [
            (true, usize::MAX),
            (true, 1),
            (false, usize::MAX),
            (false, 1),
        ] {
            (self.is_wide, self.gap) = (is_wide, gap);
            self.cells = core::array::from_fn(|at| match is_wide {
                true => self.columns[at].wide,
                false => self.columns[at].narrow,
            });
            if self.width() <= room {
                break;
            }
        }
        if self.width() > room {
            self.shrink(room);
        }
        let spare = room.saturating_sub(self.width());
        let grows = |&at: &usize| self.columns[at].grows && self.cells[at] > 0;
        if let Some(at) = (0..N).find(grows) {
            self.cells[at] += spare;
        }
    }

    /// Shrinks the columns that may drop out and drops them out, in their order; then the others
    /// shrink.
    fn shrink(&mut self, room: usize) {
        for priority in (1..=N).chain([0]) {
            for (at, column) in self.columns.iter().enumerate() {
                if column.drops != priority {
                    continue;
                }
                if self.width() > room {
                    self.cells[at] = column.least;
                }
                if self.width() > room && column.drops > 0 {
                    self.cells[at] = 0;
                }
            }
        }
    }

    /// Computes the slots from gaps and widths.
    fn place(&mut self, room: usize) {
        let (starts, _) = self.starts();
        self.slots = core::array::from_fn(|at| Slot {
            at: Point::new((starts[at] as u32 * self.unit) as i32, 0),
            cells: self.cells[at].min(room.saturating_sub(starts[at])),
            align: self.columns[at].align,
        });
    }

    /// Returns where each column starts, in text cells, and where the last one ends.
    fn starts(&self) -> ([usize; N], usize) {
        let mut end = 0;
        let starts = core::array::from_fn(|at| {
            let gap = match end {
                0 => 0,
                _ => self.columns[at].gap.min(self.gap),
            };
            let start = end + gap;
            if self.cells[at] > 0 {
                end = start + self.cells[at];
            }
            start
        });
        (starts, end)
    }

    /// Returns the text cells up to the end of the last column.
    pub fn width(&self) -> usize {
        self.starts().1
    }

    /// Returns whether all columns have their full width.
    pub fn is_wide(&self) -> bool {
        self.is_wide
    }

    /// Returns how many rows of one table fit.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the slots of a row, one for each column.
    pub fn row(&self, row: usize) -> [Slot; N] {
        self.slots(self.row_start(row))
    }

    fn slots(&self, start: Point) -> [Slot; N] {
        self.slots.map(|slot| Slot {
            at: start + slot.at,
            ..slot
        })
    }

    /// Returns the top left corner of a row.
    pub fn row_start(&self, row: usize) -> Point {
        let (table, row) = match self.tables {
            1 => (0, row),
            _ => (row / self.rows, row % self.rows),
        };
        let down = Size::new(0, self.top + row as u32 * self.pitch);
        self.area.top_left + self.left_of(table) + down
    }

    fn left_of(&self, table: usize) -> Size {
        Size::new((table * self.stride) as u32 * self.unit, 0)
    }

    /// Returns the row at a point of the screen. The header and the gaps between tables have none.
    pub fn row_at(&self, point: Point) -> Option<usize> {
        let right = u32::try_from(point.x - self.area.top_left.x).ok()?;
        let table = match self.tables {
            1 => 0,
            tables => (right / (self.stride as u32 * self.unit).max(1)).min(tables as u32 - 1),
        } as usize;
        let point = point - self.left_of(table);
        let below = (point - self.area.top_left)
            .y
            .checked_sub_unsigned(self.top)?;
        let row = (u32::try_from(below).ok()? / self.pitch.max(1)) as usize;
        let is_row = self.area.contains(point) && (self.tables == 1 || row < self.rows);
        is_row.then_some(table * self.rows + row)
    }

    /// Draws the heads of the columns.
    pub fn draw_header<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
    ) -> Result<(), S::Error> {
        for table in 0..self.tables {
            let heads = self.columns.iter().map(|column| column.head);
            let slots = self.slots(self.area.top_left + self.left_of(table));
            for (slot, head) in slots.into_iter().zip(heads) {
                styles.dim.draw(surface, slot, head)?;
            }
        }
        Ok(())
    }

    /// Clears a row from end to end, and leaves `text` at its left end. The style of a highlighted
    /// row has another ground.
    pub fn draw_whole_row<S: Surface>(
        &self,
        surface: &mut S,
        style: &TextStyle,
        row: usize,
        text: impl core::fmt::Display,
    ) -> Result<(), S::Error> {
        let cells = (self.area.size.width / self.unit) as usize;
        style.draw(surface, Slot::left(self.row_start(row), cells), text)
    }

    /// Marks a row with a bar left of its table, and no other row.
    pub fn mark<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        marked: Option<usize>,
    ) -> Result<(), S::Error> {
        let width = (self.unit / 2).max(2);
        (0..self.tables * self.rows).try_for_each(|row| {
            let color = match marked == Some(row) {
                true => styles.theme.accent,
                false => styles.theme.panel,
            };
            let at = self.row_start(row) - Point::new(width as i32, 0);
            let bar = Rectangle::new(at, Size::new(width, 2 * self.unit));
            surface.fill_solid(&bar, color)
        })
    }
}
