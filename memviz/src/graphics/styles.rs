//! The text styles of a dashboard in one palette and one size, made once.
//!
//! All are meant for the inside of a panel. Every measure of the screen is a multiple of
//! [`Styles::unit`]: the width of a text cell, 8 pixels where text is 16 high.

use crate::graphics::font::{Font, Weight};
use crate::graphics::text::TextStyle;
use crate::graphics::theme::Theme;

/// Text styles, and the palette they come from.
#[derive(Clone, Copy)]
pub struct Styles {
    /// The palette.
    pub theme: &'static Theme,
    /// Values.
    pub text: TextStyle,
    /// Labels and units.
    pub dim: TextStyle,
    /// Keys, the selection, the newest.
    pub accent: TextStyle,
    /// What is wrong.
    pub warning: TextStyle,
    /// Titles.
    pub title: TextStyle,
    /// The next larger size: captions, and what is to be read from the last row.
    pub large: TextStyle,
    /// The same for questions, and for what is marked.
    pub large_accent: TextStyle,
}

impl Styles {
    /// Styles with text cells at most `height` pixels high.
    pub fn new(theme: &'static Theme, height: u32) -> Styles {
        let font = Font::fitting(Weight::Regular, height);
        let bold = Font::fitting(Weight::Bold, height);
        let large = Font::next_larger(Weight::Regular, font);
        let style = |font, ink| TextStyle::new(font, ink, theme.panel);
        Styles {
            theme,
            text: style(font, theme.text),
            dim: style(font, theme.dim),
            accent: style(font, theme.accent),
            warning: style(bold, theme.warning),
            title: style(bold, theme.text),
            large: style(large, theme.text),
            large_accent: style(large, theme.accent),
        }
    }

    /// The measure of the screen in pixels: the width of a text cell.
    pub fn unit(&self) -> u32 {
        self.text.font.cell().width
    }

    /// The distance from one line of text to the next: the cell and a quarter.
    pub fn line(&self) -> u32 {
        self.unit() * 5 / 2
    }
}
