//! Shared pages: the pages of two address spaces, and the frames that they lead to.
//!
//! ```text
//! Process 16  parent            Physical frames              Process 17  child
//! [page 0  r - -] ────────────► [U 0x1af8000   2 → (1)] ◄╌╌╌ [page 0  r - -]   before this step
//!                               [U 0x1b0e000       (1)] ◄─── [page 0  r w -]   now
//! [page 1  r - -] ────────────► [U 0x1af9000       (2)] ◄─── [page 1  r - -]
//! ```
//! The region is that of the selected page, or else the one of the last page fault of a process. A
//! page has the same row in both spaces. A page whose two frames differ has two rows.

mod arrows;
mod draw;
mod drawing;
mod frame;
mod geometry;
mod page;
mod rows;

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use drawing::Drawing;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use rows::Shared;

/// The figure and what it shows.
#[derive(Clone, Debug)]
pub struct SharedPages {
    area: Rectangle,
    shown: Option<Shared>,
}

impl Panel for SharedPages {
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

    fn new(setup: &Setup<'_>) -> SharedPages {
        SharedPages {
            area: setup.area,
            shown: None,
        }
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let shared = Shared::of(scene.model, scene.step, scene.selection);
        if extent == Extent::Changed && self.shown.as_ref() == Some(&shared) {
            return Ok(());
        }
        let drawing = Drawing {
            styles: scene.styles,
            shared: &shared,
            step: scene.step,
        };
        drawing.draw(surface, self.area)?;
        self.shown = Some(shared);
        Ok(())
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        let shared = self.shown.as_ref()?;
        draw::selection_at(scene.styles, shared, self.area, point)
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}
