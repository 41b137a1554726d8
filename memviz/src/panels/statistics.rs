//! Frames in numbers: how many there are, whose they are, what was refused, what is mapped.
//!
//! ```text
//! ┌ FRAMES ────────────────────────────────────────┐
//! │ ▓▓▓▓▓▓▓▓▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ │  owners, then free
//! │ usable          62,301 frames    243 MiB 100 % │
//! │ K kernel         1,204   P page table       37 │
//! │ mapped 1,312 pages       guard pages         4 │
//! └────────────────────────────────────────────────┘
//! ```

use super::Extent;
use crate::model::regions::FRAME_BYTES;
use crate::model::{Model, OWNERS};
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::units::{Bytes, Count, Percent};
use crate::widgets;
use core::fmt::Display;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::event::Kind;
use mm::paging::WindowPolicy;

/// Draws the panel.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
    extent: Extent,
) -> Result<(), S::Error> {
    if extent == Extent::All {
        widgets::panel(
            surface,
            styles,
            area,
            "FRAMES",
            "whose they are",
            "4 KiB each",
        )?;
    }
    let content = widgets::content(styles, area);
    let unit = styles.unit();
    let mut table = Table {
        surface,
        styles,
        at: content.top_left + Point::new(0, 3 * unit as i32),
        cells: (content.size.width / unit) as usize,
    };
    if extent == Extent::All || model.changed.frames {
        let bar = Rectangle::new(content.top_left, Size::new(content.size.width, 2 * unit));
        draw_bar(table.surface, styles, bar, model)?;
        let (usable, used) = (model.regions.usable_frames(), model.frames.used());
        table.frames("usable", usable, usable)?;
        table.frames("used", used, usable)?;
        table.frames("free", model.free_frames(), usable)?;
        table.owners(model)?;
        let refused = model.totals[Kind::FrameRefuse as usize];
        table.pair(
            ("refused requests", Count(refused)),
            ("shared frames", Count(model.frames.shared())),
        )?;
    } else {
        table.skip(3 + OWNERS / 2 + 1);
    }
    if extent == Extent::All || model.changed.mappings {
        let mappings = &model.mappings;
        let guards = mappings.windows(WindowPolicy::Guard);
        table.pair(
            ("mapped pages", Count(mappings.total())),
            ("guard windows", Count(guards)),
        )?;
    }
    Ok(())
}

fn draw_bar<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    model: &Model,
) -> Result<(), S::Error> {
    let owners = (0..OWNERS).map(|owner| {
        let color = styles.theme.owner(owner).color;
        (model.frames.by_owner(owner), color)
    });
    let usable = model.regions.usable_frames();
    widgets::bar(surface, area, usable, owners, styles.theme.free)
}

/// Lines of numbers, from the top down.
struct Table<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    at: Point,
    cells: usize,
}

impl<S: Surface> Table<'_, S> {
    fn skip(&mut self, lines: usize) {
        self.at.y += (lines as u32 * self.styles.line()) as i32;
    }

    fn cell(&self, number: usize) -> Point {
        self.at + Size::new(number as u32 * self.styles.unit(), 0)
    }

    /// Label, frames, bytes, percent of the usable.
    fn frames(&mut self, label: &str, frames: u64, usable: u64) -> Result<(), S::Error> {
        let cells = self.cells;
        let columns = [cells - 41, 20, 12, 9];
        let percent = Percent {
            part: frames,
            whole: usable,
        };
        let (text, dim) = (self.styles.text, self.styles.dim);
        let mut start = 0;
        dim.draw(
            self.surface,
            Slot::left(self.cell(start), columns[0]),
            label,
        )?;
        start += columns[0];
        let count = format_args!("{} frames", Count(frames));
        text.draw(
            self.surface,
            Slot::right(self.cell(start), columns[1]),
            count,
        )?;
        start += columns[1];
        let bytes = Bytes(frames * FRAME_BYTES);
        text.draw(
            self.surface,
            Slot::right(self.cell(start), columns[2]),
            bytes,
        )?;
        start += columns[2];
        dim.draw(
            self.surface,
            Slot::right(self.cell(start), columns[3]),
            percent,
        )?;
        self.skip(1);
        Ok(())
    }

    /// The owners in two columns.
    fn owners(&mut self, model: &Model) -> Result<(), S::Error> {
        let half = self.cells / 2;
        for owner in 0..OWNERS {
            let column = owner % 2;
            let swatch = self.styles.theme.owner(owner);
            let count = Count(model.frames.by_owner(owner));
            let at = self.cell(column * (half + 1));
            widgets::legend_entry(self.surface, self.styles, at, half - 1, swatch, count)?;
            if column == 1 {
                self.skip(1);
            }
        }
        Ok(())
    }

    /// Two labelled values.
    fn pair(
        &mut self,
        left: (&str, impl Display),
        right: (&str, impl Display),
    ) -> Result<(), S::Error> {
        let half = self.cells / 2;
        let (first, second) = (self.cell(0), self.cell(half + 1));
        widgets::labelled_value(self.surface, self.styles, first, half - 1, left.0, left.1)?;
        widgets::labelled_value(
            self.surface,
            self.styles,
            second,
            half - 1,
            right.0,
            right.1,
        )?;
        self.skip(1);
        Ok(())
    }
}
