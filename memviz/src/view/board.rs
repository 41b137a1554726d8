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
//! A board is a fixed choice of five different panels. While something is selected, the corner
//! shows its details ([`Panel::Detail`]). One panel, or two, can fill the whole screen: see
//! [`crate::view::layout::Arrangement`].

/// Slots of a board.
pub const SLOTS: usize = 5;
/// The slot below the main one.
pub const BELOW: usize = 3;
/// The slot that shows the details of a selection.
pub const CORNER: usize = 4;

/// A part of the screen with a frame and a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Physical memory: each cell shows one frame or several.
    FrameMap,
    /// The firmware's memory map.
    Regions,
    /// The buddy heap in numbers and as a map.
    Heap,
    /// The buddy heap as a tree.
    Tree,
    /// Blocks by order, and the share of free memory that each order cannot use.
    Orders,
    /// The blocks of the heap to scale.
    Blocks,
    /// Heaps side by side.
    Race,
    /// Figures over time.
    Graphs,
    /// A page fault step by step.
    Storyboard,
    /// The last page faults.
    Faults,
    /// The page walk of an address.
    Walk,
    /// Address spaces side by side.
    Spaces,
    /// The live processes.
    Processes,
    /// Frames and pages in numbers.
    Statistics,
    /// Details of the selection.
    Detail,
}

impl Panel {
    /// The name of the panel in scripts.
    pub const fn words(self) -> &'static str {
        match self {
            Panel::FrameMap => "frame map",
            Panel::Regions => "memory map",
            Panel::Heap => "heap",
            Panel::Tree => "buddy tree",
            Panel::Orders => "orders",
            Panel::Blocks => "block map",
            Panel::Race => "heaps",
            Panel::Graphs => "over time",
            Panel::Storyboard => "fault story",
            Panel::Faults => "page faults",
            Panel::Walk => "page walk",
            Panel::Spaces => "address spaces",
            Panel::Processes => "processes",
            Panel::Statistics => "frames",
            Panel::Detail => "detail",
        }
    }
}

/// Panels that are shown together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

    /// Key and name.
    pub const fn label(self) -> (char, &'static str) {
        match self {
            Board::Overview => ('5', "overview"),
            Board::Paging => ('6', "paging"),
            Board::Heap => ('7', "heap"),
            Board::Time => ('8', "time"),
            Board::Faults => ('9', "faults"),
        }
    }

    /// The panel in each slot.
    pub const fn panels(self) -> [Panel; SLOTS] {
        use Panel::{
            Blocks, Faults, FrameMap, Graphs, Heap, Orders, Processes, Race, Regions, Spaces,
            Statistics, Storyboard, Tree, Walk,
        };
        match self {
            Board::Overview => [FrameMap, Regions, Heap, Faults, Statistics],
            Board::Paging => [Spaces, Processes, FrameMap, Walk, Faults],
            Board::Heap => [Tree, Orders, Blocks, Race, FrameMap],
            Board::Time => [Graphs, Regions, Heap, Faults, FrameMap],
            Board::Faults => [Storyboard, Processes, Spaces, Faults, FrameMap],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_board_shows_a_panel_twice() {
        for board in Board::ALL {
            let panels = board.panels();
            for (at, panel) in panels.iter().enumerate() {
                assert!(!panels[..at].contains(panel), "{board:?}: {panel:?}");
                assert_ne!(
                    *panel,
                    Panel::Detail,
                    "only a selection shows the detail panel"
                );
            }
        }
    }
}
