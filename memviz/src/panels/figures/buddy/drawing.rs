//! What the parts of the picture share: what to draw, and in which styles.

use super::levels::Levels;
use crate::graphics::styles::Styles;
use crate::model::Model;
use crate::view::step::StepChanges;

/// The picture of what the figure shows.
pub struct Drawing<'d, 'm> {
    pub styles: &'d Styles,
    pub model: &'d Model<'m>,
    pub step: &'d StepChanges,
    pub levels: &'d Levels,
}

impl Drawing<'_, '_> {
    /// A length on this screen, of so many pixels on the smallest one.
    pub fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }
}
