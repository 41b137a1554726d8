//! Who has the screen: which panels are shown, in how many slots, and what stands over them.
//!
//! ```text
//! board, focus, maximised, projector, selection, shell ──► arrangement ──► (panel, slot), up to five
//! ```
//! The main panel is the one in focus, or else the first of the board. The shell takes the lowest
//! row.

use super::boards::panels_of;
use crate::panels::PanelId;
use crate::view::board::{BELOW, Board, CORNER, SLOTS};
use crate::view::layout::Arrangement;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;
use heapless::Vec;

/// Who has the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stage {
    pub board: Board,
    /// The slot whose panel has the arrow keys.
    pub focus: Option<usize>,
    /// That panel has the screen to itself.
    pub maximised: bool,
    /// Less and larger: never more than two panels.
    pub projector: bool,
    pub selection: Option<Selection>,
    /// What is under the pointer.
    pub hover: Option<Selection>,
    /// Which part of memory the frame map shows.
    pub zoom: Zoom,
    /// The shell stands over the bottom.
    pub shell: bool,
}

impl Stage {
    /// What is told about: what is under the pointer, or else what is selected.
    pub fn looked_at(&self) -> Option<Selection> {
        self.hover.or(self.selection)
    }

    /// How the screen is divided.
    pub fn arrangement(&self) -> Arrangement {
        match self.arrangement_without_shell() {
            Arrangement::One if self.shell => Arrangement::Two,
            arrangement => arrangement,
        }
    }

    fn arrangement_without_shell(&self) -> Arrangement {
        match (self.projector, self.maximised, self.focus) {
            (false, false, _) | (false, true, None) => Arrangement::Five,
            _ if self.selection.is_some() => Arrangement::Two,
            (true, false, None | Some(0)) => Arrangement::Two,
            _ => Arrangement::One,
        }
    }

    /// Which panels are shown, each in its slot of the layout.
    pub(super) fn shown(&self) -> Vec<(PanelId, usize), SLOTS> {
        let mut panels = panels_of(self.board);
        panels[CORNER] = self.panel_in(CORNER);
        let main = panels[self.focus.unwrap_or(0)];
        let below = match self.selection {
            Some(_) => PanelId::Detail,
            None => panels[BELOW],
        };
        let slots = panels.into_iter().zip(0..);
        match self.arrangement() {
            Arrangement::Five if self.shell => slots.take(BELOW).collect(),
            Arrangement::Five => slots.collect(),
            Arrangement::Two if main != below && !self.shell => {
                [(main, 0), (below, BELOW)].into_iter().collect()
            }
            Arrangement::One | Arrangement::Two => [(main, 0)].into_iter().collect(),
        }
    }

    /// The panel that has the arrow keys.
    pub fn focused(&self) -> Option<PanelId> {
        self.focus.map(|slot| self.panel_in(slot))
    }

    /// The panel in this slot, where five panels are shown.
    pub fn panel_in(&self, slot: usize) -> PanelId {
        match slot {
            CORNER if self.looked_at().is_some() => PanelId::Detail,
            _ => panels_of(self.board)[slot],
        }
    }
}
