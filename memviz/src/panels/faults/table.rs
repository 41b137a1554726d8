//! The faults in columns.
//!
//! Where the panel is narrow, addresses lose the upper digits that all addresses of their half share and causes go by
//! their short names; where that does not suffice, columns are left out, the last ones of [`DISPENSABLE`] first. The last column takes
//! what is left: the function, or the address of the instruction where it is not the kernel's.

use super::{MOST_ROWS, NameOf, causes};
use crate::model::Fault;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::units::{Address, Moment, Nanoseconds};
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::FaultCause;

/// The columns, from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Time,
    Address,
    Cause,
    Outcome,
    Cost,
    Where,
}

const COLUMNS: [Column; 6] = [
    Column::Time,
    Column::Address,
    Column::Cause,
    Column::Outcome,
    Column::Cost,
    Column::Where,
];

/// What can be left out.
const DISPENSABLE: [Column; 3] = [Column::Outcome, Column::Where, Column::Cost];

/// Text cells of each column, of the last one at least.
const WIDE: [usize; 6] = [10, 18, 22, 14, 8, 16];
const NARROW: [usize; 6] = [9, 13, 11, 14, 7, 15];

impl Column {
    fn head(self) -> &'static str {
        match self {
            Column::Time => "time",
            Column::Address => "address",
            Column::Cause => "cause",
            Column::Outcome => "outcome",
            Column::Cost => "cost",
            Column::Where => "where",
        }
    }
}

/// Which columns there are, and how wide they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    /// Text cells, none for a column that is left out.
    cells: [usize; 6],
    /// Text cells between two columns.
    gap: usize,
    is_wide: bool,
}

impl Columns {
    /// What fits so many text cells.
    fn fitting(room: usize) -> Columns {
        let choices = [(WIDE, 2), (WIDE, 1), (NARROW, 2), (NARROW, 1)];
        let choices = choices.map(|(cells, gap)| Columns {
            cells,
            gap,
            is_wide: cells == WIDE,
        });
        let [.., narrowest] = choices;
        let mut fitting = choices.into_iter().filter(|choice| choice.width() <= room);
        let mut columns = fitting.next().unwrap_or(narrowest);
        for column in DISPENSABLE.into_iter().rev() {
            if columns.width() > room {
                columns.cells[column as usize] = 0;
            }
        }
        if columns.cells[Column::Where as usize] > 0 {
            columns.cells[Column::Where as usize] += room - columns.width();
        }
        columns
    }

    fn width(&self) -> usize {
        let shown = self.cells.iter().filter(|&&cells| cells > 0);
        shown.map(|cells| cells + self.gap).sum::<usize>() - self.gap
    }

    /// The left end of a column in text cells.
    fn start(&self, column: Column) -> usize {
        let before = self.cells[..column as usize].iter();
        before
            .filter(|&&cells| cells > 0)
            .map(|cells| cells + self.gap)
            .sum()
    }
}

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
        let outcome = before.map(Outcome::of);
        text.update(self.surface, slot, outcome, Outcome::of(now))?;
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

/// The address that was touched, with all its digits or without the upper ones.
#[derive(PartialEq)]
struct Touched(u64, bool);

impl fmt::Display for Touched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            true => Address(self.0).fmt(f),
            false => write!(f, "…{:012x}", self.0 & 0xffff_ffff_ffff),
        }
    }
}

/// What was done, if it is done.
#[derive(PartialEq)]
struct Outcome(&'static str);

impl Outcome {
    fn of(fault: &Fault) -> Outcome {
        Outcome(
            fault
                .end
                .map_or("in the handler", |end| end.outcome.words()),
        )
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What it cost, once that is known.
#[derive(PartialEq)]
struct Cost(Option<u64>);

impl Cost {
    fn of(fault: &Fault) -> Cost {
        Cost(fault.end.map(|end| end.nanoseconds))
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nanoseconds) => Nanoseconds(nanoseconds).fmt(f),
            None => Ok(()),
        }
    }
}

/// The function that an instruction belongs to, with the last part of its path.
struct Place {
    instruction: u64,
    name_of: NameOf,
}

impl PartialEq for Place {
    fn eq(&self, other: &Place) -> bool {
        self.instruction == other.instruction
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name_of)(self.instruction) {
            Some(name) => f.write_str(last_two(name)),
            None if self.instruction >> 63 == 0 => write!(f, "ring 3 {:#x}", self.instruction),
            None => write!(f, "…{:08x}", self.instruction as u32),
        }
    }
}

/// `kernel::memory::probe::read` is `probe::read`. What stands in angle brackets is not taken apart.
fn last_two(name: &str) -> &str {
    let path = name.split(['<', ' ']).next().unwrap_or(name);
    let mut ends = path.rmatch_indices("::");
    match ends.nth(1) {
        Some((at, separator)) => &name[at + separator.len()..],
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mm::paging::FaultOutcome;

    fn shown(room: usize) -> Vec<Column> {
        let columns = Columns::fitting(room);
        assert!(columns.width() <= room, "the last column sticks out");
        let shown = COLUMNS.into_iter();
        shown
            .filter(|&column| columns.cells[column as usize] > 0)
            .collect()
    }

    #[test]
    fn what_does_not_fit_is_made_narrow_and_then_left_out() {
        use Column::*;
        assert!(Columns::fitting(93).is_wide);
        assert!(!Columns::fitting(92).is_wide);
        assert_eq!(shown(98), COLUMNS);
        assert_eq!(shown(74), COLUMNS);
        assert_eq!(shown(73), [Time, Address, Cause, Outcome, Where]);
        assert_eq!(shown(60), [Time, Address, Cause, Outcome]);
        assert_eq!(shown(40), [Time, Address, Cause]);
        for room in 35..300 {
            shown(room);
        }
    }

    #[test]
    fn all_words_fit_their_columns() {
        for &cause in FaultCause::ALL {
            assert!(3 + cause.words().len() <= WIDE[Column::Cause as usize]);
            assert!(3 + causes::short(cause).len() <= NARROW[Column::Cause as usize]);
        }
        for &outcome in FaultOutcome::ALL {
            assert!(outcome.words().len() <= NARROW[Column::Outcome as usize]);
        }
        let address = |is_wide| crate::text::width(Touched(u64::MAX, is_wide));
        assert_eq!(address(true), WIDE[Column::Address as usize]);
        assert_eq!(address(false), NARROW[Column::Address as usize]);
    }

    #[test]
    fn a_place_is_a_function_or_an_address() {
        let show = |instruction, name_of: NameOf| {
            Place {
                instruction,
                name_of,
            }
            .to_string()
        };
        let named: NameOf = |_| Some("kernel::memory::probe::read");
        assert_eq!(show(u64::MAX, named), "probe::read");
        assert_eq!(show(u64::MAX - 1, |_| None), "…fffffffe");
        assert_eq!(show(0x40_0044, |_| None), "ring 3 0x400044");
        assert_eq!(last_two("_start"), "_start");
        assert_eq!(last_two("probe::read"), "probe::read");
        assert_eq!(last_two("<a::B as c::D>::e"), "<a::B as c::D>::e");
    }
}
