//! The faults in columns, the newest first.
//!
//! The last column has the function, or the address of the instruction where it is not the
//! kernel's.

use super::causes;
use super::columns::{COLUMNS, Column, Columns};
use super::words::{Cost, Outcome, Place, Touched};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::model::Fault;
use crate::view::names::NameOf;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::FaultCause;
use mm::units::Moment;

/// No screen has room for more.
pub const MOST_ROWS: usize = 32;

/// A table that shows as many columns and rows as fit.
pub struct Table<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    area: Rectangle,
    name_of: NameOf,
    columns: Columns,
    /// Rows for faults.
    pub rows: usize,
}

impl<'s, S: Surface> Table<'s, S> {
    /// A table in this place.
    pub fn new(
        surface: &'s mut S,
        styles: &'s Styles,
        area: Rectangle,
        name_of: NameOf,
    ) -> Table<'s, S> {
        let lines = (area.size.height / styles.line()) as usize;
        Table {
            surface,
            styles,
            area,
            name_of,
            columns: Columns::fitting((area.size.width / styles.unit()) as usize),
            rows: lines.saturating_sub(1).min(MOST_ROWS),
        }
    }

    /// Draws the heads of the columns.
    pub fn heads(&mut self) -> Result<(), S::Error> {
        for column in COLUMNS {
            let slot = self.slot(0, column);
            self.styles.dim.draw(self.surface, slot, column.head())?;
        }
        Ok(())
    }

    /// Marks a row at its left end, and no other.
    pub fn mark(&mut self, marked: Option<usize>) -> Result<(), S::Error> {
        let (unit, theme) = (self.styles.unit(), self.styles.theme);
        let width = (unit / 2).max(2);
        for row in 0..self.rows {
            let at = self.at(row + 1, 0) - Point::new(width as i32, 0);
            let color = if marked == Some(row) {
                theme.accent
            } else {
                theme.panel
            };
            let area = Rectangle::new(at, Size::new(width, 2 * unit));
            self.surface.fill_solid(&area, color)?;
        }
        Ok(())
    }

    /// Draws a fault over the one that stands there.
    pub fn row(
        &mut self,
        line: usize,
        before: Option<&Fault>,
        now: Option<&Fault>,
    ) -> Result<(), S::Error> {
        let line = line + 1;
        let Some(now) = now else {
            let size = Size::new(self.area.size.width, 2 * self.styles.unit());
            let area = Rectangle::new(self.at(line, 0), size);
            return self.surface.fill_solid(&area, self.styles.theme.panel);
        };
        let is_wide = self.columns.is_wide;
        let place = |fault: &Fault| Place {
            instruction: fault.instruction.as_u64(),
            name_of: self.name_of,
        };
        let place = (before.map(place), place(now));
        let (text, dim) = (&self.styles.text, &self.styles.dim);
        let time = |fault: &Fault| Moment(fault.time);
        let slot = self.slot(line, Column::Time);
        dim.update(self.surface, slot, before.map(time), time(now))?;
        let address = |fault: &Fault| Touched(fault.address.as_u64(), is_wide);
        let slot = self.slot(line, Column::Address);
        text.update(self.surface, slot, before.map(address), address(now))?;
        self.cause(line, before.map(|fault| fault.cause), now.cause)?;
        let slot = self.slot(line, Column::Outcome);
        let outcome = match self.columns.has_whole_outcomes() {
            true => Outcome::of,
            false => Outcome::in_a_word,
        };
        text.update(self.surface, slot, before.map(outcome), outcome(now))?;
        let slot = self.slot(line, Column::Cost);
        text.update(self.surface, slot, before.map(Cost::of), Cost::of(now))?;
        let slot = self.slot(line, Column::Where);
        dim.update(self.surface, slot, place.0, place.1)
    }

    /// A cause: swatch and words.
    fn cause(
        &mut self,
        line: usize,
        before: Option<FaultCause>,
        now: FaultCause,
    ) -> Result<(), S::Error> {
        if before == Some(now) {
            return Ok(());
        }
        let slot = self.slot(line, Column::Cause);
        let swatch = self.styles.theme.fault(now);
        widgets::swatch(self.surface, self.styles, slot.at, swatch)?;
        let at = slot.at + Size::new(3 * self.styles.unit(), 0);
        let words = match self.columns.is_wide {
            true => FaultCause::words,
            false => causes::short,
        };
        let slot = Slot::left(at, slot.cells - 3);
        let style = &self.styles.text;
        style.update(self.surface, slot, before.map(words), words(now))
    }

    fn at(&self, line: usize, cell: usize) -> Point {
        let (unit, pitch) = (self.styles.unit(), self.styles.line());
        self.area.top_left + Size::new(cell as u32 * unit, line as u32 * pitch)
    }

    /// Where a column stands in a line; no cells if it is not shown.
    fn slot(&self, line: usize, column: Column) -> Slot {
        let at = self.at(line, self.columns.start(column));
        let cells = self.columns.cells[column as usize];
        match column {
            Column::Time | Column::Cost => Slot::right(at, cells),
            _ => Slot::left(at, cells),
        }
    }
}
