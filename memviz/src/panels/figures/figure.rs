//! The trait that every figure implements, and the panel that shows a figure.
//!
//! ```text
//! scene ──► Figure::of ──► equal to the value on the screen? ── no ──► Figure::draw
//! ```
//! A value of a figure holds everything that the picture depends on, so equal values have equal
//! pictures. [`FigurePanel`] draws the whole figure when its value has changed, and nothing
//! otherwise. While events, selection and model are the same, it does not ask for the value.

use super::pointers;
use crate::graphics::places::Places;
use crate::graphics::pointers::Pointers;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry;
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use core::fmt::Debug;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;

/// A figure: a value is what one picture shows.
pub trait Figure: Clone + Debug + PartialEq {
    /// The name of the figure, for scripts.
    const NAME: &'static str;
    /// The entries of the figure in the help: a heading, and an entry for each word.
    const HELP: &'static [Entry];

    /// Returns what the figure shows of a scene.
    fn of(scene: &Scene<'_, '_>) -> Self;

    /// Returns whether the figure must be drawn although its value is the same: it also shows
    /// something of the scene that is not in the value.
    fn shows(_: Changed) -> bool {
        false
    }

    /// Draws all of the rectangle.
    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        names: &Names,
        area: Rectangle,
    ) -> Result<(), S::Error>;

    /// Returns the selection after a click at this point of the screen.
    fn selection_at(&self, _: &Styles, _area: Rectangle, _: Point) -> Option<Selection> {
        None
    }
}

/// The panel of a figure.
#[derive(Clone, Debug)]
pub struct FigurePanel<F> {
    area: Rectangle,
    names: Names,
    /// The figure that is on the screen, with the numbers that have discs.
    shown: Option<(F, Pointers)>,
    /// The picture that it was read from: the position in the history, its end, the selection.
    seen: Option<(u64, u64, Option<Selection>)>,
}

impl<F: Figure> Panel for FigurePanel<F> {
    const NAME: &'static str = F::NAME;
    const HELP: &'static [Entry] = F::HELP;

    fn new(setup: &Setup<'_>) -> Self {
        FigurePanel {
            area: setup.area,
            names: setup.names,
            shown: None,
            seen: None,
        }
    }

    // The selection and the step are parts of the picture, and `Changed` does not have them.
    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let position = (scene.timeline.cursor(), scene.timeline.end());
        let seen = Some((position.0, position.1, scene.selection));
        let is_idle = self.seen == seen && changes.panels == Changed::default();
        if extent == Extent::Changed && is_idle {
            return Ok(());
        }
        self.seen = seen;
        let figure = F::of(scene);
        let is_on_screen = self.shown.as_ref().is_some_and(|(shown, pointers)| {
            (shown, pointers) == (&figure, scene.pointers) && !F::shows(changes.panels)
        });
        if extent == Extent::Changed && is_on_screen {
            return Ok(());
        }
        let mut places = Places::new(surface, scene.pointers);
        figure.draw(&mut places, scene, &self.names, self.area)?;
        let places = places.found();
        pointers::draw(surface, scene.styles, self.area, &places)?;
        self.shown = Some((figure, scene.pointers.clone()));
        Ok(())
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        let (figure, _) = self.shown.as_ref()?;
        figure.selection_at(scene.styles, self.area, point)
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}
