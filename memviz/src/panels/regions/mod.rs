//! The memory map of the firmware: address and size of each region.
//!
//! ```text
//! ┌ MEMORY MAP  45 regions ─────────────── bar: log scale ─────── ┐
//! │ ▌u▐▌r▐▌ k ▐▌       u       ▐▌r▐▌   r   ▐▌  u  ▐               │  bar.rs
//! │ u usable   k kernel   f screen   r reserved                   │
//! │ u 0x00000000   639 KiB         k 0x00100000    1.8 MiB        │  list.rs
//! │ r 0x0009f000     4 KiB         1 to 11 of 45                  │
//! └───────────────────────────────────────────────────────────────┘
//! ```
//! A region is selected in the bar or in the list, and marked in both. The list shows the page of
//! the region that was selected last; the wheel turns its pages. A panel that is too narrow for the
//! list has a [summary] in bars.

mod bar;
mod list;
mod scales;
mod summary;
mod words;

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::width;
use crate::graphics::theme::Swatch;
use crate::input::keys::Arrow;
use crate::model::Model;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use list::List;
use mm::memory_map::MemoryKind;
use mm::units::Count;
use summary::Summary;
pub use words::short;

/// The panel, and what is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct RegionsPanel {
    area: Rectangle,
    list: List,
    /// The page that the user chose, and the one on the screen.
    page: usize,
    drawn: usize,
    selected: Option<usize>,
    /// The panel has no room for the list.
    is_narrow: bool,
}

/// The minimum text cells of a panel with a list.
const WIDE: u32 = 45;

impl Panel for RegionsPanel {
    const NAME: &'static str = "memory map";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: MEMORY MAP"),
        Word(
            "regions",
            "ranges that the firmware reported, sorted and merged",
        ),
        Word("0x…  MiB", "start address and size of a region"),
        Word(
            "1 to 11 of 45",
            "the regions in the list; the wheel and the arrow keys show others",
        ),
        Word(
            "the bar",
            "all regions; each doubling of the size adds the same width",
        ),
        Word(
            "first, last",
            "in a narrow panel: the small regions at both ends of memory; each bar is to scale in itself",
        ),
    ];

    fn new(setup: &Setup<'_>) -> RegionsPanel {
        RegionsPanel {
            area: setup.area,
            list: List::default(),
            page: 0,
            drawn: 0,
            selected: None,
            is_narrow: setup.area.size.width < WIDE * setup.styles.unit(),
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
        let (styles, model) = (scene.styles, scene.model);
        let selected = selected(scene);
        let is_same = (self.selected, self.drawn) == (selected, self.page);
        if extent == Extent::Changed && is_same && !changes.panels.firmware_map {
            return Ok(());
        }
        let regions = model.firmware_map.all();
        let count = format_args!("{} regions", Count(regions.len() as u64));
        let note = if self.is_narrow { "" } else { "bar: log scale" };
        widgets::panel_anew(
            surface,
            styles,
            self.area,
            "Memory map",
            count,
            note,
            extent,
        )?;
        if self.is_narrow {
            self.selected = selected;
            let content = widgets::content(styles, self.area);
            return Summary::new(styles, content, regions).draw(surface, styles, selected);
        }
        bar::draw(
            surface,
            styles,
            bar_area(styles, self.area),
            regions,
            selected,
        )?;

        let content = widgets::content(styles, self.area);
        let below = |area: Rectangle, height: u32| {
            let size = Size::new(area.size.width, area.size.height.saturating_sub(height));
            Rectangle::new(area.top_left + Size::new(0, height), size)
        };
        let unit = styles.unit();
        let rest = below(content, 2 * unit + unit / 2);
        let lines = draw_kinds(surface, styles, rest, model)?;
        self.list = List::new(styles, below(rest, lines * 2 * unit + unit / 4), regions);
        if let Some(number) = selected.filter(|_| selected != self.selected) {
            self.page = self.list.page_of(number);
        }
        // In the past there may be fewer regions.
        let page = self.page.min(self.list.pages() - 1);
        self.list.draw(surface, styles, regions, page, selected)?;
        (self.selected, self.drawn) = (selected, self.page);
        Ok(())
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        let regions = scene.model.firmware_map.all();
        if self.is_narrow {
            let content = widgets::content(scene.styles, self.area);
            let number = Summary::new(scene.styles, content, regions).number_at(point)?;
            return Some(Selection::FirmwareRegion(number));
        }
        let mut parts = bar::parts(bar_area(scene.styles, self.area), regions);
        let in_bar = parts.position(|part| part.contains(point));
        let page = self.drawn.min(self.list.pages() - 1);
        let number = in_bar.or_else(|| self.list.number_at(page, point))?;
        Some(Selection::FirmwareRegion(number))
    }

    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        let last = scene.model.firmware_map.all().len().checked_sub(1)?;
        let Some(number) = selected(scene) else {
            return Some(Selection::FirmwareRegion(0));
        };
        let next = match arrow {
            Arrow::Up => number.saturating_sub(1),
            Arrow::Down => number + 1,
            Arrow::Left => number.saturating_sub(self.list.lines()),
            Arrow::Right => number + self.list.lines(),
        };
        Some(Selection::FirmwareRegion(next.min(last)))
    }
}

impl RegionsPanel {
    /// Shows another page of the list, by clicks of the wheel away from the user.
    pub fn turn(&mut self, clicks: i32) {
        let last = self.list.pages() - 1;
        let page = self.page.min(last).saturating_add_signed(-clicks as isize);
        self.page = page.min(last);
    }
}

/// The number of the selected region.
fn selected(scene: &Scene<'_, '_>) -> Option<usize> {
    match scene.selection {
        Some(Selection::FirmwareRegion(number)) => Some(number),
        _ => None,
    }
}

/// The rectangle of the bar.
fn bar_area(styles: &Styles, area: Rectangle) -> Rectangle {
    let content = widgets::content(styles, area);
    Rectangle::new(
        content.top_left,
        Size::new(content.size.width, 2 * styles.unit()),
    )
}

/// Draws the legend. Returns its number of lines, which are closer than elsewhere.
fn draw_kinds<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
) -> Result<u32, S::Error> {
    let room = (area.size.width / styles.unit()) as usize;
    let (mut cell, mut line) = (0, 0);
    for &kind in MemoryKind::ALL {
        if model.firmware_map.bytes(kind) == 0 {
            continue;
        }
        let entry = Swatch {
            words: short(kind),
            ..styles.theme.region(kind)
        };
        let cells = 3 + width(entry.words);
        if cell + cells > room {
            (cell, line) = (0, line + 1);
        }
        let at = Size::new(cell as u32 * styles.unit(), line * 2 * styles.unit());
        widgets::legend_entry(surface, styles, area.top_left + at, cells, entry, "")?;
        cell += cells + 2;
    }
    Ok(line + 1)
}
