//! The layout of the address spaces: columns for processes, rows for parts of the address space,
//! and a scale for each row.
//!
//! Each row has the scale at which its largest strip fits, so a cell is the same number of pages in
//! all columns.

use super::pages::Pages;
use crate::graphics::styles::Styles;
use crate::model::Model;
use crate::view::names::Names;
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;

/// The maximum number of columns.
pub const MOST_COLUMNS: usize = 12;
/// The maximum number of rows.
const MOST_ROWS: usize = 6;
/// Text cells of the names of the rows.
pub const LABEL: usize = 10;
/// The minimum and the maximum text cells of a column with the gap after it.
const NARROWEST: usize = 11;
const WIDEST: usize = 44;
const GAP: usize = 2;

/// A part of the address space, in all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name of the part.
    pub name: &'static str,
    /// An address in it, which orders the rows.
    start: u64,
    /// Cells of the largest strip if a cell is a page.
    most: usize,
    /// The first pixel row, and the pixel row after the last.
    pub rows: Range<i32>,
    /// The cell pitch, in pixels.
    pub pitch: u32,
    /// A cell is 2^shift pages.
    pub shift: u32,
}

/// The layout of the panel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The processes in the columns.
    pub columns: Vec<u32, MOST_COLUMNS>,
    /// The number of processes that do not fit.
    pub hidden: usize,
    pub rows: Vec<Row, MOST_ROWS>,
    /// The left edge of the row names.
    pub label: Point,
    /// Text cells of a column with its gap.
    column_cells: usize,
    /// Height of the columns.
    height: u32,
    /// The rectangle of the kernel's half: the whole panel if there is no process.
    pub kernel: Rectangle,
    /// The rectangle of the legend.
    pub legend: Rectangle,
}

impl Plan {
    /// Returns the layout for this rectangle. The space `wanted` is shown if it exists.
    pub fn new(
        styles: &Styles,
        area: Rectangle,
        model: &Model,
        wanted: Option<u32>,
        names: &Names,
    ) -> Plan {
        let unit = styles.unit();
        let (width, height) = (area.size.width, area.size.height);
        let line = styles.line();
        let legend_height = line;
        // Its name, three lines, and a gap.
        let kernel_height = match height >= 14 * line {
            true => 4 * line + unit,
            false => 0,
        };
        let below = height.saturating_sub(legend_height);
        let columns_height = below.saturating_sub(kernel_height + unit);
        let band = |top: u32, height: u32| {
            Rectangle::new(area.top_left + Size::new(0, top), Size::new(width, height))
        };
        let mut plan = Plan {
            label: area.top_left,
            height: columns_height,
            kernel: band(below - kernel_height.min(below), kernel_height),
            legend: band(below + (legend_height - 2 * unit), 2 * unit),
            ..Plan::default()
        };
        let room = (width / unit) as usize;
        plan.choose_columns(model, room.saturating_sub(LABEL), wanted);
        if plan.has_kernel_alone() {
            plan.kernel = band(0, below);
        }
        plan.choose_rows(model, names);
        plan.scale(unit, area.top_left.y);
        plan
    }

    /// Returns whether only the kernel's half is shown.
    pub fn has_kernel_alone(&self) -> bool {
        self.columns.is_empty()
    }

    /// Returns the rectangle of a column.
    pub fn column(&self, styles: &Styles, column: usize) -> Rectangle {
        let unit = styles.unit();
        let left = (LABEL + column * self.column_cells) as u32 * unit;
        let width = (self.column_cells - GAP) as u32 * unit;
        Rectangle::new(
            self.label + Size::new(left, 0),
            Size::new(width, self.height),
        )
    }

    /// Returns the rectangle of a row in a column.
    pub fn strip(&self, column: Rectangle, row: &Row) -> Rectangle {
        Rectangle::new(
            Point::new(column.top_left.x, row.rows.start),
            Size::new(
                column.size.width,
                (row.rows.end - row.rows.start).max(0) as u32,
            ),
        )
    }

    fn choose_columns(&mut self, model: &Model, room: usize, wanted: Option<u32>) {
        let all = model.processes.all().iter();
        let spaces = all.filter(|process| process.number != 0);
        let count = spaces.clone().count();
        let fits = ((room + GAP) / (NARROWEST + GAP)).clamp(1, MOST_COLUMNS);
        let wanted = spaces
            .clone()
            .position(|process| Some(process.number) == wanted);
        let first = wanted.map_or(0, |wanted| (wanted + 1).saturating_sub(fits));
        let shown = spaces.skip(first).take(fits);
        self.columns = shown.map(|process| process.number).collect();
        self.hidden = count - self.columns.len();
        let shown = self.columns.len().max(1);
        self.column_cells = ((room + GAP) / shown).min(WIDEST + GAP);
    }

    /// Collects the parts of the address space that any column has.
    fn choose_rows(&mut self, model: &Model, names: &Names) {
        for &space in &self.columns {
            for region in model.regions.of(space) {
                let start = region.start.as_u64();
                let name = (names.area)(start);
                if self.rows.iter().any(|row| row.name == name) {
                    continue;
                }
                let row = Row {
                    name,
                    start,
                    most: 0,
                    rows: 0..0,
                    pitch: 0,
                    shift: 0,
                };
                let at = self.rows.partition_point(|row| row.start < start);
                // A part that does not fit is not shown; a process has four parts.
                let _ = self.rows.insert(at, row);
            }
        }
        for row in &mut self.rows {
            let counts = self.columns.iter().map(|&space| {
                let pages = Pages::new(model, space, row.name, names);
                pages.cells()
            });
            row.most = counts.max().unwrap_or(0);
        }
    }

    /// Divides the height among the rows, and finds the largest cells that fit.
    fn scale(&mut self, unit: u32, top: i32) {
        // A row with more pages is higher, but its height grows less than its page count.
        let weight = |row: &Row| (usize::BITS - row.most.leading_zeros()).clamp(3, 12);
        let sum: u32 = self.rows.iter().map(weight).sum();
        let gap = unit;
        let head = 4 * unit + unit / 2;
        let gaps = gap * self.rows.len() as u32;
        let room = self.height.saturating_sub(head + gaps);
        let width = (self.column_cells.saturating_sub(GAP) as u32 * unit).max(1);
        let mut start = top + head as i32;
        for row in &mut self.rows {
            let height = room * weight(row) / sum.max(1);
            row.rows = start..start + height as i32;
            start = row.rows.end + gap as i32;
            let sides = [12, 8, 6, 4, 3, 2].map(|quarters| (unit * quarters / 4).max(3));
            let choices = (0..16).flat_map(|shift| sides.map(|side| (shift, side)));
            for (shift, side) in choices {
                (row.shift, row.pitch) = (shift, side);
                let room = (width / side) as usize * (height / side) as usize;
                if row.most.div_ceil(1 << shift) + (row.most >> shift).min(4) <= room {
                    break;
                }
            }
        }
    }
}
