//! The use of the screen: the visible panels, the number of slots, and the overlays.
//!
//! ```text
//! board, focus, maximised, projector, selection, shell ──► arrangement ──► (panel, slot), up to five
//! ```
//! The main panel is the panel in focus, or else the first of the board. The shell covers the
//! lowest row. On the overview, details of a selection cover the half of that row that the
//! selection is not in.

use super::boards::{panel_of, panels_of, plain_panel_of};
use crate::panels::PanelId;
use crate::view::board::{BELOW, Board, CORNER, SLOTS};
use crate::view::figure::Figure;
use crate::view::layout::Arrangement;
use crate::view::overview::Details;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;
use heapless::Vec;

/// The use of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stage {
    pub board: Board,
    /// The slot whose panel has the arrow keys.
    pub focus: Option<usize>,
    /// True if the panel in focus has the whole screen.
    pub maximised: bool,
    /// True for projector mode: at most two panels.
    pub projector: bool,
    pub selection: Option<Selection>,
    /// The item under the pointer.
    pub hover: Option<Selection>,
    /// The part of memory on the frame map.
    pub zoom: Zoom,
    /// True if the shell is open.
    pub shell: bool,
    /// The figure that replaces the board.
    pub figure: Option<Figure>,
    /// The panel that is shown alone, even if a lesson names others.
    pub only: Option<PanelId>,
}

impl Stage {
    /// Returns the item with details: under the pointer, or else selected.
    pub fn looked_at(&self) -> Option<Selection> {
        self.hover.or(self.selection)
    }

    /// Returns the layout of the screen.
    pub fn arrangement(&self) -> Arrangement {
        match self.arrangement_without_shell() {
            Arrangement::One if self.shell => Arrangement::Two,
            arrangement => arrangement,
        }
    }

    /// Returns the figure on the screen. The shell needs the room below the board.
    pub fn shown_figure(&self) -> Option<Figure> {
        let is_whole = !self.shell && !self.maximised && self.focus.is_none();
        let suits = |figure: &Figure| is_whole && (!self.projector || figure.suits_projector());
        self.figure.filter(suits)
    }

    fn arrangement_without_shell(&self) -> Arrangement {
        if self.shown_figure().is_some() || self.only.is_some() {
            return Arrangement::Figure;
        }
        match (self.projector, self.maximised, self.focus) {
            (false, false, _) | (false, true, None) => match self.board {
                Board::Overview => Arrangement::Overview(self.details()),
                _ => Arrangement::Five,
            },
            _ if self.selection.is_some() => Arrangement::Two,
            (true, false, None | Some(0)) => Arrangement::Two,
            _ => Arrangement::One,
        }
    }

    /// Returns the place of the details on the overview: never over the item under the pointer.
    /// Without such an item, they are never over the panel that has the arrow keys.
    fn details(&self) -> Details {
        let is_fault = |item: Selection| matches!(item, Selection::Fault(_));
        let is_left = match (self.hover, self.focus) {
            _ if self.shell || self.looked_at().is_none() => return Details::Hidden,
            (Some(item), _) => is_fault(item),
            (None, Some(slot)) => slot == BELOW,
            (None, None) => self.selection.is_some_and(is_fault),
        };
        match is_left {
            true => Details::Left,
            false => Details::Right,
        }
    }

    /// Returns the visible panels, each in its slot of the layout.
    pub(super) fn shown(&self) -> Vec<(PanelId, usize), SLOTS> {
        if let Some(panel) = self.only {
            return [(panel, 0)].into_iter().collect();
        }
        if let Some(figure) = self.shown_figure() {
            return [(panel_of(figure), 0)].into_iter().collect();
        }
        let mut panels = panels_of(self.board);
        panels[CORNER] = self.panel_in(CORNER);
        let main = match (self.focus, self.figure) {
            // A projector shows the subject of the lesson, if not as a figure.
            (None, Some(figure)) if self.projector && !self.shell => plain_panel_of(figure),
            (focus, _) => panels[focus.unwrap_or(0)],
        };
        let below = match self.selection {
            Some(_) => PanelId::Detail,
            None => panels[BELOW],
        };
        let slots = panels.into_iter().zip(0..);
        match self.arrangement() {
            Arrangement::Five if self.shell => slots.take(BELOW).collect(),
            Arrangement::Overview(_) if self.shell => slots.take(1).collect(),
            Arrangement::Five | Arrangement::Overview(Details::Hidden) => slots.collect(),
            Arrangement::Overview(Details::Left) => {
                let covered = |&(_, slot): &(PanelId, usize)| slot != 2;
                let details = |(panel, slot)| match slot {
                    1 => (PanelId::Detail, 1),
                    _ => (panel, slot),
                };
                slots.filter(covered).map(details).collect()
            }
            Arrangement::Overview(Details::Right) => {
                slots.filter(|&(_, slot)| slot != BELOW).collect()
            }
            Arrangement::Two if main != below && !self.shell => {
                [(main, 0), (below, BELOW)].into_iter().collect()
            }
            Arrangement::One | Arrangement::Two | Arrangement::Figure => {
                [(main, 0)].into_iter().collect()
            }
        }
    }

    /// Returns the panel that has the arrow keys.
    pub fn focused(&self) -> Option<PanelId> {
        self.focus.map(|slot| self.panel_in(slot))
    }

    /// Returns the panel in this slot, if all panels of the board are shown.
    pub fn panel_in(&self, slot: usize) -> PanelId {
        let is_elsewhere = self.arrangement() == Arrangement::Overview(Details::Left);
        match slot {
            CORNER if self.looked_at().is_some() && !is_elsewhere => PanelId::Detail,
            _ => panels_of(self.board)[slot],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pointer over an item must not make its panel disappear.
    #[test]
    fn details_never_cover_the_item_under_the_pointer() {
        let frames = Selection::Frames { first: 3, count: 1 };
        let items = [
            (frames, PanelId::FrameMap),
            (Selection::FirmwareRegion(0), PanelId::Regions),
            (Selection::Fault(3), PanelId::Faults),
        ];
        for focus in [None, Some(0), Some(1), Some(2), Some(BELOW), Some(CORNER)] {
            for (selection, _) in items {
                for (hover, panel) in items {
                    let stage = Stage {
                        focus,
                        selection: Some(selection),
                        hover: Some(hover),
                        ..Stage::default()
                    };
                    let shown = stage.shown();
                    let is_shown = |id| shown.iter().any(|&(shown, _)| shown == id);
                    assert!(is_shown(panel) && is_shown(PanelId::Detail), "{stage:?}");
                }
            }
        }
    }

    /// Without an item under the pointer, the panel with the arrow keys stays.
    #[test]
    fn details_never_cover_the_panel_with_the_arrow_keys() {
        for selection in [Selection::FirmwareRegion(0), Selection::Fault(3)] {
            for slot in 0..SLOTS {
                let stage = Stage {
                    focus: Some(slot),
                    selection: Some(selection),
                    ..Stage::default()
                };
                let focused = stage.focused();
                let shown = stage.shown();
                assert!(
                    shown.iter().any(|&(id, _)| Some(id) == focused),
                    "{stage:?}"
                );
            }
        }
    }
}
