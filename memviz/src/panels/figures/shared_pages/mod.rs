//! Shared pages: the pages of two address spaces, and the frames that they lead to.
//!
//! ```text
//! Process 16  parent            Physical frames              Process 17  child
//! [page 0  r - -] ────────────► [U 0x1af8000   2 → (1)] ◄╌╌╌ [page 0  r - -]   before this step
//!                               [U 0x1b0e000       (1)] ◄─── [page 0  r w -]   now
//! [page 1  r - -] ────────────► [U 0x1af9000       (2)] ◄─── [page 1  r - -]
//! ```
//! The region is that of the selected page, or else the one of the last page fault of a process. A
//! page has the same row in both spaces. A page whose two frames differ has two rows. The last
//! fault of the step stands below, in one line.

mod arrows;
mod draw;
mod drawing;
mod frame;
mod geometry;
mod page;
mod rows;

use super::figure::{Figure, FigurePanel};
use super::{fault_line, parts};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::panels::storyboard::Story;
use crate::view::names::Names;
use crate::view::selection::Selection;
use drawing::Drawing;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use geometry::Geometry;
use rows::Shared;

/// The panel of shared pages.
pub type SharedPages = FigurePanel<Shared>;

impl Figure for Shared {
    const NAME: &'static str = "shared pages";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: SHARED PAGES"),
        Word(
            "page 0 …",
            "pages of one region, in the same row in both spaces",
        ),
        Word("r w x", "access rights of the page; a dash: not granted"),
        Word("cow", "copy-on-write: the first write copies the frame"),
        Word(
            "(2)",
            "reference count of the frame; 2 → 1: changed in this step",
        ),
        Word("dashed", "the state before this step"),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        let mut shared = Shared::new(scene.model, scene.step, scene.selection);
        let is_shown = |story: &Story| shared.spaces.contains(&Some(story.fault.space));
        shared.fault = fault_line::story(scene).filter(is_shown);
        shared
    }

    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        names: &Names,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let styles = scene.styles;
        let content = parts::content(styles, area);
        let drawing = Drawing {
            styles,
            shared: &self.within(Geometry::most_rows(styles, content)),
            step: scene.step,
            names,
        };
        drawing.draw(surface, area)
    }

    fn selection_at(&self, styles: &Styles, area: Rectangle, point: Point) -> Option<Selection> {
        let rows = Geometry::most_rows(styles, parts::content(styles, area));
        draw::selection_at(styles, &self.within(rows), area, point)
    }
}
