//! The lesson step that the screen follows, and the choices of the user for it.

use crate::view::board::Board;
use crate::view::map_mode::MapMode;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;

/// The lesson step that the screen follows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Followed {
    /// The number of the last caption.
    pub number: u32,
    /// Its lesson, and in a classroom its step.
    pub step: Option<(&'static str, u8)>,
    /// True if the user has chosen other panels.
    pub own_board: bool,
    /// True if the user has chosen another view of the frame map.
    pub own_mode: bool,
    /// The start of its lesson, in nanoseconds since boot, as far as the history goes back.
    pub began: u64,
    /// The panels outside of lessons.
    pub home: (Board, MapMode),
    /// The selection of the caption.
    pub selected: Option<Selection>,
    /// The part of memory of the caption.
    pub zoom: Zoom,
}

impl Followed {
    /// Stores the panels that the user chose.
    pub fn choose_board(&mut self, board: Board) {
        match self.step {
            Some(_) => self.own_board = true,
            None => self.home.0 = board,
        }
    }

    /// Stores the view of the frame map that the user chose.
    pub fn choose_mode(&mut self, mode: MapMode) {
        match self.step {
            Some(_) => self.own_mode = true,
            None => self.home.1 = mode,
        }
    }
}
