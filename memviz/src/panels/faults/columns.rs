//! The columns of the table of faults, and which of them there is room for.
//!
//! Where the panel is narrow, addresses lose the upper digits that all addresses of their half
//! share and causes go by their short names; where that does not suffice, columns are left out, the
//! last ones of [`DISPENSABLE`] first, and the outcome is told in a word. The last column takes
//! what is left.

/// Which columns there are, and how wide they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Text cells, none for a column that is left out.
    pub cells: [usize; 6],
    /// Text cells between two columns.
    gap: usize,
    /// Whether there is room for all digits and words.
    pub is_wide: bool,
}

impl Columns {
    /// What fits so many text cells.
    pub fn fitting(room: usize) -> Columns {
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
        } else if columns.cells[Column::Outcome as usize] == 0 {
            // In a word, if there is room for one.
            let outcome = &mut columns.cells[Column::Outcome as usize];
            *outcome = OUTCOME_WORD;
            if columns.width() > room {
                columns.cells[Column::Outcome as usize] = 0;
            }
        }
        columns
    }

    /// Whether outcomes have all their words.
    pub fn has_whole_outcomes(&self) -> bool {
        self.cells[Column::Outcome as usize] > OUTCOME_WORD
    }

    /// All of them, and what is between.
    fn width(&self) -> usize {
        let shown = self.cells.iter().filter(|&&cells| cells > 0);
        shown.map(|cells| cells + self.gap).sum::<usize>() - self.gap
    }

    /// The left end of a column in text cells.
    pub fn start(&self, column: Column) -> usize {
        let before = self.cells[..column as usize].iter();
        before
            .filter(|&&cells| cells > 0)
            .map(|cells| cells + self.gap)
            .sum()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Time,
    Address,
    Cause,
    Outcome,
    Cost,
    Where,
}

/// All of them.
pub const COLUMNS: [Column; 6] = [
    Column::Time,
    Column::Address,
    Column::Cause,
    Column::Outcome,
    Column::Cost,
    Column::Where,
];

/// What can be left out.
const DISPENSABLE: [Column; 3] = [Column::Outcome, Column::Where, Column::Cost];

/// Text cells of an outcome in a word.
const OUTCOME_WORD: usize = 8;
/// Text cells of each column, of the last one at least.
pub const WIDE: [usize; 6] = [10, 18, 22, 14, 8, 16];
/// The same where there is little room.
pub const NARROW: [usize; 6] = [9, 13, 11, 14, 7, 15];

impl Column {
    /// What stands above it.
    pub fn head(self) -> &'static str {
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(shown(47), [Time, Address, Cause, Outcome]);
        assert!(
            Columns::fitting(50).has_whole_outcomes() && !Columns::fitting(49).has_whole_outcomes()
        );
        assert_eq!(shown(40), [Time, Address, Cause]);
        for room in 35..300 {
            shown(room);
        }
    }
}
