//! The memory map of the firmware: address and size of each region.
//!
//! ```text
//! ┌ MEMORY MAP  11 regions ────── bar: memory to scale ───────── ┐
//! │ u r k ········u·········································· k u │
//! │ u usable   k kernel   f screen   r reserved                   │
//! │ u 0x00000000   639 KiB         k 0x00100000    1.8 MiB        │
//! │ …                                                             │
//! └───────────────────────────────────────────────────────────────┘
//! ```
//! Each region of the bar is wide enough for its letter. The remaining width is shared to scale
//! among the regions of memory. Device regions get none: they may be larger than all memory.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle, width};
use crate::graphics::theme::Swatch;
use crate::input::keys::Arrow;
use crate::model::{FirmwareRegion, Model};
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::MemoryKind;
use mm::units::Bytes;

/// Columns of the list.
const COLUMNS: usize = 2;

/// The panel.
#[derive(Clone, Copy, Debug)]
pub struct RegionsPanel {
    area: Rectangle,
}

impl Panel for RegionsPanel {
    const NAME: &'static str = "memory map";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: MEMORY MAP"),
        Word(
            "regions",
            "ranges that the firmware reported, sorted and merged",
        ),
        Word("0x…  MiB", "start address and size of a region"),
        Word("the bar", "memory to scale; small regions are widened"),
    ];

    fn new(setup: &Setup<'_>) -> RegionsPanel {
        RegionsPanel { area: setup.area }
    }

    fn shows(changed: Changed) -> bool {
        changed.firmware_map
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &mut Changes<'_>,
        _: Extent,
    ) -> Result<(), S::Error> {
        draw_all(surface, scene.styles, self.area, scene.model)
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        let (styles, regions) = (scene.styles, scene.model.firmware_map.all());
        let mut parts = parts(styles, bar(styles, self.area), regions);
        let number = parts.position(|part| part.contains(point))?;
        Some(Selection::FirmwareRegion(number))
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
) -> Result<(), S::Error> {
    let regions = model.firmware_map.all();
    let count = format_args!("{} regions", regions.len());
    let note = "bar: memory to scale";
    widgets::panel(surface, styles, area, "MEMORY MAP", count, note)?;

    let content = widgets::content(styles, area);
    let unit = styles.unit();
    draw_bar(surface, styles, bar(styles, area), regions)?;
    let below = 2 * unit + unit / 2;
    let rest = Rectangle::new(
        content.top_left + Size::new(0, below),
        Size::new(
            content.size.width,
            content.size.height.saturating_sub(below),
        ),
    );
    let lines = draw_kinds(surface, styles, rest, model)?;
    draw_list(surface, styles, rest, lines, regions)
}

/// The line pitch. Lines are closer than elsewhere, as in the heap's table.
fn pitch(styles: &Styles) -> u32 {
    2 * styles.unit()
}

/// Draws all regions side by side, each with its letter.
fn draw_bar<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    bar: Rectangle,
    regions: &[FirmwareRegion],
) -> Result<(), S::Error> {
    let has_letters = has_letters(styles, bar, regions);
    surface.fill_solid(&bar, styles.theme.panel)?;
    for (region, area) in regions.iter().zip(parts(styles, bar, regions)) {
        let swatch = styles.theme.region(region.kind);
        surface.fill_solid(&area, swatch.color)?;
        if has_letters {
            let style = TextStyle::new(styles.title.font, styles.theme.ground, swatch.color);
            let middle = area.size.width.saturating_sub(styles.unit()) / 2;
            let slot = Slot::left(area.top_left + Size::new(middle, 0), 1);
            style.draw(surface, slot, swatch.letter)?;
        }
    }
    Ok(())
}

/// The maximum text cells of the list. A wider list separates sizes from their addresses.
const WIDEST: usize = 64;
/// Pixels between two regions of the bar.
const LINE: u32 = 1;

/// Returns whether each region of the bar has room for its letter.
fn has_letters(styles: &Styles, bar: Rectangle, regions: &[FirmwareRegion]) -> bool {
    regions.len().max(1) as u32 * (2 * styles.unit() + LINE) <= bar.size.width
}

/// The pixels of each region in the bar.
fn parts(
    styles: &Styles,
    bar: Rectangle,
    regions: &[FirmwareRegion],
) -> impl Iterator<Item = Rectangle> {
    let Size { width, height } = bar.size;
    let least = match has_letters(styles, bar, regions) {
        true => 2 * styles.unit(),
        false => 1,
    };
    let weight = |region: &FirmwareRegion| match region.kind {
        MemoryKind::Reserved | MemoryKind::Framebuffer => 0,
        _ => u128::from(region.bytes),
    };
    let whole: u128 = regions.iter().map(weight).sum();
    let count = regions.len().max(1) as u32;
    let spare = u128::from(width.saturating_sub(count * (least + LINE)));
    let (mut left, mut before) = (0, 0);
    (1..).zip(regions).map(move |(number, region)| {
        before += weight(region);
        let share = (spare * before / whole.max(1)) as u32;
        let end = (number * (least + LINE) + share).min(width + LINE) - LINE;
        let size = Size::new(end.saturating_sub(left), height);
        let at = bar.top_left + Size::new(left, 0);
        left = end + LINE;
        Rectangle::new(at, size)
    })
}

/// The rectangle of the bar.
fn bar(styles: &Styles, area: Rectangle) -> Rectangle {
    let content = widgets::content(styles, area);
    Rectangle::new(
        content.top_left,
        Size::new(content.size.width, 2 * styles.unit()),
    )
}

/// Draws the legend. Returns its number of lines.
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
        let at = Size::new(cell as u32 * styles.unit(), line * pitch(styles));
        widgets::legend_entry(surface, styles, area.top_left + at, cells, entry, "")?;
        cell += cells + 2;
    }
    Ok(line + 1)
}

/// Draws address and size of each region, in columns. The last line counts regions that do not fit.
fn draw_list<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    above: u32,
    regions: &[FirmwareRegion],
) -> Result<(), S::Error> {
    let (unit, pitch) = (styles.unit(), pitch(styles));
    let top = above * pitch + unit / 4;
    let height = area.size.height.saturating_sub(top) + pitch - 2 * unit;
    let lines = (height / pitch) as usize;
    let room = ((area.size.width / unit) as usize).min(WIDEST);
    let cells = (room - 1) / COLUMNS;
    let fits = lines * COLUMNS;
    let shown = match regions.len() <= fits {
        true => regions.len(),
        false => fits.saturating_sub(1),
    };
    let place = |number: usize| {
        let column = room - (COLUMNS - number / lines.max(1)) * cells;
        let column = if number < lines { 0 } else { column };
        let line = (number % lines.max(1)) as u32;
        area.top_left + Size::new(column as u32 * unit, top + line * pitch)
    };
    for (number, region) in regions[..shown].iter().enumerate() {
        let at = place(number);
        widgets::swatch(surface, styles, at, styles.theme.region(region.kind))?;
        let start = region.start.as_u64();
        let address = format_args!("{start:#010x}");
        let taken = 3 + width(address).min(cells - 3);
        let slot = Slot::left(at + Size::new(3 * unit, 0), taken - 3);
        styles.dim.draw(surface, slot, address)?;
        let size = Slot::right(at + Size::new(taken as u32 * unit, 0), cells - taken);
        styles.text.draw(surface, size, Bytes(region.bytes))?;
    }
    if shown < regions.len() && fits > 0 {
        let more = format_args!("and {} more", regions.len() - shown);
        let slot = Slot::left(place(shown), cells);
        styles.dim.draw(surface, slot, more)?;
    }
    Ok(())
}

/// A short name.
pub fn short(kind: MemoryKind) -> &'static str {
    match kind {
        MemoryKind::BootloaderReclaimable => "loader",
        MemoryKind::AcpiReclaimable => "ACPI",
        MemoryKind::AcpiNvs => "NVS",
        MemoryKind::KernelAndModules => "kernel",
        MemoryKind::Framebuffer => "screen",
        kind => kind.words(),
    }
}
