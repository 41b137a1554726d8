//! Captions of a lesson for tests.

use crate::view::board::Board;
use crate::view::caption::{Caption, Part, Words};
use crate::view::map_mode::MapMode;

/// Returns a caption without words.
pub fn caption(step: u8, part: Part) -> Caption {
    Caption {
        lesson: "lesson",
        title: "Lesson",
        step,
        steps: 2,
        part,
        words: Words::new(),
        question: None,
        choices: &[],
        right: 0,
        is_answered: false,
        because: "",
        conceals: false,
        board: Board::Overview,
        figure: None,
        mode: MapMode::Tags,
        selection: None,
        zoom: None,
    }
}
