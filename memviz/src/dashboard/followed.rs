//! The lesson step that the screen follows, and what the user has chosen for it.

use crate::view::board::Board;
use crate::view::map_mode::MapMode;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;

/// The lesson step that the screen follows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Followed {
    /// The number of the caption that was looked at last.
    pub number: u32,
    /// Its lesson, and in the classroom the step in it.
    pub step: Option<(&'static str, u8)>,
    /// Somebody has chosen other panels in it.
    pub own_board: bool,
    /// Somebody has chosen another view of the frame map.
    pub own_mode: bool,
    /// When its lesson began, in nanoseconds since boot, as far as the history goes back.
    pub began: u64,
    /// What is shown where there is no lesson.
    pub home: (Board, MapMode),
    /// What the caption selected.
    pub selected: Option<Selection>,
    /// The part of memory that the caption shows.
    pub zoom: Zoom,
}

impl Followed {
    /// Somebody chooses these panels.
    pub fn choose_board(&mut self, board: Board) {
        match self.step {
            Some(_) => self.own_board = true,
            None => self.home.0 = board,
        }
    }

    /// Somebody chooses this view of the frame map.
    pub fn choose_mode(&mut self, mode: MapMode) {
        match self.step {
            Some(_) => self.own_mode = true,
            None => self.home.1 = mode,
        }
    }
}
