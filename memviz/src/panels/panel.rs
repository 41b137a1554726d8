//! The trait that every panel implements, and the arguments of its functions.
//!
//! ```text
//!                 setup ──► new
//! scene, what changed ──► draw           ──► pixels
//!        scene, point ──► selection_at   ──► what is under the pointer
//!        scene, arrow ──► move_cursor    ──► what is selected next
//! ```
//! No function has a default, so the compiler rejects an incomplete panel.

use super::help::entry::Entry;
use crate::graphics::pointers::Pointers;
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
use crate::view::step::StepChanges;
use crate::view::zoom::Zoom;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::frame::WhyNot;

/// The position of a panel, and everything that stays constant while it is there.
#[derive(Clone, Copy)]
pub struct Setup<'p> {
    /// The rectangle of the panel.
    pub area: Rectangle,
    /// The text styles of the screen.
    pub styles: &'p Styles,
    /// The names of programs and areas.
    pub names: Names,
    /// The number of frames.
    pub frames: usize,
    /// The part of memory that the frame map shows.
    pub zoom: Zoom,
}

/// Everything that a picture shows.
#[derive(Clone, Copy)]
pub struct Scene<'d, 'm> {
    /// The text styles of the screen.
    pub styles: &'d Styles,
    /// The state of the machine.
    pub model: &'d Model<'m>,
    /// The history, and the position of the picture in it.
    pub timeline: &'d Timeline<'m>,
    /// Samples over time.
    pub samples: &'d Samples<'m>,
    /// The view of the frame map.
    pub mode: MapMode,
    /// The part of memory that the frame map shows.
    pub zoom: Zoom,
    /// The item that is selected or under the pointer.
    pub selection: Option<Selection>,
    /// The last refused run, if it is selected.
    pub why_not: Option<&'d WhyNot>,
    /// What changed in the current lesson step.
    pub step: &'d StepChanges,
    /// When the lesson began, in nanoseconds since boot.
    pub since: u64,
    /// The numbers that the caption points at.
    pub pointers: &'d Pointers,
}

/// A panel.
pub trait Panel: Sized {
    /// The name of the panel, for scripts.
    const NAME: &'static str;
    /// The entries of the panel in the help: a heading, and an entry for each number.
    const HELP: &'static [Entry];

    /// Returns a panel with this setup. Nothing of it is on the screen yet.
    fn new(setup: &Setup<'_>) -> Self;

    /// Returns whether the panel must be drawn when only this has changed.
    fn shows(changed: Changed) -> bool;

    /// Draws the panel, or its changes since the last drawing. `Extent::All` paints all of the
    /// rectangle. Nothing outside is painted.
    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error>;

    /// Returns the selection after a click at this point of the screen, which lies in the
    /// rectangle.
    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection>;

    /// Returns the selection after an arrow key, while the panel has the arrow keys. A panel
    /// without a cursor returns the selection of the scene.
    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection>;
}
