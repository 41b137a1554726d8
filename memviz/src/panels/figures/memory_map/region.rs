//! Draws one region of a bar: its look, and as much of its name and size as it has room for.

use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::FirmwareRegion;
use crate::panels::regions::short;
use crate::widgets::shapes::edged_box;
use crate::widgets::{self, hatch};
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::MemoryKind;
use mm::units::Bytes;

/// Draws a region: usable memory is empty, memory that nothing may use is hatched.
pub fn draw_region<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    region: &FirmwareRegion,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let swatch = theme.region(region.kind);
    let (ink, ground) = match look(region.kind) {
        Look::Owned => {
            surface.fill_solid(&area, swatch.color)?;
            (theme.ink_on(swatch.color), swatch.color)
        }
        Look::Empty => {
            edged_box(surface, area, 0, 1, theme.edge, theme.free)?;
            (theme.text, theme.free)
        }
        Look::Hatched => {
            hatch(surface, area, theme.outline, theme.panel)?;
            widgets::outline(surface, area, 1, theme.edge)?;
            (theme.text, theme.panel)
        }
    };
    draw_label(surface, styles, area, region, (ink, ground))
}

/// Draws as much of name and size as a region has room for.
fn draw_label<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    region: &FirmwareRegion,
    (ink, ground): (Rgb888, Rgb888),
) -> Result<(), S::Error> {
    let small = styles.words(Role::Axis, ink, ground);
    let line = small.face.line_height();
    let padding = styles.scale.length(4);
    let room = area.size.width.saturating_sub(2 * padding);
    if line > area.size.height {
        return Ok(());
    }
    let (name, size) = (short(region.kind), Bytes(region.bytes));
    let middle = Point::new(area.center().x, area.center().y - line as i32 / 2);
    let whole = small.width(format_args!("{name} {size}"));
    if whole <= room {
        small.centre(surface, middle, format_args!("{name} {size}"))?;
        return Ok(());
    }
    let (above, below) = (small.width(name), small.width(size));
    if above.max(below) <= room && 2 * line <= area.size.height {
        let top = area.center().y - line as i32;
        small.centre(surface, Point::new(area.center().x, top), name)?;
        small.centre(
            surface,
            Point::new(area.center().x, top + line as i32),
            size,
        )?;
        return Ok(());
    }
    if below <= room {
        small.centre(surface, middle, size)?;
        return Ok(());
    }
    let letter = styles.theme.region(region.kind).letter;
    let digits = styles.digits(Role::Axis, Weight::Bold, ink, ground);
    let cell = digits.font.cell();
    if look(region.kind) == Look::Owned
        && cell.width <= area.size.width
        && cell.height <= area.size.height
    {
        let at = area.top_left + (area.size - cell) / 2;
        digits.draw(surface, Slot::left(at, width(letter)), letter)?;
    }
    Ok(())
}

/// The look of a kind of region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Filled with the colour of its owner.
    Owned,
    /// Empty, with an edge: the frame allocator may use it.
    Empty,
    /// Hatched: nothing may use it.
    Hatched,
}

/// The look of a kind.
pub fn look(kind: MemoryKind) -> Look {
    match kind {
        MemoryKind::Usable | MemoryKind::BootloaderReclaimable | MemoryKind::AcpiReclaimable => {
            Look::Empty
        }
        MemoryKind::KernelAndModules | MemoryKind::Framebuffer => Look::Owned,
        MemoryKind::AcpiNvs | MemoryKind::Reserved | MemoryKind::Bad => Look::Hatched,
    }
}
