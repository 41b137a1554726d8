//! The columns of the list, and which of them there is room for.
//!
//! Where the panel is narrow, columns are left out, the last of [`DISPENSABLE`] first.

use crate::graphics::text::Slot;
use embedded_graphics::geometry::Point;

/// Which columns there are.
pub struct Columns {
    shown: [bool; COLUMNS.len()],
}

impl Columns {
    /// What fits so many text cells.
    pub fn fitting(room: usize) -> Columns {
        let mut columns = Columns {
            shown: [true; COLUMNS.len()],
        };
        for column in DISPENSABLE.into_iter().rev() {
            if columns.width() > room {
                columns.shown[column as usize] = false;
            }
        }
        columns
    }

    /// The columns, each with its place in a line that begins at zero.
    pub fn slots(&self, unit: u32) -> impl Iterator<Item = (Column, Slot)> {
        let shown = COLUMNS.into_iter();
        let shown = shown.filter(|&column| self.shown[column as usize]);
        let mut cell = 0;
        shown.map(move |column| {
            let at = Point::new((cell * unit) as i32, 0);
            cell += column.cells() as u32 + 1;
            let slot = match column.is_word() {
                true => Slot::left(at, column.cells()),
                false => Slot::right(at, column.cells()),
            };
            (column, slot)
        })
    }

    fn width(&self) -> usize {
        let shown = COLUMNS
            .iter()
            .filter(|&&column| self.shown[column as usize]);
        shown.map(|column| column.cells() + 1).sum::<usize>() - 1
    }
}

/// The columns, from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Mark,
    Number,
    Parent,
    Program,
    State,
    Pages,
    Shared,
    CopyOnWrite,
    Tables,
    Faults,
    Started,
}

const COLUMNS: [Column; 11] = [
    Column::Mark,
    Column::Number,
    Column::Parent,
    Column::Program,
    Column::State,
    Column::Pages,
    Column::Shared,
    Column::CopyOnWrite,
    Column::Tables,
    Column::Faults,
    Column::Started,
];

/// What can be left out.
const DISPENSABLE: [Column; 4] = [
    Column::Parent,
    Column::CopyOnWrite,
    Column::Tables,
    Column::Started,
];

impl Column {
    /// What stands above it.
    pub fn head(self) -> &'static str {
        match self {
            Column::Mark => "",
            Column::Number => "no",
            Column::Parent => "of",
            Column::Program => "program",
            Column::State => "state",
            Column::Pages => "pages",
            Column::Shared => "shared",
            Column::CopyOnWrite => "copied",
            Column::Tables => "tables",
            Column::Faults => "faults",
            Column::Started => "since",
        }
    }

    /// Its width in text cells.
    fn cells(self) -> usize {
        match self {
            Column::Mark => 1,
            Column::Number | Column::Parent => 4,
            Column::Program => 11,
            Column::Pages => 5,
            Column::State | Column::Shared | Column::CopyOnWrite => 6,
            Column::Tables | Column::Faults => 6,
            Column::Started => 10,
        }
    }

    /// Whether it has words, at the left, or a number, at the right.
    fn is_word(self) -> bool {
        matches!(self, Column::Mark | Column::Program | Column::State)
    }
}
