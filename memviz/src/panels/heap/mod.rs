//! The buddy heap: live bytes, blocks by order, the map of the blocks, and the reference counter of
//! each frame.
//!
//! ```text
//! ┌ BUDDY HEAP  2 MiB of 16 MiB ────────────────────────┐
//! │ live  1.2 MiB │ free  819 KiB │ largest     256 KiB │
//! │ blocks  1,234 │ int. frag 3 % │ refused           0 │
//! │ size live free│ size live free│ size     live  free │
//! │ 64 B   12   3 │ 2 KiB   4   · │ 64 KiB      1     2 │  orders 0 to 14
//! │ …             │ …             │ …                   │
//! │ 1 cell = 1 KiB                      refs 1 ▒▒▒▒ 64  │
//! │ ▓▓▓░▓▓▓▓░░░░░░░░▓▓▓▓▓▓▓▓░░░░░░░░    ▒▒░▒▒▒▒▒        │  see [`map`]
//! └─────────────────────────────────────────────────────┘
//! ```
//! "int. frag" is internal fragmentation: the share of the live bytes that was not requested. In a
//! low panel, the map replaces the orders. In narrow columns, values have no decimals. A panel that
//! is too narrow for the columns has a [summary].

pub mod blocks;
pub mod map;
pub mod mixture;
pub mod orders;
pub mod race;
pub mod story;
mod summary;
mod sums;

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::input::keys::Arrow;
use crate::model::ORDERS;
use crate::model::heap::block_bytes;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets::{self, Column, Table};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use map::HeapMap;
use mm::units::Bytes;
use orders::{ShortBytes, Tally};
use summary::Summary;
use sums::{Numbers, Sum, SumWords};

/// Columns of numbers.
const COLUMNS: usize = 3;
/// Orders in a column.
const ROWS: usize = ORDERS / COLUMNS;
/// Text cells between two columns, and of the widest column. A wider column separates numbers from
/// their labels.
const GAP: usize = 2;
const WIDEST: usize = 24;
static ORDER_COLUMNS: [Column; 3] = [
    Column::left("size", 7).narrow(4).grows(),
    Column::right("live", 4),
    Column::right("free", 4),
];
/// The minimum height of the map beside the orders, in units.
const LOWEST_MAP: u32 = 5;

/// The panel and the part of it that is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct HeapPanel {
    area: Rectangle,
    map: HeapMap,
    drawn: Option<Numbers>,
    /// The content of a narrow panel.
    summary: Option<Summary>,
}

/// The minimum text cells of a panel with columns.
const WIDE: u32 = 45;

impl Panel for HeapPanel {
    const NAME: &'static str = "heap";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: BUDDY HEAP"),
        Word("of … MiB", "current size of the heap, and its maximum"),
        Word("live", "bytes, and blocks of each size, in use"),
        Word("free", "bytes, and blocks of each size, not in use"),
        Word("largest", "the largest free block"),
        Word("blocks", "blocks in use"),
        Word(
            "int. frag",
            "internal fragmentation: share of the live bytes that was not requested; dark or striped",
        ),
        Word("refused", "requests that failed"),
        Word("size", "block size: 64 B times a power of two"),
        Word(
            "1 cell",
            "bytes of a cell; a dark line marks the start of a block",
        ),
        Word("refs", "live blocks that touch a frame, 64 at most"),
    ];

    fn new(setup: &Setup<'_>) -> HeapPanel {
        let area = setup.area;
        HeapPanel {
            area,
            map: HeapMap::default(),
            drawn: None,
            summary: (area.size.width < WIDE * setup.styles.unit()).then(Summary::default),
        }
    }

    fn shows(changed: Changed) -> bool {
        changed.heap
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        if let Some(summary) = &mut self.summary {
            return summary.draw(surface, scene, self.area, changes, extent);
        }
        let (styles, model, changed) = (scene.styles, scene.model, &changes.heap_frames);
        let totals = *model.heap.totals();
        let refused = model.heap.refused();
        let now = Numbers { totals, refused };
        // Another heap size needs a new picture.
        let drawn = self
            .drawn
            .filter(|drawn| drawn.totals.bytes == totals.bytes);
        let before = drawn.filter(|_| extent == Extent::Changed);
        let mut table = HeapNumbers::new(surface, styles, widgets::content(styles, self.area));
        if before.is_none() {
            let maximum = Bytes(model.heap.maximum_bytes());
            let detail = format_args!("{} of {maximum}", Bytes(totals.bytes));
            let note = "64 B to 1 MiB";
            widgets::panel_anew(
                table.surface,
                styles,
                self.area,
                "Buddy heap",
                detail,
                note,
                extent,
            )?;
            table.labels()?;
            let (legend, map) = table.map_area();
            self.map = HeapMap::new(map, styles.unit(), model.heap.frames().len());
            self.map.draw_legend(table.surface, styles, legend)?;
            self.map
                .draw_all(table.surface, styles.theme, &model.heap)?;
        } else {
            self.map
                .draw_changed(table.surface, styles.theme, &model.heap, changed)?;
        }
        table.sums(before.as_ref(), &now)?;
        table.orders(before.as_ref(), &now)?;
        self.drawn = Some(now);
        Ok(())
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        let heap = &scene.model.heap;
        match &self.summary {
            Some(summary) => summary.block_at(heap, point),
            None => self.map.block_at(heap, point),
        }
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}

/// Three columns of numbers.
struct HeapNumbers<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    content: Rectangle,
    /// Text cells of a column.
    cells: usize,
    /// The top of the map. The orders are above it, if both fit.
    map_top: u32,
}

/// The tops of the parts, in half units. A line of text is four half units.
const SUMS_TOP: u32 = 0;
const TABLE_TOP: u32 = 4 * 2 + 1;
const TABLE_END: u32 = TABLE_TOP + 4 * (1 + ROWS as u32) + 1;

impl<'s, S: Surface> HeapNumbers<'s, S> {
    fn new(surface: &'s mut S, styles: &'s Styles, content: Rectangle) -> Self {
        let width = (content.size.width / styles.unit()) as usize;
        let cells = (width.saturating_sub((COLUMNS - 1) * GAP) / COLUMNS).min(WIDEST);
        let least = (TABLE_END + 4) * styles.unit() / 2 + LOWEST_MAP * styles.unit();
        let map_top = match content.size.height < least {
            true => TABLE_TOP,
            false => TABLE_END,
        };
        HeapNumbers {
            surface,
            styles,
            content,
            cells,
            map_top,
        }
    }

    fn has_orders(&self) -> bool {
        self.map_top == TABLE_END
    }

    /// The left end of a line in a column.
    fn at(&self, column: usize, top: u32, line: usize) -> Point {
        let unit = self.styles.unit();
        let left = (column * (self.cells + GAP)) as u32 * unit;
        self.content.top_left + Size::new(left, (top + 4 * line as u32) * unit / 2)
    }

    /// The tables of the orders, side by side.
    fn order_table(&self) -> Table<3> {
        let unit = self.styles.unit();
        let size = Size::new(self.cells as u32 * unit, self.content.size.height);
        let area = Rectangle::new(self.at(0, TABLE_TOP, 0), size);
        Table::new(self.styles, area, &ORDER_COLUMNS)
            .with_rows(2 * unit, 2 * unit)
            .side_by_side(COLUMNS, ROWS, self.cells + GAP)
    }

    fn labels(&mut self) -> Result<(), S::Error> {
        let dim = &self.styles.dim;
        if !self.has_orders() {
            return Ok(());
        }
        let table = self.order_table();
        table.draw_header(self.surface, self.styles)?;
        for order in 0..ORDERS {
            let [size, ..] = table.row(order);
            let bytes = block_bytes(order as u8);
            match table.is_wide() {
                true => dim.draw(self.surface, size, Bytes(bytes))?,
                false => dim.draw(self.surface, size, ShortBytes(bytes))?,
            }
        }
        Ok(())
    }

    fn sums(&mut self, before: Option<&Numbers>, now: &Numbers) -> Result<(), S::Error> {
        let before = before.map(Sum::all);
        for (number, sum) in Sum::all(now).into_iter().enumerate() {
            let before = before.map(|before| before[number]);
            self.sum(number % COLUMNS, number / COLUMNS, before, sum)?;
        }
        Ok(())
    }

    /// Draws a sum, with its label if nothing is on the screen yet.
    fn sum(
        &mut self,
        column: usize,
        line: usize,
        before: Option<Sum>,
        now: Sum,
    ) -> Result<(), S::Error> {
        let (styles, at) = (self.styles, self.at(column, SUMS_TOP, line));
        // The last column may extend to the right edge.
        let width = (self.content.size.width / styles.unit()) as usize;
        let room = match column + 1 == COLUMNS && self.cells < WIDEST {
            true => width - (COLUMNS - 1) * (self.cells + GAP),
            false => self.cells,
        };
        let fitted = widgets::fit_label(room, now.labels(), &now.widths());
        if before.is_none() {
            let slot = Slot::left(at, fitted.label.len());
            styles.dim.draw(self.surface, slot, fitted.label)?;
        }
        let left = (room - fitted.value) as u32 * styles.unit();
        let slot = Slot::right(at + Size::new(left, 0), fitted.value);
        let is_exact = fitted.form == 0;
        let words = |sum| SumWords { sum, is_exact };
        styles
            .text
            .update(self.surface, slot, before.map(words), words(now))
    }

    fn orders(&mut self, before: Option<&Numbers>, now: &Numbers) -> Result<(), S::Error> {
        if !self.has_orders() {
            return Ok(());
        }
        let table = self.order_table();
        for order in 0..ORDERS {
            let [_, live, free] = table.row(order);
            let old = before.map(|before| Tally(before.totals.live[order]));
            let style = &self.styles.text;
            style.update(self.surface, live, old, Tally(now.totals.live[order]))?;
            let old = before.map(|before| Tally(before.totals.free[order]));
            style.update(self.surface, free, old, Tally(now.totals.free[order]))?;
        }
        Ok(())
    }

    /// The rectangles of the legend and of the map.
    fn map_area(&self) -> (Rectangle, Rectangle) {
        let unit = self.styles.unit();
        let Size { width, height } = self.content.size;
        let legend = Rectangle::new(self.at(0, self.map_top, 0), Size::new(width, 2 * unit));
        let rest = height.saturating_sub((self.map_top + 4) * unit / 2);
        (
            legend,
            Rectangle::new(self.at(0, self.map_top, 1), Size::new(width, rest)),
        )
    }
}
