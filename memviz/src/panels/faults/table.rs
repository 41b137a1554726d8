//! The faults in columns, the newest first.
//!
//! In a narrow panel, addresses lose the upper digits that all addresses of their half share, and
//! causes have their short names. The outcome shrinks to its last word before its column drops out.

use super::causes;
use super::words::{Cost, Outcome, Place, Touched};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::Slot;
use crate::model::Fault;
use crate::view::names::NameOf;
use crate::widgets::{self, Column, Table};
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use mm::paging::FaultCause;
use mm::units::Moment;

/// More rows than fit on any screen.
pub const MOST_ROWS: usize = 32;

static COLUMNS: [Column; 6] = [
    Column::right("time", 10).narrow(9),
    Column::left("address", ADDRESS)
        .narrow(SHORT_ADDRESS)
        .gap(2),
    Column::left("cause", CAUSE).narrow(SHORT_CAUSE).gap(2),
    Column::left("outcome", OUTCOME)
        .least(OUTCOME_WORD)
        .gap(2)
        .drops(3),
    Column::right("cost", 8).narrow(7).gap(2).drops(1),
    Column::left("where", 16).narrow(15).gap(2).drops(2).grows(),
];
/// Text cells of an address: all digits, or the lower ones.
pub const ADDRESS: usize = 18;
pub const SHORT_ADDRESS: usize = 13;
/// Text cells of a cause: its full or its short name.
pub const CAUSE: usize = 22;
pub const SHORT_CAUSE: usize = 11;
/// Text cells of an outcome: the whole text, or the last word.
pub const OUTCOME: usize = 14;
const OUTCOME_WORD: usize = 8;

/// A table that shows as many columns and rows as fit.
pub struct FaultTable {
    /// The layout.
    pub layout: Table<6>,
    name_of: NameOf,
}

impl FaultTable {
    /// Lays out the table in a part of the panel.
    pub fn new(styles: &Styles, area: Rectangle, name_of: NameOf) -> FaultTable {
        FaultTable {
            layout: Table::new(styles, area, &COLUMNS),
            name_of,
        }
    }

    /// Returns the number of rows for faults.
    pub fn rows(&self) -> usize {
        self.layout.rows().min(MOST_ROWS)
    }

    /// Draws a fault over the previous one of the row.
    pub fn draw_row<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        row: usize,
        before: Option<&Fault>,
        now: Option<&Fault>,
    ) -> Result<(), S::Error> {
        let (text, dim) = (&styles.text, &styles.dim);
        let Some(now) = now else {
            return self.layout.draw_whole_row(surface, text, row, "");
        };
        let [time, address, cause, outcome, cost, function] = self.layout.row(row);
        let is_wide = self.layout.is_wide();
        let moment = |fault: &Fault| Moment(fault.time);
        dim.update(surface, time, before.map(moment), moment(now))?;
        let touched = |fault: &Fault| Touched(fault.address.as_u64(), is_wide);
        text.update(surface, address, before.map(touched), touched(now))?;
        let cause_before = before.map(|fault| fault.cause);
        self.draw_cause(surface, styles, cause, cause_before, now.cause)?;
        let words = match outcome.cells > OUTCOME_WORD {
            true => Outcome::of,
            false => Outcome::in_a_word,
        };
        text.update(surface, outcome, before.map(words), words(now))?;
        let price = |fault: &Fault| Cost::of(fault, cost.cells);
        text.update(surface, cost, before.map(price), price(now))?;
        let place = |fault: &Fault| Place {
            instruction: fault.instruction.as_u64(),
            name_of: self.name_of,
            cells: function.cells,
        };
        dim.update(surface, function, before.map(place), place(now))
    }

    /// Draws a cause: swatch and words.
    fn draw_cause<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        slot: Slot,
        before: Option<FaultCause>,
        now: FaultCause,
    ) -> Result<(), S::Error> {
        if before == Some(now) {
            return Ok(());
        }
        widgets::swatch(surface, styles, slot.at, styles.theme.fault(now))?;
        let at = slot.at + Size::new(3 * styles.unit(), 0);
        let slot = Slot::left(at, slot.cells.saturating_sub(3));
        let words = match self.layout.is_wide() {
            true => FaultCause::words,
            false => causes::short,
        };
        styles
            .text
            .update(surface, slot, before.map(words), words(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::theme::Theme;
    use embedded_graphics::geometry::Point;

    /// Text cells of each column, and whether it has its full width.
    fn layout(room: u32) -> ([usize; 6], bool) {
        let styles = Styles::new(Theme::ALL[0], 12);
        let area = Rectangle::new(Point::zero(), Size::new(room * styles.unit(), 100));
        let table = FaultTable::new(&styles, area, &|_| None);
        (
            table.layout.row(0).map(|slot| slot.cells),
            table.layout.is_wide(),
        )
    }

    #[test]
    fn columns_become_narrow_and_then_drop_out() {
        assert_eq!(layout(98), ([10, 18, 22, 14, 8, 16], true));
        assert_eq!(layout(93), ([10, 18, 22, 14, 8, 16], true));
        assert_eq!(layout(92), ([9, 13, 11, 14, 7, 28], false));
        assert_eq!(layout(74), ([9, 13, 11, 14, 7, 15], false));
        assert_eq!(layout(73), ([9, 13, 11, 14, 0, 22], false));
        assert_eq!(layout(60), ([9, 13, 11, 14, 0, 0], false));
        assert_eq!(layout(50), ([9, 13, 11, 14, 0, 0], false));
        assert_eq!(layout(49), ([9, 13, 11, 8, 0, 0], false));
        assert_eq!(layout(40), ([9, 13, 11, 0, 0, 0], false));
    }
}
