//! What the parts of the picture share: what to draw, and in which styles.

use super::rows::Shared;
use crate::graphics::styles::Styles;
use crate::view::names::Names;
use crate::view::step::StepChanges;

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub shared: &'d Shared,
    pub step: &'d StepChanges,
    pub names: &'d Names,
}
