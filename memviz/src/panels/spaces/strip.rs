//! One part of one address space as cells, of one page or several.
//!
//! ```text
//! ■ present      ▫ present, copy-on-write      ░ not accessed yet      ▒ guard page, never mapped
//! ```
//! The regions of the part follow each other. A blank cell separates regions that are not
//! contiguous.

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

/// The maximum number of highlighted cells with a ring.
const MOST_RINGS: usize = 16;

/// The look of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// A private page.
    Present(Rgb888),
    /// The first write copies the frame.
    Shared(Rgb888),
    /// Not mapped, but an access may map it.
    Absent,
    /// Never mapped.
    Guard,
    /// The cell belongs to the selection.
    Highlighted,
}

/// One strip that is being drawn.
pub(super) struct Strip<'d> {
    pub styles: &'d Styles,
    pub model: &'d Model<'d>,
    pub highlighted: &'d Highlighted,
    pub space: u32,
    pub area: Rectangle,
    pub row: &'d Row,
    pub names: &'d Names,
    /// True if the rectangle is blank.
    pub is_blank: bool,
}

impl Strip<'_> {
    /// Draws the whole strip.
    pub fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        if !self.is_blank {
            surface.fill_solid(&self.area, self.styles.theme.panel)?;
        }
        let pages = Pages::new(self.model, self.space, self.row.name, self.names);
        let columns = (self.area.size.width / self.row.pitch).max(1) as usize;
        let lines = (self.area.size.height / self.row.pitch) as usize;
        let (mut cell, mut end) = (0, None);
        let mut ringed = heapless::Vec::<Point, MOST_RINGS>::new();
        for (region, ..) in pages.regions() {
            cell += usize::from(end.is_some_and(|end| end != region.start.as_u64()));
            let count = region.bytes / FRAME_BYTES;
            let step = 1 << self.row.shift;
            let mut page = 0;
            while page < count {
                if cell >= columns * lines {
                    return self.draw_rings(surface, &ringed);
                }
                let look = self.look(region, page..count.min(page + step));
                let at = Size::new((cell % columns) as u32, (cell / columns) as u32);
                let at = self.area.top_left + at * self.row.pitch;
                draw_cell(surface, self.styles.theme, at, self.row.pitch, look)?;
                if look == Look::Highlighted {
                    // Further cells are highlighted without a ring.
                    let _ = ringed.push(at);
                }
                (cell, page) = (cell + 1, page + step);
            }
            end = Some(region.start.as_u64() + region.bytes);
        }
        self.draw_rings(surface, &ringed)
    }

    /// Draws rings around highlighted cells that are too small to be visible from a distance.
    fn draw_rings<S: Surface>(&self, surface: &mut S, cells: &[Point]) -> Result<(), S::Error> {
        let (unit, pitch) = (self.styles.unit(), self.row.pitch);
        if pitch > unit {
            return Ok(());
        }
        let theme = self.styles.theme;
        for at in cells {
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

    /// Returns the look of the cell of these pages of a region.
    fn look(&self, region: &Region, pages: core::ops::Range<u64>) -> Look {
        let theme = self.styles.theme;
        let mut look = match region.policy {
            RegionPolicy::Guard => Look::Guard,
            _ => Look::Absent,
        };
        for page in pages {
            let address = region.start + page * FRAME_BYTES;
            let found = self.model.tables.page_of(self.space, address);
            if self.highlighted.has(self.space, address, found) {
                return Look::Highlighted;
            }
            if let Some((_, entry)) = found {
                look = present(theme, region, entry.access);
            }
        }
        look
    }
}

/// Returns the look of a present page of a region.
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
        Look::Highlighted => {
            surface.fill_solid(&area, theme.text)?;
            surface.fill_solid(&inside((side / 3).max(1)), theme.ground)
        }
    }
}

/// Draws the legend of the cells.
pub(super) fn draw_legend<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
) -> Result<(), S::Error> {
    let theme = styles.theme;
    let entries = [
        (Look::Present(theme.used), "page"),
        (Look::Shared(theme.used), "copy-on-write"),
        (Look::Absent, "not accessed"),
        (Look::Guard, "guard page"),
        (Look::Highlighted, "selected or same frame"),
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
