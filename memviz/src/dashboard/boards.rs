//! The panels of each board, and their slots.

use crate::panels::PanelId::{
    self, Blocks, Faults, FrameMap, Graphs, Heap, MemoryMap, Orders, Processes, Race, Regions,
    SharedPages, Spaces, Statistics, Storyboard, Tree, Walk,
};
use crate::view::board::{Board, SLOTS};
use crate::view::figure::Figure;

/// Returns the panel in each slot of a board.
pub const fn panels_of(board: Board) -> [PanelId; SLOTS] {
    match board {
        Board::Overview => [FrameMap, Regions, Heap, Faults, Statistics],
        Board::Paging => [Spaces, Processes, FrameMap, Walk, Faults],
        Board::Heap => [Tree, Orders, Blocks, Race, FrameMap],
        Board::Time => [Graphs, Regions, Heap, Faults, FrameMap],
        Board::Faults => [Storyboard, Processes, Spaces, Faults, FrameMap],
    }
}

/// Returns the panel that draws a figure.
pub const fn panel_of(figure: Figure) -> PanelId {
    match figure {
        Figure::SharedPages => SharedPages,
        Figure::Buddy => PanelId::BuddyFigure,
        Figure::HeapMap => PanelId::HeapMap,
        Figure::Walk => PanelId::WalkFigure,
        Figure::BlockBytes => PanelId::BlockBytes,
        Figure::Replacement => PanelId::ReplacementFigure,
        Figure::Memory => FrameMap,
        Figure::Bitmap => PanelId::Bitmap,
        Figure::MemoryMap => MemoryMap,
        Figure::Fault => PanelId::FaultFigure,
        Figure::Race => PanelId::RaceFigure,
        Figure::Leaks => PanelId::LeakFigure,
        Figure::Truth => PanelId::TruthFigure,
        Figure::HardFault => PanelId::HardFault,
        Figure::WorkingSets => PanelId::WorkingSets,
        Figure::Rights => PanelId::RightsFigure,
    }
}

/// Returns the panel on the same subject that uses text cells, which can be as large as a projector
/// needs.
pub const fn plain_panel_of(figure: Figure) -> PanelId {
    match figure {
        Figure::SharedPages => Spaces,
        Figure::Buddy => Tree,
        Figure::HeapMap => PanelId::Race,
        Figure::Walk => Walk,
        Figure::BlockBytes => Tree,
        Figure::Replacement => Faults,
        Figure::Memory => FrameMap,
        Figure::Bitmap => FrameMap,
        Figure::MemoryMap => Regions,
        Figure::Fault => Storyboard,
        Figure::Race => Race,
        Figure::Leaks => Blocks,
        Figure::Truth => FrameMap,
        Figure::HardFault => Storyboard,
        Figure::WorkingSets => Faults,
        Figure::Rights => Statistics,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_board_shows_a_panel_twice() {
        for board in Board::ALL {
            let panels = panels_of(board);
            for (at, panel) in panels.iter().enumerate() {
                assert!(!panels[..at].contains(panel), "{board:?}: {panel:?}");
                assert_ne!(*panel, PanelId::Detail, "the selection chooses it");
            }
        }
    }

    /// A panel on no board would never be visible.
    #[test]
    fn each_panel_is_on_a_board() {
        for id in PanelId::ALL.into_iter().filter(|&id| id != PanelId::Detail) {
            let mut boards = Board::ALL.into_iter();
            let is_figure = Figure::ALL.iter().any(|&figure| panel_of(figure) == id);
            assert!(
                is_figure || boards.any(|board| panels_of(board).contains(&id)),
                "no board shows the panel {id:?}: put it into a slot in `panels_of`"
            );
        }
    }
}
