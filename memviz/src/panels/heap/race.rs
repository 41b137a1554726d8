//! Heaps side by side: the arenas of a race, or else the heap alone.
//!
//! ```text
//! ┌ HEAPS SIDE BY SIDE  on the same requests ──────────────────────────────────────────────────┐
//! │                        refused   waste  external   largest     taken  splits  merges       │
//! │ buddy, whole blocks          3  24.1 %    12.5 %   128 KiB   800 KiB     312     280       │
//! │ ███▒│███████▒▒│██▒│░░░░░░│██████▒│░░░░                                                     │
//! │ free list, first fit         0   0.9 %     3.1 %   401 KiB   600 KiB       ·       ·  ahead│
//! │ ███████████████████░░░██░░░░░░                                                             │
//! └────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//! *waste*: of what is taken, how much nobody asked for. *external*: of what is free, how much does
//! not lie in the largest piece. Ahead is who has refused least; of these, who has taken least; of
//! these, who has the largest free piece.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::model::heap::FRAME_BYTES;
use crate::model::{Arena, Arenas, Heap, Model};
use crate::view::extent::Extent;
use crate::widgets;
use core::cmp::Reverse;
use core::fmt::Display;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::heap::fragmentation::{FreeSpace, Thousandths};
use mm::units::{Bytes, Count};

const TITLE: &str = "HEAPS SIDE BY SIDE";
/// Text cells of a name, and of the word behind the numbers.
const NAME: usize = 21;
const AHEAD: &str = "ahead";
/// The numbers, and the text cells of each with the space before it: where there is less room, the
/// last are left out.
const COLUMNS: [(&str, usize); 7] = [
    ("refused", 8),
    ("waste", 8),
    ("external", 9),
    ("largest", 11),
    ("allocated", 11),
    ("splits", 8),
    ("merges", 8),
];

/// Numbers of one heap.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// What it is called.
    pub name: &'static str,
    /// Requests that were refused.
    pub refused: u64,
    /// Bytes in live blocks.
    pub allocated: u64,
    /// Bytes of these that nobody asked for.
    pub internal_fragmentation: Thousandths,
    /// What is free.
    pub free: FreeSpace,
    /// Splits and merges, where they are counted.
    pub steps: Option<(u32, u32)>,
}

impl Figures {
    /// Of the heap.
    pub fn of_heap(heap: &Heap) -> Figures {
        let totals = heap.totals();
        Figures {
            name: "the kernel's heap",
            refused: heap.refused(),
            allocated: totals.live_bytes(),
            internal_fragmentation: Thousandths::of(
                totals.internal_fragmentation(),
                totals.live_bytes(),
            ),
            free: totals.free_space(),
            steps: None,
        }
    }

    /// Of an arena.
    pub fn of_arena(arenas: &Arenas, arena: &Arena) -> Figures {
        let counts = arena.counts;
        let steps = (counts.splits, counts.merges);
        Figures {
            name: arena.strategy.words(),
            refused: counts.refused.into(),
            allocated: arena.allocated,
            internal_fragmentation: arena.internal_fragmentation(),
            free: arenas.free_space(arena),
            steps: arena.strategy.is_buddy().then_some(steps),
        }
    }

    fn rank(&self) -> (u64, u64, Reverse<u64>) {
        (self.refused, self.allocated, Reverse(self.free.largest))
    }
}

/// Whether this one is ahead of some, and behind none.
pub fn is_ahead(arenas: &Arenas, arena: &Arena) -> bool {
    let rank = Figures::of_arena(arenas, arena).rank();
    let ranks = || {
        arenas
            .all()
            .map(|other| Figures::of_arena(arenas, other).rank())
    };
    ranks().all(|other| rank <= other) && ranks().any(|other| rank < other)
}

/// Draws the panel, if a heap has changed.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
    extent: Extent,
) -> Result<(), S::Error> {
    let arenas = &model.arenas;
    let detail = match arenas.is_empty() {
        true => "no race is on",
        false => "the same requests",
    };
    widgets::panel_anew(surface, styles, area, TITLE, detail, "", extent)?;
    let mut table = Table::new(surface, styles, widgets::content(styles, area), model);
    table.heads()?;
    if arenas.is_empty() {
        table.figures(0, &Figures::of_heap(&model.heap), false)?;
        return table.heap_strip(0, &model.heap);
    }
    for (row, arena) in arenas.all().enumerate() {
        let figures = Figures::of_arena(arenas, arena);
        table.figures(row, &figures, is_ahead(arenas, arena))?;
        table.arena_strip(row, arenas, arena)?;
    }
    Ok(())
}

/// Rows of numbers, each above the strip of its blocks.
struct Table<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    content: Rectangle,
    /// From one heap to the next, in pixels.
    pitch: u32,
    /// How many of the columns there is room for.
    columns: usize,
    /// Of a strip, in pixels.
    highest: u32,
    /// Lines stand so close that strips are beside the numbers, not below.
    beside: bool,
}

/// Columns that are shown where strips are beside them.
const FEW: usize = 3;

impl<'s, S: Surface> Table<'s, S> {
    fn new(surface: &'s mut S, styles: &'s Styles, content: Rectangle, model: &Model) -> Self {
        let unit = styles.unit();
        let cells = (content.size.width / unit) as usize;
        let mut left = cells.saturating_sub(NAME + AHEAD.len() + 2);
        let fitting = COLUMNS.iter().take_while(|column| {
            let fits = left >= column.1;
            left = left.saturating_sub(column.1);
            fits
        });
        let fitting = fitting.count();
        let heaps = model.arenas.all().count().max(1) as u32;
        let rows = content.size.height.saturating_sub(styles.line());
        let beside = rows / heaps < 3 * unit;
        let columns = if beside { fitting.min(FEW) } else { fitting };
        Table {
            surface,
            styles,
            content,
            pitch: (rows / heaps).min(8 * styles.line()),
            // The strip of the heap alone tells by its height how full each frame is.
            highest: if model.arenas.is_empty() { 16 } else { 8 } * unit,
            columns,
            beside,
        }
    }

    fn at(&self, row: usize) -> Point {
        let top = self.styles.line() + row as u32 * self.pitch;
        self.content.top_left + Size::new(0, top)
    }

    /// Where the number of a column stands.
    fn slot(&self, at: Point, column: usize) -> Slot {
        let left: usize = COLUMNS[..column].iter().map(|column| column.1).sum();
        let left = (NAME + left) as u32 * self.styles.unit();
        Slot::right(at + Size::new(left, 0), COLUMNS[column].1)
    }

    fn heads(&mut self) -> Result<(), S::Error> {
        for (number, (head, _)) in COLUMNS.iter().enumerate().take(self.columns) {
            let slot = self.slot(self.content.top_left, number);
            self.styles.dim.draw(self.surface, slot, head)?;
        }
        Ok(())
    }

    fn figures(&mut self, row: usize, figures: &Figures, ahead: bool) -> Result<(), S::Error> {
        let styles = self.styles;
        let at = self.at(row);
        let name = if ahead { &styles.accent } else { &styles.title };
        name.draw(self.surface, Slot::left(at, NAME), figures.name)?;
        let external = figures.free.external();
        self.number(at, 0, Count(figures.refused))?;
        self.number(at, 1, figures.internal_fragmentation)?;
        self.number(at, 2, external)?;
        self.number(at, 3, Bytes(figures.free.largest))?;
        self.number(at, 4, Bytes(figures.allocated))?;
        match figures.steps {
            Some((splits, merges)) => {
                self.number(at, 5, Count(splits.into()))?;
                self.number(at, 6, Count(merges.into()))?;
            }
            None => {
                self.number(at, 5, "·")?;
                self.number(at, 6, "·")?;
            }
        }
        if ahead {
            let last = self.slot(at, self.columns - 1);
            let right = last.at + Size::new((last.cells as u32 + 2) * styles.unit(), 0);
            styles
                .accent
                .draw(self.surface, Slot::left(right, AHEAD.len()), AHEAD)?;
        }
        Ok(())
    }

    fn number(&mut self, at: Point, column: usize, number: impl Display) -> Result<(), S::Error> {
        if column >= self.columns {
            return Ok(());
        }
        let slot = self.slot(at, column);
        self.styles.text.draw(self.surface, slot, number)
    }

    /// Where the strip of a heap is.
    fn strip(&self, row: usize) -> Rectangle {
        let unit = self.styles.unit();
        if self.beside {
            let numbers: usize = COLUMNS[..self.columns].iter().map(|column| column.1).sum();
            let left = (NAME + numbers + AHEAD.len() + 3) as u32 * unit;
            let width = self.content.size.width.saturating_sub(left);
            let at = self.at(row) + Size::new(left, unit / 4);
            return Rectangle::new(at, Size::new(width, 2 * unit - unit / 2));
        }
        let above = 2 * unit + unit / 4;
        let height = self.pitch.saturating_sub(above + unit / 2);
        let height = height.clamp(2, self.highest);
        Rectangle::new(
            self.at(row) + Size::new(0, above),
            Size::new(self.content.size.width, height),
        )
    }

    /// The blocks of an arena to scale: asked for, dark where nobody did, grey where it is free.
    fn arena_strip(&mut self, row: usize, arenas: &Arenas, arena: &Arena) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let strip = self.strip(row);
        let Size { width, height } = strip.size;
        let x = |offset: u64| (offset * u64::from(width) / arena.bytes) as u32;
        let mut fill = |left: u32, right: u32, color| {
            let size = Size::new(right.min(width).saturating_sub(left), height);
            let area = Rectangle::new(strip.top_left + Size::new(left, 0), size);
            self.surface.fill_solid(&area, color)
        };
        fill(0, width, theme.free)?;
        for block in arenas.blocks(arena) {
            let start = block.address - arena.start.as_u64();
            let (left, right) = (x(start), x(start + u64::from(block.bytes)));
            let right = right.max(left + 1);
            // A line parts blocks that are wide enough for one.
            let line = u32::from(right - left >= 4);
            let asked = x(start + u64::from(block.requested)).clamp(left + 1, right);
            fill(left, right, theme.panel)?;
            fill(left + line, asked, theme.owner(block.owner).color)?;
        }
        Ok(())
    }

    /// The heap to scale: each column as high as its frames are live.
    fn heap_strip(&mut self, row: usize, heap: &Heap) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let strip = self.strip(row);
        let Size { width, height } = strip.size;
        let frames = heap.frames();
        if frames.is_empty() {
            return Ok(());
        }
        self.surface.fill_solid(&strip, theme.free)?;
        for column in 0..width {
            let place = |column: u32| column as usize * frames.len() / width as usize;
            let first = place(column);
            let shown = &frames[first..place(column + 1).max(first + 1)];
            let live: u64 = shown.iter().map(|frame| u64::from(frame.bytes)).sum();
            let whole = shown.len() * FRAME_BYTES;
            let filled = (live * u64::from(height)).div_ceil(whole as u64) as u32;
            let at = strip.top_left + Size::new(column, height - filled);
            let area = Rectangle::new(at, Size::new(1, filled));
            self.surface.fill_solid(&area, theme.used)?;
        }
        Ok(())
    }
}
