//! The memory map: what the firmware says, each region with address and size.
//!
//! ```text
//! ┌ MEMORY MAP  11 regions ───────── memory to scale ─────────── ┐
//! │ u r k ········u·········································· k u │
//! │ u usable   k kernel   f screen   r reserved                   │
//! │ u 0x00000000   639 KiB         k 0x00100000    1.8 MiB        │
//! │ …                                                             │
//! └───────────────────────────────────────────────────────────────┘
//! ```
//! Every region of the bar is wide enough for its letter; what is left is shared out to scale among the regions that are memory:
//! one of a device may be larger than all of it, and far away.

use crate::model::{Model, Region};
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::{Slot, TextStyle, width};
use crate::theme::Swatch;
use crate::units::Bytes;
use crate::widgets;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::RegionKind;

/// Columns of the list.
const COLUMNS: usize = 2;

/// Draws the panel.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
) -> Result<(), S::Error> {
    let regions = model.regions.all();
    let count = format_args!("{} regions", regions.len());
    let note = "memory to scale";
    widgets::panel(surface, styles, area, "MEMORY MAP", count, note)?;

    let content = widgets::content(styles, area);
    let unit = styles.unit();
    let bar = Rectangle::new(content.top_left, Size::new(content.size.width, 2 * unit));
    draw_bar(surface, styles, bar, regions)?;
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

/// The distance from one line to the next: closer than elsewhere, as in the table of the heap.
fn pitch(styles: &Styles) -> u32 {
    2 * styles.unit()
}

/// All regions side by side, each with its letter.
fn draw_bar<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    bar: Rectangle,
    regions: &[Region],
) -> Result<(), S::Error> {
    let unit = styles.unit();
    let Size { width, height } = bar.size;
    let (least, line) = (2 * unit, 1);
    let count = regions.len().max(1) as u32;
    let has_letters = count * (least + line) <= width;
    let least = if has_letters { least } else { 1 };
    let weight = |region: &Region| match region.kind {
        RegionKind::Reserved | RegionKind::Framebuffer => 0,
        _ => region.bytes,
    };
    let whole: u128 = regions
        .iter()
        .map(|region| u128::from(weight(region)))
        .sum();
    let spare = u128::from(width.saturating_sub(count * (least + line)));
    let (mut left, mut before) = (0, 0u128);
    surface.fill_solid(&bar, styles.theme.panel)?;
    for (number, region) in regions.iter().enumerate() {
        before += u128::from(weight(region));
        let share = (spare * before / whole.max(1)) as u32;
        let end = ((number as u32 + 1) * (least + line) + share).min(width + line) - line;
        let swatch = styles.theme.region(region.kind);
        let at = bar.top_left + Size::new(left, 0);
        let size = Size::new(end.saturating_sub(left), height);
        surface.fill_solid(&Rectangle::new(at, size), swatch.color)?;
        if has_letters {
            let style = TextStyle::new(styles.title.font, styles.theme.ground, swatch.color);
            let middle = size.width.saturating_sub(unit) / 2;
            let slot = Slot::left(at + Size::new(middle, 0), 1);
            style.draw(surface, slot, swatch.letter)?;
        }
        left = end + line;
    }
    Ok(())
}

/// What the letters mean. Returns how many lines that takes.
fn draw_kinds<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
) -> Result<u32, S::Error> {
    let room = (area.size.width / styles.unit()) as usize;
    let (mut cell, mut line) = (0, 0);
    for &kind in RegionKind::ALL {
        if model.regions.bytes(kind) == 0 {
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

/// Address and size of each region, in columns. What there is no room for is counted.
fn draw_list<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    above: u32,
    regions: &[Region],
) -> Result<(), S::Error> {
    let (unit, pitch) = (styles.unit(), pitch(styles));
    let top = above * pitch + unit / 4;
    let height = area.size.height.saturating_sub(top) + pitch - 2 * unit;
    let lines = (height / pitch) as usize;
    let room = (area.size.width / unit) as usize;
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
pub fn short(kind: RegionKind) -> &'static str {
    match kind {
        RegionKind::BootloaderReclaimable => "loader",
        RegionKind::AcpiReclaimable => "ACPI",
        RegionKind::AcpiNvs => "NVS",
        RegionKind::KernelAndModules => "kernel",
        RegionKind::Framebuffer => "screen",
        kind => kind.words(),
    }
}
