//! What of the address spaces goes where: columns for processes, rows for parts of the address
//! space, and a scale for each row.
//!
//! Every row has the scale at which its largest strip fits, so that cells of the same size are the
//! same number of pages in all columns.

use super::pages::Pages;
use crate::graphics::styles::Styles;
use crate::model::Model;
use crate::view::names::Names;
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;

/// Columns that there can be.
pub const MOST_COLUMNS: usize = 12;
/// Rows that there can be.
const MOST_ROWS: usize = 6;
/// Text cells of the rows' names.
pub const LABEL: usize = 10;
/// Text cells of a column, and of the gap behind it: at least, and at most.
const NARROWEST: usize = 11;
const WIDEST: usize = 44;
const GAP: usize = 2;

/// A part of the address space, in all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is called.
    pub name: &'static str,
    /// An address in it, to bring rows into order.
    start: u64,
    /// Cells of the largest strip, if a cell is a page.
    most: usize,
    /// From the first row of pixels to the last one, which is not part of it.
    pub rows: Range<i32>,
    /// Pixels from one cell to the next.
    pub pitch: u32,
    /// A cell is 2^shift pages.
    pub shift: u32,
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The processes in the columns.
    pub columns: Vec<u32, MOST_COLUMNS>,
    /// Those that there is no room for.
    pub hidden: usize,
    pub rows: Vec<Row, MOST_ROWS>,
    /// Where the names of the rows begin.
    pub label: Point,
    /// Text cells of a column with its gap.
    column_cells: usize,
    /// Height of the columns.
    height: u32,
    /// Where the kernel's half goes: all of the room if there is no process.
    pub kernel: Rectangle,
    /// Where the legend goes.
    pub legend: Rectangle,
}

impl Plan {
    /// For this place. The space that is `wanted` is shown if it exists.
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

    /// Whether there is nothing but the kernel's half.
    pub fn has_kernel_alone(&self) -> bool {
        self.columns.is_empty()
    }

    /// The rectangle of a column.
    pub fn column(&self, styles: &Styles, column: usize) -> Rectangle {
        let unit = styles.unit();
        let left = (LABEL + column * self.column_cells) as u32 * unit;
        let width = (self.column_cells - GAP) as u32 * unit;
        Rectangle::new(
            self.label + Size::new(left, 0),
            Size::new(width, self.height),
        )
    }

    /// The place of a row in a column.
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

    /// The parts of the address space that any of the columns has.
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
                // What there is no room for is not shown; a process has four parts.
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

    /// Shares the height out among the rows, and finds the largest cells that fit.
    fn scale(&mut self, unit: u32, top: i32) {
        // More pages have more room, but a hundred times more not a hundred times as much.
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
