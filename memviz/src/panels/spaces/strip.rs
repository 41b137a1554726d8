//! One part of one address space as cells, a page each or some.
//!
//! ```text
//! ■ present      ▫ present, copied at the first write      ░ not touched yet      ▒ guard page, never mapped
//! ```
//! The regions of the part stand one after the other with a blank cell between them where addresses
//! are left out.

use super::highlighted::Highlighted;
use super::pages::Pages;
use super::plan::Row;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::theme::Theme;
use crate::model::Model;
use crate::view::names::Names;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::paging::{Access, FaultCause, Region, RegionPolicy};

/// Highlighted cells of a strip that have a ring.
const MOST_RINGS: usize = 16;

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// A page of its own.
    Present(Rgb888),
    /// Copied at the first write.
    Shared(Rgb888),
    /// Nothing is there, and something may be.
    Absent,
    /// Nothing is there, ever.
    Guard,
    /// It belongs to the selection.
    Highlights,
}

/// One strip, to be drawn.
pub(super) struct Strip<'d> {
    pub styles: &'d Styles,
    pub model: &'d Model<'d>,
    pub lit: &'d Highlighted,
    pub space: u32,
    pub area: Rectangle,
    pub row: &'d Row,
    pub names: &'d Names,
    /// Nothing is drawn there yet.
    pub is_blank: bool,
}

impl Strip<'_> {
    /// Draws all of it.
    pub fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        if !self.is_blank {
            surface.fill_solid(&self.area, self.styles.theme.panel)?;
        }
        let pages = Pages::new(self.model, self.space, self.row.name, self.names);
        let columns = (self.area.size.width / self.row.pitch).max(1) as usize;
        let lines = (self.area.size.height / self.row.pitch) as usize;
        let (mut cell, mut end) = (0, None);
        let mut lit = heapless::Vec::<Point, MOST_RINGS>::new();
        for (region, ..) in pages.regions() {
            cell += usize::from(end.is_some_and(|end| end != region.start.as_u64()));
            let count = region.bytes / FRAME_BYTES;
            let step = 1 << self.row.shift;
            let mut page = 0;
            while page < count {
                if cell >= columns * lines {
                    return self.draw_rings(surface, &lit);
                }
                let look = self.look(region, page..count.min(page + step));
                let at = Size::new((cell % columns) as u32, (cell / columns) as u32);
                let at = self.area.top_left + at * self.row.pitch;
                draw_cell(surface, self.styles.theme, at, self.row.pitch, look)?;
                if look == Look::Highlights {
                    // More are lit without a ring.
                    let _ = lit.push(at);
                }
                (cell, page) = (cell + 1, page + step);
            }
            end = Some(region.start.as_u64() + region.bytes);
        }
        self.draw_rings(surface, &lit)
    }

    /// Rings around lit cells that are too small to be seen from afar.
    fn draw_rings<S: Surface>(&self, surface: &mut S, lit: &[Point]) -> Result<(), S::Error> {
        let (unit, pitch) = (self.styles.unit(), self.row.pitch);
        if pitch > unit {
            return Ok(());
        }
        let theme = self.styles.theme;
        for at in lit {
            let ring = |edge: u32| {
                let corner = *at - Size::new(edge, edge);
                let side = pitch - 1 + 2 * edge;
                Rectangle::new(corner, Size::new(side, side)).intersection(&self.area)
            };
            widgets::outline(surface, ring(unit / 2 + 1), 1, theme.ground)?;
            widgets::outline(surface, ring(unit / 2), 2, theme.text)?;
        }
        Ok(())
    }

    /// How the cell of these pages of a region looks.
    fn look(&self, region: &Region, pages: core::ops::Range<u64>) -> Look {
        let theme = self.styles.theme;
        let mut look = match region.policy {
            RegionPolicy::Guard => Look::Guard,
            _ => Look::Absent,
        };
        for page in pages {
            let address = region.start + page * FRAME_BYTES;
            let found = self.model.tables.page_of(self.space, address);
            if self.lit.has(self.space, address, found) {
                return Look::Highlights;
            }
            if let Some((_, entry)) = found {
                look = present(theme, region, entry.access);
            }
        }
        look
    }
}

/// How a page of a region looks that is there.
pub(super) fn present(theme: &Theme, region: &Region, access: Access) -> Look {
    let color = theme.tag(region.owner).color;
    match access.contains(Access::COPY_ON_WRITE) {
        true => Look::Shared(color),
        false => Look::Present(color),
    }
}

/// Draws a cell with its gap to the next one, `pitch` pixels wide and high together.
pub(super) fn draw_cell<S: Surface>(
    surface: &mut S,
    theme: &Theme,
    at: Point,
    pitch: u32,
    look: Look,
) -> Result<(), S::Error> {
    let side = pitch - 1 - u32::from(pitch >= 12);
    let area = Rectangle::new(at, Size::new(side, side));
    let inside = |edge: u32| {
        let side = side.saturating_sub(2 * edge);
        Rectangle::new(at + Size::new(edge, edge), Size::new(side, side))
    };
    match look {
        Look::Present(color) => surface.fill_solid(&area, color),
        Look::Shared(color) => {
            surface.fill_solid(&area, color)?;
            surface.fill_solid(&inside((side / 4).max(1)), theme.panel)
        }
        Look::Absent => {
            surface.fill_solid(&area, theme.free)?;
            surface.fill_solid(&inside(1), theme.panel)
        }
        Look::Guard => {
            let color = theme.fault(FaultCause::Guard).color;
            widgets::hatch(surface, area, color, theme.ground)
        }
        Look::Highlights => {
            surface.fill_solid(&area, theme.text)?;
            surface.fill_solid(&inside((side / 3).max(1)), theme.ground)
        }
    }
}

/// What the cells mean.
pub(super) fn draw_legend<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let entries = [
        (Look::Present(theme.used), "page"),
        (Look::Shared(theme.used), "copied when written"),
        (Look::Absent, "not touched yet"),
        (Look::Guard, "guard page"),
        (Look::Highlights, "selected, or the same frame"),
    ];
    let unit = styles.unit();
    let room = (area.size.width / unit) as usize;
    let mut cell = 0;
    for (look, words) in entries {
        let cells = 2 + width(words);
        if cell + cells > room {
            return Ok(());
        }
        let at = area.top_left + Size::new(cell as u32 * unit, 0);
        let below = Size::new(0, (styles.text.font.cell().height - unit) / 2);
        draw_cell(surface, theme, at + below, unit, look)?;
        let slot = Slot::left(at + Size::new(2 * unit, 0), cells - 2);
        styles.dim.draw(surface, slot, words)?;
        cell += cells + 2;
    }
    Ok(())
}
