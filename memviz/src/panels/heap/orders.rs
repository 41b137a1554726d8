//! The orders of the buddy heap: live, cached and free blocks, and the share of free memory that is
//! unusable for each order.
//!
//! ```text
//! ┌ ORDERS  bar: unusable free space, 0 to 1 ──────────────────────┐
//! │         live cached free index          live cached free index │
//! │ 64 B      12      1    3 0.000  2 KiB      4      ·    · 0.021 │
//! │ ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  ▓░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ │
//! └────────────────────────────────────────────────────────────────┘
//! ```
//! *Unusable free space index*, as in Linux's `/sys/kernel/debug/extfrag/unusable_index`: the share
//! of free memory in blocks smaller than this order. At 1 no such block is available, and the bar
//! has the warning colour.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::model::ORDERS;
use crate::model::heap::block_bytes;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::memo::Memo;
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets::{self, Column, Table};
use core::fmt;
use embedded_graphics::geometry::Point;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use mm::heap::Order;
use mm::heap::fragmentation::Thousandths;
use mm::units::Bytes;

static COLUMNS: [Column; 5] = [
    Column::left("", 7).narrow(4),
    Column::right("live", 5).gap(0).least(4),
    Column::right("cached", 6).drops(1),
    Column::right("free", 4),
    Column::right("index", 5).gap(2).drops(2),
];
/// Text cells between two tables side by side.
const GAP: usize = 2;

/// The panel and the numbers on the screen.
#[derive(Clone, Copy, Debug)]
pub struct OrdersPanel {
    area: Rectangle,
    memo: Memo<{ 4 * ORDERS }>,
}

impl Panel for OrdersPanel {
    const NAME: &'static str = "orders";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: ORDERS"),
        Word(
            "bar",
            "share of free bytes in blocks too small for a block of this size",
        ),
    ];

    fn new(setup: &Setup<'_>) -> OrdersPanel {
        let area = setup.area;
        OrdersPanel {
            area,
            memo: Memo::default(),
        }
    }

    fn shows(changed: Changed) -> bool {
        changed.heap
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let (styles, totals) = (scene.styles, scene.model.heap.totals());
        let table = OrderTable::new(styles, widgets::content(styles, self.area));
        if extent == Extent::All {
            self.memo.forget();
            let detail = "bar: unusable free space, 0 to 1";
            widgets::panel(surface, styles, self.area, "Orders", detail, "")?;
            table.draw_labels(surface)?;
        }
        let free = totals.free_space();
        for (at, order) in Order::all().enumerate() {
            let unusable = free.unusable(order);
            let counts = [totals.live[at], totals.cached[at], totals.free[at]];
            let [_, live, cached, free, _] = table.layout.row(at);
            for (nth, (slot, count)) in [live, cached, free].into_iter().zip(counts).enumerate() {
                if self.memo.is_new(4 * at + nth, count) {
                    styles.text.draw(surface, slot, Tally(count))?;
                }
            }
            if self.memo.is_new(4 * at + 3, unusable.0.into()) {
                table.draw_index(surface, at, unusable)?;
            }
        }
        Ok(())
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}

/// Up to three tables side by side, with a bar below the numbers of each order.
struct OrderTable<'s> {
    styles: &'s Styles,
    layout: Table<5>,
    /// Text cells of a table.
    cells: usize,
}

impl<'s> OrderTable<'s> {
    fn new(styles: &'s Styles, content: Rectangle) -> OrderTable<'s> {
        let Size { width, height } = content.size;
        let least = styles.line() + styles.unit() / 4;
        let tables = match height.saturating_sub(styles.line()) / least {
            15.. => 1,
            8..15 => 2,
            _ => 3,
        };
        let rows = ORDERS.div_ceil(tables);
        let stride = (width / styles.unit()) as usize / tables;
        let cells = stride - GAP * usize::from(tables > 1);
        let top = match height >= styles.line() + rows as u32 * least {
            true => styles.line(),
            false => 2 * styles.unit(),
        };
        let pitch = (height.saturating_sub(top) / rows as u32).min(2 * styles.line());
        let size = Size::new(cells as u32 * styles.unit(), height);
        let layout = Table::new(styles, Rectangle::new(content.top_left, size), &COLUMNS)
            .with_rows(top, pitch)
            .side_by_side(tables, rows, stride);
        OrderTable {
            styles,
            layout,
            cells,
        }
    }

    fn draw_labels<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        self.layout.draw_header(surface, self.styles)?;
        for order in 0..ORDERS {
            let bytes = block_bytes(order as u8);
            let [size, ..] = self.layout.row(order);
            match self.layout.is_wide() {
                true => self.styles.dim.draw(surface, size, Bytes(bytes))?,
                false => self.styles.dim.draw(surface, size, ShortBytes(bytes))?,
            }
        }
        Ok(())
    }

    /// Draws the index of an order, and the bar below its numbers.
    fn draw_index<S: Surface>(
        &self,
        surface: &mut S,
        order: usize,
        unusable: Thousandths,
    ) -> Result<(), S::Error> {
        let (unit, theme) = (self.styles.unit(), self.styles.theme);
        let [.., index] = self.layout.row(order);
        self.styles.text.draw(surface, index, Index(unusable))?;
        let bar = Rectangle::new(
            self.layout.row_start(order) + Size::new(0, 2 * unit),
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

/// Formats a power of two in four cells.
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

/// Formats thousandths as a number from 0 to 1.
pub struct Index(pub Thousandths);

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0.0 / 1000, self.0.0 % 1000)
    }
}

/// Formats a count in four cells, with a dot for none.
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
