//! Who has the screen: which panels are shown, in how many slots, and what stands over them.
//!
//! ```text
//! board, focus, maximised, projector, selection, shell ──► arrangement ──► (panel, slot), up to five
//! ```
//! The main panel is the one in focus, or else the first of the board. The shell takes the lowest
//! row.

use super::Dashboard;
use crate::graphics::styles::Styles;
use crate::panels::help;
use crate::panels::timeline::TimelineBar;
use crate::view::board::{BELOW, Board, CORNER, Panel, SLOTS};
use crate::view::layout::{Arrangement, Layout};
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
    pub(super) fn shown(&self) -> Vec<(Panel, usize), SLOTS> {
        let mut panels = self.board.panels();
        panels[CORNER] = self.panel_in(CORNER);
        let main = panels[self.focus.unwrap_or(0)];
        let below = match self.selection {
            Some(_) => Panel::Detail,
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
    pub fn focused(&self) -> Option<Panel> {
        self.focus.map(|slot| self.panel_in(slot))
    }
}

impl Dashboard<'_> {
    /// Somebody looks at this from now on.
    pub fn select(&mut self, selection: Option<Selection>) {
        self.set_stage(Stage {
            selection,
            ..self.stage
        });
    }

    /// Other panels, or the same ones elsewhere.
    pub(super) fn set_stage(&mut self, stage: Stage) {
        let hover = None;
        let before = core::mem::replace(&mut self.stage, Stage { hover, ..stage });
        self.set_help(None);
        // Another selection of the same kind leaves everything where it is.
        let moved = Stage {
            selection: before.selection,
            hover: before.hover,
            ..stage
        };
        let is_told = stage.selection.is_some();
        let (was_selected, was_told) = (before.selection, before.looked_at());
        if moved == before
            && [was_selected, was_told]
                .iter()
                .all(|told| told.is_some() == is_told)
        {
            return;
        }
        self.arrange();
    }

    /// Puts everything where the stage wants it.
    pub(super) fn arrange(&mut self) {
        let stage = &self.stage;
        let Some(layout) = Layout::new(self.screen, stage.arrangement(), stage.projector) else {
            return;
        };
        self.layout = layout;
        self.styles = Styles::new(self.styles.theme, layout.text);
        let frames = self.model.frames.len();
        let view = self.panels.map.grid().view;
        self.panels
            .place(stage, &layout, &self.styles, frames, &self.info);
        if view != self.panels.map.grid().view {
            self.model.set_view(self.panels.map.grid().view);
            self.ages_unknown = true;
        }
        self.bar = TimelineBar::new(layout.timeline);
        self.redraw = true;
    }

    /// The shell stands over the bottom from now on, or not any more. What is under the pointer
    /// stays.
    pub fn set_shell(&mut self, shell: bool) {
        if self.stage.shell != shell {
            self.stage.shell = shell;
            self.set_help(None);
            self.arrange();
        }
    }

    /// The shell shows what it said pages before, or after.
    pub fn turn_shell(&mut self, pages: i32) {
        let rows = self.shell.page(&self.styles);
        self.shell.scroll(pages * rows);
    }

    pub(super) fn set_help(&mut self, page: Option<usize>) {
        self.redraw |= page != self.help || self.list.is_some();
        self.help = page;
        self.list = None;
    }

    /// The next page of the help, and after the last one the first.
    pub(super) fn turn_page(&mut self) {
        let pages = help::pages(&self.styles, self.layout.below_header());
        self.set_help(self.help.map(|page| (page + 1) % pages));
    }
}
