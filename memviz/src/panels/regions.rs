//! The memory map: what the firmware says, to scale, with sizes.
//!
//! ```text
//! ┌ MEMORY MAP  0x0 – 0x10000000, to scale ┐
//! │ ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▒▒ │
//! │ u usable   247 MiB   r reserved  8 MiB │
//! └────────────────────────────────────────┘
//! ```
//! The bar covers the same memory as the frame map; the legend counts every region, also the ones beyond.

use crate::model::Model;
use crate::model::regions::FRAME_BYTES;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::theme::Swatch;
use crate::units::Bytes;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::RegionKind;

/// Draws the panel.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
) -> Result<(), S::Error> {
    let end = model.frames.len() as u64 * FRAME_BYTES;
    let regions = model.regions.all();
    let scale = format_args!("{} regions", regions.len());
    let note = format_args!("0 – {end:#x}, to scale");
    widgets::panel(surface, styles, area, "MEMORY MAP", scale, note)?;

    let content = widgets::content(styles, area);
    let unit = styles.unit();
    let bar = Rectangle::new(content.top_left, Size::new(content.size.width, 3 * unit));
    let mut covered = 0;
    let parts = regions.iter().flat_map(|region| {
        let start = region.start.as_u64().clamp(covered, end.max(covered));
        let stop = region.end().clamp(start, end.max(start));
        let hole = (start - covered, styles.theme.panel);
        covered = stop;
        [hole, (stop - start, styles.theme.region(region.kind).color)]
    });
    widgets::bar(surface, bar, end, parts, styles.theme.panel)?;

    let top = content.top_left + Point::new(0, 4 * unit as i32);
    let cells = (content.size.width / unit) as usize / 2;
    let lines = (content.size.height.saturating_sub(4 * unit) / styles.line()).max(1) as usize;
    let present = RegionKind::ALL
        .iter()
        .filter(|&&kind| model.regions.bytes(kind) > 0);
    for (number, &kind) in present.enumerate().take(2 * lines) {
        let (column, line) = (number % 2, number / 2);
        let offset = Size::new(
            (column * (cells + 1)) as u32 * unit,
            line as u32 * styles.line(),
        );
        let entry = Swatch {
            words: short(kind),
            ..styles.theme.region(kind)
        };
        let bytes = Bytes(model.regions.bytes(kind));
        widgets::legend_entry(surface, styles, top + offset, cells - 1, entry, bytes)?;
    }
    Ok(())
}

/// A name that fits half the panel.
fn short(kind: RegionKind) -> &'static str {
    match kind {
        RegionKind::BootloaderReclaimable => "bootloader",
        RegionKind::AcpiReclaimable => "ACPI tables",
        RegionKind::KernelAndModules => "kernel",
        kind => kind.words(),
    }
}
