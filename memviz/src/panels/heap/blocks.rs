//! All blocks of the heap to scale, with their internal fragmentation, and the reference counter of
//! each heap frame.
//!
//! ```text
//! ┌ BLOCK MAP  3 MiB of 16 MiB ───────────────────────────────┐
//! │ requested 1.2 MiB of 1.5 MiB, int. frag 20.0 %            │
//! │ 1 cell = 1 KiB, colour = owner            refs 1 ▒▒▒▒ 64  │
//! │ ▓▓▓░▓▓▓▓░░░░░░░░▓▓▓▓▓▓▓▓░░░░░░░░          ▒▒░▒▒▒▒▒        │  see [`map`](super::map)
//! └───────────────────────────────────────────────────────────┘
//! ```

use super::map::HeapMap;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::input::keys::Arrow;
use crate::model::HeapTotals;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets;
use core::fmt;
use core::ops::Range;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Percent};

/// The panel and the part of it that is on the screen.
#[derive(Clone, Debug)]
pub struct BlocksPanel {
    area: Rectangle,
    map: HeapMap,
    drawn: Option<Drawn>,
}

/// Everything on the screen except the cells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawn {
    bytes: u64,
    sums: Sums,
    selected: Option<Range<usize>>,
}

impl Panel for BlocksPanel {
    const NAME: &'static str = "block map";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: BLOCK MAP"),
        Word("requested", "bytes requested, of the bytes in live blocks"),
    ];

    fn new(setup: &Setup<'_>) -> BlocksPanel {
        let area = setup.area;
        BlocksPanel {
            area,
            map: HeapMap::default(),
            drawn: None,
        }
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let Scene {
            styles,
            model,
            selection,
            ..
        } = *scene;
        let changed = &changes.heap_frames;
        let heap = &model.heap;
        let now = Drawn {
            bytes: heap.totals().bytes,
            sums: Sums::of(heap.totals()),
            selected: heap.selected(selection),
        };
        let before = self.drawn.replace(now.clone());
        // Another heap size or another selection needs a new picture.
        let before = before.filter(|before| {
            extent == Extent::Changed
                && (before.bytes, &before.selected) == (now.bytes, &now.selected)
        });
        let content = widgets::content(styles, self.area);
        if before.is_none() {
            self.draw_all(surface, scene, extent)?;
        } else {
            self.map
                .draw_changed(surface, styles.theme, heap, changed)?;
        }
        if let Some(selected) = &now.selected {
            self.map
                .draw_selection(surface, styles.theme, selected.clone())?;
        }
        let cells = (content.size.width / styles.unit()) as usize;
        let slot = Slot::left(content.top_left, cells);
        let is_exact = cells >= EXACT;
        let words = |sums| SumWords { sums, is_exact };
        let before = before.map(|before| words(before.sums));
        styles.text.update(surface, slot, before, words(now.sums))
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        self.map.block_at(&scene.model.heap, point)
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}

impl BlocksPanel {
    /// Draws the panel, the legend and the map.
    fn draw_all<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let (styles, heap) = (scene.styles, &scene.model.heap);
        let content = widgets::content(styles, self.area);
        let line = styles.line();
        let maximum = Bytes(heap.maximum_bytes());
        let detail = format_args!("{} of {maximum}", Bytes(heap.totals().bytes));
        widgets::panel_anew(
            surface,
            styles,
            self.area,
            "Block map",
            detail,
            "64 B to 1 MiB",
            extent,
        )?;
        let rest = content.size.height.saturating_sub(2 * line);
        let map = Rectangle::new(
            content.top_left + Size::new(0, 2 * line),
            Size::new(content.size.width, rest),
        );
        self.map = HeapMap::new(map, styles.unit(), heap.frames().len());
        let legend = content.top_left + Size::new(0, line);
        let legend = Rectangle::new(legend, Size::new(content.size.width, line));
        self.map.draw_legend(surface, styles, legend)?;
        self.map.draw_all(surface, styles.theme, heap)
    }
}

/// Bytes requested and allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sums {
    requested: u64,
    allocated: u64,
}

impl Sums {
    fn of(totals: &HeapTotals) -> Sums {
        Sums {
            requested: totals.requested,
            allocated: totals.live_bytes(),
        }
    }
}

/// The text cells of the sums with decimals.
const EXACT: usize = 55;

/// Formats the sums, with decimals or without.
#[derive(Clone, Copy, PartialEq, Eq)]
struct SumWords {
    sums: Sums,
    is_exact: bool,
}

impl fmt::Display for SumWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sums {
            requested,
            allocated,
        } = self.sums;
        let share = Percent {
            part: allocated.saturating_sub(requested),
            whole: allocated,
        };
        let (requested, allocated) = (Bytes(requested), Bytes(allocated));
        match self.is_exact {
            true => write!(f, "requested {requested} of {allocated}, int. frag {share}"),
            false => write!(
                f,
                "requested {requested:.0} of {allocated:.0}, frag {share:.0}"
            ),
        }
    }
}
