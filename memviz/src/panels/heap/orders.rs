//! The orders of the buddy heap: how many blocks are live and free, and how much of the free memory
//! each order cannot use.
//!
//! ```text
//! ┌ ORDERS  bar: unusable free space, 0 to 1 ──────────────────────┐
//! │ size    live  free  unusable   size    live  free  unusable    │
//! │ 64 B      12     3     0.000   2 KiB      4     ·     0.021    │
//! │ ░░░░░░░░░░░░░░░░░░░░░░░░░░░░   ▓░░░░░░░░░░░░░░░░░░░░░░░░░░░    │
//! └────────────────────────────────────────────────────────────────┘
//! ```
//! *Unusable free space index*, as Linux has it in `/sys/kernel/debug/extfrag/unusable_index`: the
//! part of the free memory that lies in pieces smaller than a block of this order. At 1 no such
//! block can be had, and the bar warns.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::model::heap::block_bytes;
use crate::model::{HeapTotals, ORDERS};
use crate::panels::memo::Memo;
use crate::view::extent::Extent;
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::heap::Order;
use mm::heap::fragmentation::Thousandths;
use mm::units::Bytes;

/// Text cells of a size, of one cut short, of the two counts, and of an index.
const SIZE: usize = 7;
const SHORT: usize = 4;
const LIVE: usize = 5;
const FREE: usize = 5;
const INDEX: usize = 7;
/// Text cells between two columns.
const GAP: usize = 2;

/// The panel and the numbers that it shows.
#[derive(Clone, Copy, Debug)]
pub struct OrdersPanel {
    area: Rectangle,
    memo: Memo<{ 3 * ORDERS }>,
}

impl OrdersPanel {
    /// The panel in this place.
    pub fn new(area: Rectangle) -> OrdersPanel {
        OrdersPanel {
            area,
            memo: Memo::default(),
        }
    }

    /// Draws the panel, or the numbers that changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        totals: &HeapTotals,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let table = Table::new(styles, widgets::content(styles, self.area));
        if extent == Extent::All {
            self.memo.forget();
            let detail = "bar: unusable free space, 0 to 1";
            widgets::panel(surface, styles, self.area, "ORDERS", detail, "")?;
            table.labels(surface)?;
        }
        let free = totals.free_space();
        for (at, order) in Order::all().enumerate() {
            let unusable = free.unusable(order);
            let (live, waiting) = (totals.live[at], totals.free[at]);
            if self.memo.is_new(3 * at, live) {
                let slot = table.slot(at, 0);
                styles.text.draw(surface, slot, Tally(live))?;
            }
            if self.memo.is_new(3 * at + 1, waiting) {
                let slot = table.slot(at, 1);
                styles.text.draw(surface, slot, Tally(waiting))?;
            }
            if self.memo.is_new(3 * at + 2, unusable.0.into()) {
                table.index(surface, at, unusable)?;
            }
        }
        Ok(())
    }
}

/// Where everything stands.
struct Table<'s> {
    styles: &'s Styles,
    content: Rectangle,
    /// Orders in a column.
    rows: usize,
    /// Text cells of a column, and from one to the next.
    cells: usize,
    pitch: usize,
    /// Pixels from the heads to the first row, and from one row to the next.
    top: u32,
    height: u32,
}

impl<'s> Table<'s> {
    fn new(styles: &'s Styles, content: Rectangle) -> Table<'s> {
        let least = styles.line() + styles.unit() / 4;
        let fitting = content.size.height.saturating_sub(styles.line()) / least;
        let columns = match fitting {
            15.. => 1,
            8..15 => 2,
            _ => 3,
        };
        let rows = ORDERS.div_ceil(columns);
        let pitch = (content.size.width / styles.unit()) as usize / columns;
        let top = match content.size.height >= styles.line() + rows as u32 * least {
            true => styles.line(),
            false => 2 * styles.unit(),
        };
        let height = content.size.height.saturating_sub(top) / rows as u32;
        Table {
            styles,
            content,
            rows,
            cells: pitch - GAP * usize::from(columns > 1),
            pitch,
            top,
            height: height.min(2 * styles.line()),
        }
    }

    /// The upper left corner of an order.
    fn at(&self, order: usize) -> Point {
        let (column, row) = (order / self.rows, order % self.rows);
        let left = (column * self.pitch) as u32 * self.styles.unit();
        let top = self.top + row as u32 * self.height;
        self.content.top_left + Size::new(left, top)
    }

    /// The slot of a number: live blocks, free blocks, index.
    fn slot(&self, order: usize, number: usize) -> Slot {
        let size = if self.has_index() { SIZE } else { SHORT };
        // Where there is little room, the first count is as close as can be.
        let live = LIVE.min(self.cells.saturating_sub(SHORT + FREE));
        let cells = [live, FREE, INDEX];
        let before: usize = cells[..number].iter().sum();
        let (left, cells) = ((size + before) as u32 * self.styles.unit(), cells[number]);
        Slot::right(self.at(order) + Size::new(left, 0), cells)
    }

    fn has_index(&self) -> bool {
        self.cells >= SIZE + LIVE + FREE + INDEX
    }

    fn labels<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        let dim = &self.styles.dim;
        for first in (0..ORDERS).step_by(self.rows) {
            let up = |slot: Slot| Slot {
                at: Point::new(slot.at.x, self.content.top_left.y),
                ..slot
            };
            let words = ["live", "free", "index"];
            let shown = if self.has_index() { 3 } else { 2 };
            for (number, words) in words[..shown].iter().enumerate() {
                dim.draw(surface, up(self.slot(first, number)), words)?;
            }
        }
        for order in 0..ORDERS {
            let bytes = block_bytes(order as u8);
            let at = self.at(order);
            match self.has_index() {
                true => dim.draw(surface, Slot::left(at, SIZE), Bytes(bytes))?,
                false => dim.draw(surface, Slot::left(at, SHORT), ShortBytes(bytes))?,
            }
        }
        Ok(())
    }

    /// The bar below the numbers, and the number where there is room.
    fn index<S: Surface>(
        &self,
        surface: &mut S,
        order: usize,
        unusable: Thousandths,
    ) -> Result<(), S::Error> {
        let (unit, theme) = (self.styles.unit(), self.styles.theme);
        if self.has_index() {
            let slot = self.slot(order, 2);
            self.styles.text.draw(surface, slot, Index(unusable))?;
        }
        let bar = Rectangle::new(
            self.at(order) + Size::new(0, 2 * unit),
            Size::new(self.cells as u32 * unit, (unit / 2).max(2)),
        );
        let color = match unusable.0 {
            1000.. => theme.warning,
            _ => theme.used,
        };
        let parts = [(unusable.0.into(), color)];
        widgets::bar(surface, bar, 1000, parts, theme.outline)
    }
}

/// A power of two in four cells.
pub struct ShortBytes(pub u64);

impl fmt::Display for ShortBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ ..1024 => write!(f, "{bytes}B"),
            bytes @ ..0x10_0000 => write!(f, "{}K", bytes >> 10),
            bytes => write!(f, "{}M", bytes >> 20),
        }
    }
}

/// Thousandths as a number from 0 to 1.
pub struct Index(pub Thousandths);

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0.0 / 1000, self.0.0 % 1000)
    }
}

/// A count in four cells, a dot for none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tally(pub u64);

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("·"),
            count @ ..10_000 => write!(f, "{count}"),
            count => write!(f, "{}k", count / 1000),
        }
    }
}
