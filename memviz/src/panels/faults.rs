//! The last page faults, newest first: when, where, why, what was done, what it cost.
//!
//! ```text
//! ┌ PAGE FAULTS  1,234 so far, 2.3 µs each on average ──────── newest first ┐
//! │     time  address             cause           outcome       cost  where │
//! │ 12.345 s  0xffff900000006000  Z demand-zero   frame mapped  1.2 µs  …   │
//! │ …                                                                       │
//! │ G 12   N 0   Z 1,203   C 7   W 0  …                                     │  by cause, since boot
//! └─────────────────────────────────────────────────────────────────────────┘
//! ```
//! Columns that do not fit are left out, the last named in `Column` first. "where" is
//! the lower half of the address of the instruction: all code of the kernel shares the upper one.

use super::Extent;
use crate::model::{Fault, Model};
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::Slot;
use crate::units::{Address, Count, Moment, Nanoseconds};
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::FaultCause;

const TITLE: &str = "PAGE FAULTS";
const CAUSES: usize = FaultCause::ALL.len();
/// No screen has room for more.
const MOST_ROWS: usize = 32;

/// The panel and what of it is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct FaultPanel {
    area: Rectangle,
    summary: Option<Summary>,
    by_cause: Option<[u64; CAUSES]>,
    rows: [Option<Fault>; MOST_ROWS],
}

impl FaultPanel {
    /// The panel in this place.
    pub fn new(area: Rectangle) -> FaultPanel {
        FaultPanel {
            area,
            summary: None,
            by_cause: None,
            rows: [None; MOST_ROWS],
        }
    }

    /// Draws the panel, or what changed in it.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let mut table = Table::new(surface, styles, widgets::content(styles, self.area));
        if extent == Extent::All {
            *self = FaultPanel::new(self.area);
            widgets::panel(table.surface, styles, self.area, TITLE, "", "newest first")?;
            table.heads()?;
        }
        let faults = &model.faults;
        let summary = Summary {
            total: faults.total(),
            mean: faults.mean_nanoseconds(),
        };
        let slot = widgets::detail_slot(styles, self.area, TITLE, 44);
        styles
            .dim
            .update(table.surface, slot, self.summary.replace(summary), summary)?;

        let mut newest = faults.newest_first();
        for (line, drawn) in self.rows[..table.rows].iter_mut().enumerate() {
            let now = newest.next().copied();
            if *drawn != now {
                table.row(line, drawn.as_ref(), now.as_ref())?;
                *drawn = now;
            }
        }
        let by_cause = core::array::from_fn(|number| faults.by_cause(FaultCause::ALL[number]));
        table.by_cause(self.by_cause.replace(by_cause), by_cause)
    }
}

/// The columns, most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Time,
    Address,
    Cause,
    Outcome,
    Cost,
    Where,
}

impl Column {
    const ALL: [Column; 6] = [
        Column::Time,
        Column::Address,
        Column::Cause,
        Column::Outcome,
        Column::Cost,
        Column::Where,
    ];

    /// Width in text cells.
    fn cells(self) -> usize {
        match self {
            Column::Time => 10,
            Column::Address => 18,
            Column::Where => 9,
            Column::Cause => 22,
            Column::Outcome => 14,
            Column::Cost => 8,
        }
    }

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

/// A table that shows as many columns and rows as fit.
struct Table<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    content: Rectangle,
    /// Rows for faults.
    rows: usize,
    /// The left end of each column in text cells, if it is shown.
    columns: [Option<usize>; Column::ALL.len()],
    /// Cells of a count by cause, nothing if there is no room for them.
    count_cells: Option<usize>,
}

impl<'s, S: Surface> Table<'s, S> {
    fn new(surface: &'s mut S, styles: &'s Styles, content: Rectangle) -> Self {
        let cells = (content.size.width / styles.unit()) as usize;
        let count_cells = Some(cells / CAUSES).filter(|&cells| cells >= 6);
        let lines = (content.size.height / styles.line()) as usize;
        let rows = lines
            .saturating_sub(1 + usize::from(count_cells.is_some()))
            .min(MOST_ROWS);
        let mut end = 0;
        let columns = Column::ALL.map(|column| {
            let start = end + if end == 0 { 0 } else { 2 };
            (start + column.cells() <= cells).then(|| {
                end = start + column.cells();
                start
            })
        });
        Table {
            surface,
            styles,
            content,
            rows,
            columns,
            count_cells,
        }
    }

    fn at(&self, line: usize, cell: usize) -> Point {
        let (unit, pitch) = (self.styles.unit(), self.styles.line());
        self.content.top_left + Size::new(cell as u32 * unit, line as u32 * pitch)
    }

    /// Where a column stands in a line; no cells if it is not shown.
    fn slot(&self, line: usize, column: Column) -> Slot {
        let Some(start) = self.columns[column as usize] else {
            return Slot::left(self.content.top_left, 0);
        };
        let at = self.at(line, start);
        match column {
            Column::Time | Column::Cost => Slot::right(at, column.cells()),
            _ => Slot::left(at, column.cells()),
        }
    }

    fn heads(&mut self) -> Result<(), S::Error> {
        for column in Column::ALL {
            let slot = self.slot(0, column);
            self.styles.dim.draw(self.surface, slot, column.head())?;
        }
        Ok(())
    }

    /// Draws a fault over the one that stands there.
    fn row(
        &mut self,
        line: usize,
        before: Option<&Fault>,
        now: Option<&Fault>,
    ) -> Result<(), S::Error> {
        let line = line + 1;
        let Some(now) = now else {
            let size = Size::new(self.content.size.width, 2 * self.styles.unit());
            let area = Rectangle::new(self.at(line, 0), size);
            return self.surface.fill_solid(&area, self.styles.theme.panel);
        };
        let (text, dim) = (&self.styles.text, &self.styles.dim);
        let time = |fault: &Fault| Moment(fault.time);
        let slot = self.slot(line, Column::Time);
        dim.update(self.surface, slot, before.map(time), time(now))?;
        let address = |fault: &Fault| Address(fault.address.as_u64());
        let slot = self.slot(line, Column::Address);
        text.update(self.surface, slot, before.map(address), address(now))?;
        self.cause(line, before.map(|fault| fault.cause), now.cause)?;
        let slot = self.slot(line, Column::Outcome);
        text.update(
            self.surface,
            slot,
            before.map(Outcome::of),
            Outcome::of(now),
        )?;
        let slot = self.slot(line, Column::Cost);
        text.update(self.surface, slot, before.map(Cost::of), Cost::of(now))?;
        let instruction = |fault: &Fault| Low(fault.instruction.as_u64() as u32);
        let slot = self.slot(line, Column::Where);
        dim.update(
            self.surface,
            slot,
            before.map(instruction),
            instruction(now),
        )
    }

    /// A cause: swatch and words.
    fn cause(
        &mut self,
        line: usize,
        before: Option<FaultCause>,
        now: FaultCause,
    ) -> Result<(), S::Error> {
        let slot = self.slot(line, Column::Cause);
        if before == Some(now) || slot.cells == 0 {
            return Ok(());
        }
        let swatch = self.styles.theme.fault(now);
        widgets::swatch(self.surface, self.styles, slot.at, swatch)?;
        let words = Slot::left(
            slot.at + Size::new(3 * self.styles.unit(), 0),
            slot.cells - 3,
        );
        let before = before.map(FaultCause::words);
        self.styles
            .text
            .update(self.surface, words, before, now.words())
    }

    /// The last line: how many of each cause.
    fn by_cause(
        &mut self,
        before: Option<[u64; CAUSES]>,
        now: [u64; CAUSES],
    ) -> Result<(), S::Error> {
        let Some(cells) = self.count_cells else {
            return Ok(());
        };
        if before.is_none() {
            let above = self.at(1 + self.rows, 0) - Point::new(0, self.styles.unit() as i32 / 4);
            let rule = Rectangle::new(above, Size::new(self.content.size.width, 1));
            self.surface.fill_solid(&rule, self.styles.theme.outline)?;
        }
        for (number, &cause) in FaultCause::ALL.iter().enumerate() {
            let at = self.at(1 + self.rows, number * cells);
            if before.is_none() {
                let swatch = self.styles.theme.fault(cause);
                widgets::swatch(self.surface, self.styles, at, swatch)?;
            }
            let slot = Slot::left(at + Size::new(2 * self.styles.unit(), 0), cells - 2);
            let count = |counts: [u64; CAUSES]| Spaced(Count(counts[number]));
            self.styles
                .dim
                .update(self.surface, slot, before.map(count), count(now))?;
        }
        Ok(())
    }
}

/// How many faults there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Summary {
    total: u64,
    mean: Option<u64>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mean {
            None => write!(f, "{} so far", Count(self.total)),
            Some(mean) => {
                write!(
                    f,
                    "{} so far, {} each on average",
                    Count(self.total),
                    Nanoseconds(mean)
                )
            }
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

/// The lower half of an address.
#[derive(PartialEq)]
struct Low(u32);

impl fmt::Display for Low {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{:08x}", self.0)
    }
}

/// A space before a number.
#[derive(PartialEq)]
struct Spaced(Count);

impl fmt::Display for Spaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::Canvas;
    use crate::theme::Theme;

    /// The columns that a panel of this many text cells shows.
    fn columns(cells: u32) -> Vec<Column> {
        let (mut pixels, mut marks) = ([0; 1], [0; 1]);
        let mut canvas = Canvas::new(&mut pixels, &mut marks, Size::new(1, 1)).unwrap();
        let styles = Styles::new(Theme::ALL[0], 12);
        let content = Rectangle::new(Point::zero(), Size::new(6 * cells, 300));
        let table = Table::new(&mut canvas, &styles, content);
        let mut end = 0;
        for column in Column::ALL {
            let slot = table.slot(0, column);
            if slot.cells > 0 {
                assert!(slot.at.x >= end, "{column:?} stands in the one before");
                end = slot.at.x + 6 * column.cells() as i32;
            }
        }
        assert!(end <= 6 * cells as i32, "the last column sticks out");
        let shown = Column::ALL
            .into_iter()
            .filter(|&column| table.columns[column as usize].is_some());
        shown.collect()
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_the_rest_keeps_apart() {
        use Column::*;
        assert_eq!(columns(200), Column::ALL);
        assert_eq!(columns(91), Column::ALL);
        assert_eq!(columns(90), [Time, Address, Cause, Outcome, Cost]);
        assert_eq!(columns(76), [Time, Address, Cause, Outcome]);
        assert_eq!(columns(65), [Time, Address, Cause, Cost]);
        for cells in 30..200 {
            columns(cells);
        }
    }

    #[test]
    fn all_words_fit_their_columns() {
        use mm::paging::FaultOutcome;
        for cause in FaultCause::ALL {
            assert!(
                3 + cause.words().len() <= Column::Cause.cells(),
                "{cause:?}"
            );
        }
        for outcome in FaultOutcome::ALL {
            assert!(
                outcome.words().len() <= Column::Outcome.cells(),
                "{outcome:?}"
            );
        }
        assert_eq!(Address(u64::MAX).to_string().len(), Column::Address.cells());
        assert_eq!(crate::text::width(Low(u32::MAX)), Column::Where.cells());
    }
}
