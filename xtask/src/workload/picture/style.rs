//! Words and colours of the picture: those of the dashboard for paper.

use embedded_graphics::pixelcolor::Rgb888;
use memviz::graphics::face::FaceWeight;
use memviz::graphics::label::LabelStyle;
use memviz::graphics::theme::{PRINT, Theme};

pub const THEME: &Theme = &PRINT;
/// The last row of seats reads words of 3 % of the height.
const WORDS: u32 = 30;
pub const LINE: i32 = 42;

/// The colour of live blocks.
pub fn used() -> Rgb888 {
    THEME.used
}

pub fn words() -> LabelStyle {
    LabelStyle::new(FaceWeight::Regular, WORDS, THEME.text, THEME.panel)
}

pub fn names() -> LabelStyle {
    LabelStyle::new(FaceWeight::SemiBold, WORDS, THEME.text, THEME.panel)
}

pub fn warnings() -> LabelStyle {
    LabelStyle::new(FaceWeight::Regular, WORDS, THEME.warning, THEME.panel)
}
