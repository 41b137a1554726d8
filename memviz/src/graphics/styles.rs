//! The text styles of a dashboard in one palette and one size.
//!
//! All styles are for text inside a panel. Every measure of the screen is a multiple of
//! [`Styles::unit`], the width of a text cell: 8 pixels if text is 16 pixels high.

use crate::graphics::face::FaceWeight;
use crate::graphics::font::{Font, Weight};
use crate::graphics::label::LabelStyle;
use crate::graphics::text::TextStyle;
use crate::graphics::theme::Theme;
use crate::graphics::type_scale::{Role, TypeScale};
use embedded_graphics::pixelcolor::Rgb888;

/// Text styles, and the palette they come from.
#[derive(Clone, Copy)]
pub struct Styles {
    /// The palette.
    pub theme: &'static Theme,
    /// The sizes of words in figures.
    pub scale: TypeScale,
    /// Values.
    pub text: TextStyle,
    /// Labels and units.
    pub dim: TextStyle,
    /// Keys, the selection, the newest item.
    pub accent: TextStyle,
    /// Errors and warnings.
    pub warning: TextStyle,
    /// Titles.
    pub title: TextStyle,
    /// The next larger size: captions, and text that the last row of seats must be able to read.
    pub large: TextStyle,
    /// The next larger size in the accent colour: questions and marked text.
    pub large_accent: TextStyle,
}

impl Styles {
    /// Creates styles with text cells at most `height` pixels high.
    pub fn new(theme: &'static Theme, height: u32) -> Styles {
        let font = Font::fitting(Weight::Regular, height);
        let bold = Font::fitting(Weight::Bold, height);
        let large = Font::next_larger(Weight::Regular, font);
        let style = |font, ink| TextStyle::new(font, ink, theme.panel);
        Styles {
            theme,
            scale: TypeScale::default(),
            text: style(font, theme.text),
            dim: style(font, theme.dim),
            accent: style(font, theme.accent),
            warning: style(bold, theme.warning),
            title: style(bold, theme.text),
            large: style(large, theme.text),
            large_accent: style(large, theme.accent),
        }
    }

    /// Returns the styles with words of these sizes in figures.
    pub fn with_scale(self, scale: TypeScale) -> Styles {
        Styles { scale, ..self }
    }

    /// Returns the style of words in a figure.
    pub fn words(&self, role: Role, ink: Rgb888, ground: Rgb888) -> LabelStyle {
        LabelStyle::new(FaceWeight::Regular, self.scale.size(role), ink, ground)
    }

    /// Returns the style of names and titles in a figure.
    pub fn names(&self, role: Role, ink: Rgb888, ground: Rgb888) -> LabelStyle {
        LabelStyle::new(FaceWeight::SemiBold, self.scale.size(role), ink, ground)
    }

    /// Returns the style of numbers and addresses in a figure, in cells.
    pub fn digits(&self, role: Role, weight: Weight, ink: Rgb888, ground: Rgb888) -> TextStyle {
        // A cell is half as wide as it is high, and the advance of the font is 0.6 em.
        let cell = self.scale.size(role) * 6 / 5;
        TextStyle::new(Font::covering(weight, cell.saturating_sub(2)), ink, ground)
    }

    /// Returns the measure of the screen in pixels: the width of a text cell.
    pub fn unit(&self) -> u32 {
        self.text.font.cell().width
    }

    /// Returns the distance from one line of text to the next: the cell and a quarter.
    pub fn line(&self) -> u32 {
        self.unit() * 5 / 2
    }
}
