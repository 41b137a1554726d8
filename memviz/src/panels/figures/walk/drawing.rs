//! What the parts of the picture share: what to draw, and in which styles.

use super::content::Content;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::text::TextStyle;
use crate::graphics::type_scale::Role;
use crate::view::names::Names;
use crate::view::step::StepChanges;
use embedded_graphics::pixelcolor::Rgb888;

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub step: &'d StepChanges,
    pub content: Content,
}

impl Drawing<'_> {
    /// A length on this screen, of so many pixels on the smallest one.
    pub fn length(&self, pixels: u32) -> u32 {
        self.styles.scale.length(pixels)
    }

    /// The style of numbers.
    pub fn digits(&self, role: Role, ink: Rgb888, ground: Rgb888) -> TextStyle {
        self.styles.digits(role, Weight::Regular, ink, ground)
    }
}
