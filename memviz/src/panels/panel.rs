//! What a panel is made of: the trait that every panel implements, and what its functions get.
//!
//! ```text
//!                 setup ──► new
//! scene, what changed ──► draw           ──► pixels
//!        scene, point ──► selection_at   ──► what is under the pointer
//!        scene, arrow ──► move_cursor    ──► what is selected next
//! ```
//! No function has a default, so that a panel without one of them does not compile.

use super::help::entry::Entry;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::model::Model;
use crate::model::samples::Samples;
use crate::timeline::Timeline;
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::map_mode::MapMode;
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::frame::WhyNot;

/// Where a panel stands, and what does not change while it stands there.
#[derive(Clone, Copy)]
pub struct Setup<'p> {
    /// The rectangle of the panel.
    pub area: Rectangle,
    /// The text styles of the screen.
    pub styles: &'p Styles,
    /// The names that the machine gives.
    pub names: Names,
    /// How many frames there are.
    pub frames: usize,
    /// The part of memory that the frame map shows.
    pub zoom: Zoom,
}

/// What a picture shows.
#[derive(Clone, Copy)]
pub struct Scene<'d, 'm> {
    /// The text styles of the screen.
    pub styles: &'d Styles,
    /// The state of the machine.
    pub model: &'d Model<'m>,
    /// The history, and where in it the picture is.
    pub timeline: &'d Timeline<'m>,
    /// Figures over time.
    pub samples: &'d Samples<'m>,
    /// The view of the frame map.
    pub mode: MapMode,
    /// What is selected, or under the pointer.
    pub selection: Option<Selection>,
    /// The run that was refused last, if that is selected.
    pub why_not: Option<&'d WhyNot>,
    /// When the lesson began, in nanoseconds since boot.
    pub since: u64,
}

/// A panel.
pub trait Panel: Sized {
    /// The name of the panel, for scripts.
    const NAME: &'static str;
    /// What the help says about the panel's numbers: a heading, and an entry for each.
    const HELP: &'static [Entry];

    /// A panel in this place, of which nothing is on the screen yet.
    fn new(setup: &Setup<'_>) -> Self;

    /// Whether the panel is to be drawn when only this has changed.
    fn shows(changed: Changed) -> bool;

    /// Draws the panel, or what changed in it since the last time. It paints all of its rectangle,
    /// and nothing outside.
    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error>;

    /// What a click at this point of the screen selects. The point is in the panel's rectangle.
    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection>;

    /// What is selected after an arrow key, where the panel has the arrow keys. A panel without a
    /// cursor returns the selection of the scene.
    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection>;
}
