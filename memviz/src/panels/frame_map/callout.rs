//! The callout: the address and the number of the selected frames, beside their outline.
//!
//! ```text
//! ░░┏━━━━━━━━━━━┓░░░░░░░░░
//! ░░┗━━━┯━━━━━━━┛░░░░░░░░░   below the outline; above it at the lower edge of the map
//! ░░░░╔═╧════════════════╗
//! ░░░░║ 0x4000 4 frames  ║   of a refused run: the best range for it, and the frames in its way
//! ░░░░╚══════════════════╝
//! ```
//! One frame of a large memory is a cell of few pixels: the callout makes it visible from afar. It
//! covers cells, and follows from the selection, so it is the same after any sequence of changes.

use super::grid::Grid;
use crate::graphics::label::LabelStyle;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::theme::Theme;
use crate::graphics::type_scale::Role;
use crate::panels::panel::Scene;
use crate::view::highlights::Highlights;
use crate::view::map::Cells;
use crate::widgets::shapes::{rectangle, round_box};
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::units::Count;

/// A map lower than this many callouts shows none.
const LOWEST: u32 = 8;
/// The length of the line between outline and box, in paddings.
const LINE: u32 = 2;

/// The words of a callout, and their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callout {
    words: Words,
    /// The line from the outline to the box.
    line: Rectangle,
    area: Rectangle,
}

/// What a callout says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Words {
    first: usize,
    frames: usize,
    /// The frames in use, and the fragmentation index, of the best range for a refused run.
    refused: Option<(u64, i32)>,
}

impl Callout {
    /// Returns the callout of the selected frames. None if they are out of view or no single run,
    /// or if the map is too small.
    pub fn new(
        styles: &Styles,
        grid: &Grid,
        highlights: &Highlights,
        scene: &Scene<'_, '_>,
    ) -> Option<Callout> {
        let run = highlights.run(scene.model)?;
        let refused = highlights.best_range().zip(scene.why_not);
        let words = Words {
            first: run.start,
            frames: run.len(),
            refused: refused.map(|(range, why)| (range.used, why.fragmentation_index())),
        };
        let cells = grid.view.cells_of(run);
        let last = cells.end.checked_sub(1).filter(|_| !cells.is_empty())?;
        // The cells of the run in its last row.
        let start = cells.start.max(last / grid.columns * grid.columns);
        let (start, last) = (grid.place(start), grid.place(last));
        let (name, rest) = styles_of(styles);
        let padding = styles.scale.length(8);
        let width = name.width(words.address()) + rest.width(words) + 2 * padding;
        let size = Size::new(width, name.face.line_height() + padding / 2);
        let map = grid.area;
        if map.size.height < LOWEST * size.height || map.size.width < size.width {
            return None;
        }
        let below = (last.top_left.y + last.size.height as i32) + (LINE * padding) as i32;
        let lowest = map.top_left.y + (map.size.height - size.height) as i32;
        let rightmost = map.top_left.x + (map.size.width - size.width) as i32;
        let left = start.top_left.x.min(rightmost);
        let above = grid.place(cells.start).top_left.y - (LINE * padding + size.height) as i32;
        let (top, line) = match below <= lowest {
            true => (below, below - (LINE * padding) as i32),
            false => (above.max(map.top_left.y), above + size.height as i32),
        };
        let end = last.top_left.x + last.size.width as i32;
        let middle = start.top_left.x.midpoint(end.min(left + width as i32));
        Some(Callout {
            words,
            line: rectangle((middle - 1).max(map.top_left.x), line, 2, LINE * padding),
            area: Rectangle::new(Point::new(left, top), size),
        })
    }

    /// Clears the callout: the cells below it must be drawn again.
    pub fn erase<S: Surface>(
        &self,
        surface: &mut S,
        theme: &Theme,
        grid: &Grid,
        cells: &mut Cells,
    ) -> Result<(), S::Error> {
        for area in [self.area, self.line] {
            surface.fill_solid(&area, theme.panel)?;
            let below = grid.below(area).flatten();
            below
                .filter(|&cell| cell < grid.view.cells)
                .for_each(|cell| cells.dirty.insert(cell));
        }
        Ok(())
    }

    /// Draws the callout, over the cells.
    pub fn draw<S: Surface>(&self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        let (name, rest) = styles_of(styles);
        let padding = styles.scale.length(8);
        let theme = styles.theme;
        surface.fill_solid(&self.line, theme.text)?;
        round_box(surface, self.area, styles.scale.length(4), theme.text)?;
        let at = self.area.top_left + Size::new(padding, padding / 4);
        name.left(surface, at, self.words.address())?;
        let address = Size::new(name.width(self.words.address()), 0);
        rest.left(surface, at + address, self.words)?;
        Ok(())
    }
}

fn styles_of(styles: &Styles) -> (LabelStyle, LabelStyle) {
    let theme = styles.theme;
    (
        styles.names(Role::Label, theme.ground, theme.text),
        styles.words(Role::Label, theme.ground, theme.text),
    )
}

impl Words {
    fn address(&self) -> Address {
        Address(self.first as u64 * FRAME_BYTES)
    }
}

/// An address as captions write it, without leading zeros.
struct Address(u64);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.frames == 1 { "" } else { "s" };
        write!(f, "  {} frame{plural}", Count(self.frames as u64))?;
        match self.refused {
            Some((used, index)) if index >= 0 => write!(
                f,
                ", {} in use, index {}.{:03}",
                Count(used),
                index / 1000,
                index % 1000
            ),
            _ => Ok(()),
        }
    }
}
