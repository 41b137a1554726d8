//! The walk in a narrow panel: a row a level.
//!
//! ```text
//! 0x00007fffefffff88  process 3, stack
//! ▌PML4 255  0x1a3000   write user exec
//! ▌PDPT 511  0x1a4000   write user exec
//! ▌PD   383  0x1a5000   write user exec
//! ▌PT   511  0x1a6000   write user NX
//! ▌page      0x1f8000   write user NX
//! → 0x1f8f88, a page of 4 KiB
//! ```
//! Where there is no room for the end below the rows, it stands at the right of the first line.

use super::told::{Told, Whose, is_mapped};
use super::words::{ShortFlags, Verdict, table_name};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{self, Slot, TextStyle};
use crate::model::Entry;
use crate::model::walk::End;
use crate::view::names::Names;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::Address;

/// Address, five rows, verdict.
const LINES: u32 = 7;

/// Draws the walk.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    told: &Told,
    names: &Names,
) -> Result<(), S::Error> {
    const ADDRESS: usize = 18;
    let unit = styles.unit();
    let pitch = match area.size.height >= LINES * styles.line() {
        true => styles.line(),
        false => 2 * unit,
    };
    let rows = Rows {
        styles,
        at: area.top_left,
        cells: (area.size.width / unit) as usize,
        pitch,
        lines: area.size.height / pitch,
    };
    let address = Address(told.walk.address.as_u64());
    let title = &styles.title;
    title.draw(surface, Slot::left(area.top_left, ADDRESS), address)?;
    let rest = rows.cells.saturating_sub(ADDRESS + 2);
    let steps = told.walk.steps();
    let below = 1 + steps.len() as u32 + u32::from(is_mapped(told));
    let end = match below < rows.lines {
        true => Slot::left(rows.place(0, below), rows.cells),
        false => {
            let cells = text::width(Verdict(told)).min(rest);
            Slot::right(rows.place(rows.cells - cells, 0), cells)
        }
    };
    let whose = match below < rows.lines {
        true => rest,
        false => rest.saturating_sub(end.cells + 2),
    };
    let slot = Slot::left(rows.place(ADDRESS + 2, 0), whose);
    styles.text.draw(surface, slot, Whose(told, names))?;
    let style = match is_mapped(told) {
        true => &styles.accent,
        false => &styles.warning,
    };
    style.draw(surface, end, Verdict(told))?;

    let mut line = 1;
    for (column, step) in steps.iter().enumerate() {
        let (name, index) = (table_name(step.place), step.place.index());
        rows.head(surface, line, column, name, index)?;
        rows.tell(surface, line, format_args!("{:#x}", step.table), step.entry)?;
        line += 1;
    }
    if let End::Mapped {
        physical,
        size,
        access,
    } = told.walk.end
    {
        let frame = physical.align_down(size.bytes());
        rows.head(surface, line, 4, "page", "")?;
        let all = Some(Entry::page(frame, access));
        rows.tell(surface, line, format_args!("{frame:#x}"), all)?;
    }
    Ok(())
}

/// Lines below each other.
struct Rows<'d> {
    styles: &'d Styles,
    at: Point,
    cells: usize,
    pitch: u32,
    lines: u32,
}

impl Rows<'_> {
    const NAME: usize = 6;
    const INDEX: usize = 3;
    const TABLE: usize = 12;

    fn place(&self, cell: usize, line: u32) -> Point {
        self.at + Size::new(cell as u32 * self.styles.unit(), line * self.pitch)
    }

    /// The name of a table, and the number of its entry.
    fn head<S: Surface>(
        &self,
        surface: &mut S,
        line: u32,
        column: usize,
        name: &str,
        index: impl fmt::Display,
    ) -> Result<(), S::Error> {
        if line >= self.lines {
            return Ok(());
        }
        let (styles, unit) = (self.styles, self.styles.unit());
        let color = styles.theme.level(column);
        let at = self.place(0, line);
        let size = Size::new(Self::NAME as u32 * unit, 2 * unit);
        surface.fill_solid(&Rectangle::new(at, size), color)?;
        let style = TextStyle::new(styles.title.font, styles.theme.ground, color);
        style.draw(surface, Slot::left(self.place(1, line), 4), name)?;
        let slot = Slot::right(self.place(Self::NAME + 1, line), Self::INDEX);
        styles.text.draw(surface, slot, index)
    }

    /// Where the table is, and what its entry allows.
    fn tell<S: Surface>(
        &self,
        surface: &mut S,
        line: u32,
        table: impl fmt::Display,
        entry: Option<Entry>,
    ) -> Result<(), S::Error> {
        if line >= self.lines {
            return Ok(());
        }
        let left = Self::NAME + 1 + Self::INDEX + 2;
        let styles = self.styles;
        let slot = Slot::left(self.place(left, line), Self::TABLE);
        styles.dim.draw(surface, slot, table)?;
        let left = left + Self::TABLE + 1;
        let slot = Slot::left(self.place(left, line), self.cells.saturating_sub(left));
        match entry {
            Some(entry) => styles.text.draw(surface, slot, ShortFlags(entry)),
            None => styles.warning.draw(surface, slot, "not present"),
        }
    }
}
