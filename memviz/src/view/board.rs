//! Boards: which panels share the screen, and the slot of each.
//!
//! ```text
//! +---------------------------+-----------+
//! | 0 main                    | 1         |
//! |                           +-----------+
//! |                           | 2         |
//! +---------------------------+-----------+
//! | 3 below                   | 4 corner  |
//! +---------------------------+-----------+
//! ```
//! A board is a fixed choice of five different panels: see [`crate::dashboard::boards`]. While
//! something is selected, the corner shows its details. One panel, or two, can fill the whole
//! screen: see [`crate::view::layout::Arrangement`].

use serde::{Deserialize, Serialize};

/// Slots of a board.
pub const SLOTS: usize = 5;
/// The slot below the main one.
pub const BELOW: usize = 3;
/// The slot that shows the details of a selection.
pub const CORNER: usize = 4;

/// Panels that are shown together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Board {
    /// A panel of every kind.
    #[default]
    Overview,
    /// Pages, address spaces and processes.
    Paging,
    /// The buddy heap.
    Heap,
    /// Graphs over time.
    Time,
    /// A page fault step by step.
    Faults,
}

impl Board {
    /// All boards, in the order of their keys.
    pub const ALL: [Board; 5] = [
        Board::Overview,
        Board::Paging,
        Board::Heap,
        Board::Time,
        Board::Faults,
    ];

    /// Returns key and name.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Board::Overview => ("5", "overview"),
            Board::Paging => ("6", "paging"),
            Board::Heap => ("7", "heap"),
            Board::Time => ("8", "time"),
            Board::Faults => ("9", "faults"),
        }
    }
}
