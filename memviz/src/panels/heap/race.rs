//! Heaps side by side: the arenas of a race, or else the kernel's heap alone.
//!
//! ```text
//! ┌ HEAPS SIDE BY SIDE  on the same requests ──────────────────────────────────────────────────┐
//! │                        refused int. frag ext. frag  largest allocated  splits  merges      │
//! │ buddy, whole blocks          3    24.1 %    12.5 %  128 KiB   800 KiB     312     280      │
//! │ ███▒│███████▒▒│██▒│░░░░░░│██████▒│░░░░                                                     │
//! │ free list, first fit         0     0.9 %     3.1 %  401 KiB   600 KiB       ·       · best │
//! │ ███████████████████░░░██░░░░░░                                                             │
//! └────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//! *int. frag*: internal fragmentation, the share of the allocated bytes that was not requested.
//! *ext. frag*: external fragmentation, the share of the free bytes outside the largest free block.
//! The best heap has the fewest refusals, then the fewest allocated bytes, then the largest free
//! block.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::input::keys::Arrow;
use crate::model::heap::FRAME_BYTES;
use crate::model::{Arena, Arenas, Heap, Model};
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets::{self, Column, Table};
use core::cmp::Reverse;
use core::fmt::Display;
use core::ops::Range;
use embedded_graphics::geometry::Point;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use mm::heap::fragmentation::{FreeSpace, Thousandths};
use mm::units::{Bytes, Count};

const TITLE: &str = "Heaps side by side";
const BEST: &str = "best";
static COLUMNS: [Column; 9] = [
    Column::left("", 21),
    Column::right("refused", 7).drops(7),
    Column::right("int. frag", 9).drops(6),
    Column::right("ext. frag", 9).drops(5),
    Column::right("largest", 10).drops(4),
    Column::right("allocated", 10).drops(3),
    Column::right("splits", 7).drops(2),
    Column::right("merges", 7).drops(1),
    Column::right("", 1 + BEST.len()),
];
/// The columns that are left out if strips stand beside the numbers.
const WITHOUT_STRIPS: Range<usize> = 4..8;

/// The numbers of one heap.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// The name of the heap.
    pub name: &'static str,
    /// Requests that were refused.
    pub refused: u64,
    /// Bytes in live blocks.
    pub allocated: u64,
    /// Internal fragmentation of the live bytes.
    pub internal_fragmentation: Thousandths,
    /// The free bytes.
    pub free: FreeSpace,
    /// Splits and merges, if the strategy counts them.
    pub steps: Option<(u32, u32)>,
}

impl Figures {
    /// The numbers of the kernel's heap.
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

    /// The numbers of an arena.
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

/// Returns whether this arena is better than some arenas, and worse than none.
pub fn is_best(arenas: &Arenas, arena: &Arena) -> bool {
    let rank = Figures::of_arena(arenas, arena).rank();
    let ranks = || {
        arenas
            .all()
            .map(|other| Figures::of_arena(arenas, other).rank())
    };
    ranks().all(|other| rank <= other) && ranks().any(|other| rank < other)
}

/// Returns what makes an arena the best one: the first number in which no arena is better, and one
/// is worse.
pub fn advantage(arenas: &Arenas, arena: &Arena) -> Option<&'static str> {
    if !is_best(arenas, arena) {
        return None;
    }
    let (refused, allocated, _) = Figures::of_arena(arenas, arena).rank();
    let others = || {
        let ranks = arenas
            .all()
            .map(|other| Figures::of_arena(arenas, other).rank());
        ranks.filter(|other| other.0 == refused)
    };
    let ties = others().filter(|other| other.1 == allocated).count();
    match (others().count(), ties) {
        (1, _) => Some("fewest refused"),
        (_, 1) => Some("fewest bytes allocated"),
        _ => Some("largest free block"),
    }
}

/// The panel.
#[derive(Clone, Copy, Debug)]
pub struct RacePanel {
    area: Rectangle,
}

impl Panel for RacePanel {
    const NAME: &'static str = "heaps";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: HEAPS SIDE BY SIDE"),
        Word(
            "ext. frag",
            "external fragmentation: share of free bytes outside the largest block",
        ),
        Word("allocated", "bytes in live blocks"),
        Word(
            "splits",
            "blocks split, and buddies merged; free lists have none",
        ),
        Word(
            "best",
            "fewest refused, then fewest allocated bytes, then largest free block",
        ),
    ];

    fn new(setup: &Setup<'_>) -> RacePanel {
        RacePanel { area: setup.area }
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
        draw_all(surface, scene.styles, self.area, scene.model, extent)
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}

/// Draws the whole panel.
fn draw_all<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
    extent: Extent,
) -> Result<(), S::Error> {
    let arenas = &model.arenas;
    let detail = match arenas.is_empty() {
        true => "no race",
        false => "the same requests",
    };
    widgets::panel_anew(surface, styles, area, TITLE, detail, "", extent)?;
    let mut table = HeapTable::new(surface, styles, widgets::content(styles, area), model);
    table.layout.draw_header(table.surface, styles)?;
    if arenas.is_empty() {
        table.figures(0, &Figures::of_heap(&model.heap), false)?;
        return table.heap_strip(0, &model.heap);
    }
    for (row, arena) in arenas.all().enumerate() {
        let figures = Figures::of_arena(arenas, arena);
        table.figures(row, &figures, is_best(arenas, arena))?;
        table.arena_strip(row, arenas, arena)?;
    }
    Ok(())
}

/// Rows of numbers, each above the strip of its blocks, or beside it if rows are close.
struct HeapTable<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    content: Rectangle,
    layout: Table<9>,
    /// The pitch of the heaps, in pixels.
    pitch: u32,
    /// The maximum height of a strip in pixels.
    highest: u32,
    has_strips_beside: bool,
}

impl<'s, S: Surface> HeapTable<'s, S> {
    fn new(surface: &'s mut S, styles: &'s Styles, content: Rectangle, model: &Model) -> Self {
        let unit = styles.unit();
        let heaps = model.arenas.all().count().max(1) as u32;
        let rows = content.size.height.saturating_sub(styles.line());
        let pitch = (rows / heaps).min(8 * styles.line());
        let has_strips_beside = rows / heaps < 3 * unit;
        let mut layout = Table::new(styles, content, &COLUMNS).with_rows(styles.line(), pitch);
        if has_strips_beside {
            layout = WITHOUT_STRIPS.fold(layout, Table::without);
        }
        HeapTable {
            surface,
            styles,
            content,
            layout,
            pitch,
            // In the strip of the kernel's heap, the height of a column shows the live bytes of its
            // frames.
            highest: if model.arenas.is_empty() { 16 } else { 8 } * unit,
            has_strips_beside,
        }
    }

    fn figures(&mut self, row: usize, figures: &Figures, is_best: bool) -> Result<(), S::Error> {
        let styles = self.styles;
        let [
            name,
            refused,
            internal,
            external,
            largest,
            allocated,
            splits,
            merges,
            word,
        ] = self.layout.row(row);
        let style = if is_best {
            &styles.accent
        } else {
            &styles.title
        };
        style.draw(self.surface, name, figures.name)?;
        self.number(refused, Count(figures.refused))?;
        self.number(internal, figures.internal_fragmentation)?;
        self.number(external, figures.free.external())?;
        self.number(largest, Bytes(figures.free.largest))?;
        self.number(allocated, Bytes(figures.allocated))?;
        match figures.steps {
            Some(steps) => {
                self.number(splits, Count(steps.0.into()))?;
                self.number(merges, Count(steps.1.into()))?;
            }
            None => {
                self.number(splits, "·")?;
                self.number(merges, "·")?;
            }
        }
        match is_best {
            true => styles.accent.draw(self.surface, word, BEST),
            false => Ok(()),
        }
    }

    fn number(&mut self, slot: Slot, number: impl Display) -> Result<(), S::Error> {
        self.styles.text.draw(self.surface, slot, number)
    }

    /// The rectangle of a heap's strip.
    fn strip(&self, row: usize) -> Rectangle {
        let unit = self.styles.unit();
        let at = self.layout.row_start(row);
        if self.has_strips_beside {
            let left = (self.layout.width() + 1) as u32 * unit;
            let width = self.content.size.width.saturating_sub(left);
            let at = at + Size::new(left, unit / 4);
            return Rectangle::new(at, Size::new(width, 2 * unit - unit / 2));
        }
        let above = 2 * unit + unit / 4;
        let height = self.pitch.saturating_sub(above + unit / 2);
        let height = height.clamp(2, self.highest);
        Rectangle::new(
            at + Size::new(0, above),
            Size::new(self.content.size.width, height),
        )
    }

    /// Draws the blocks of an arena to scale: bright requested bytes, dark internal fragmentation,
    /// grey free bytes.
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
        for block in arenas.free_blocks(arena) {
            let (left, right) = (x(block.start), x(block.end));
            if left > 0 && right - left >= 4 {
                fill(left, left + 1, theme.edge)?;
            }
        }
        for block in arenas.blocks(arena) {
            let start = block.address - arena.start.as_u64();
            let (left, right) = (x(start), x(start + u64::from(block.bytes)));
            let right = right.max(left + 1);
            // A line separates blocks that are wide enough.
            let line = u32::from(right - left >= 4);
            let requested = x(start + u64::from(block.requested)).clamp(left + 1, right);
            fill(left, right, theme.panel)?;
            fill(left + line, requested, theme.owner(block.owner).color)?;
        }
        Ok(())
    }

    /// Draws the heap to scale: the height of a column shows the live bytes of its frames.
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
