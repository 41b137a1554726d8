//! Buddies: how a chunk of the heap was halved down to one block, and how the block's buddy is
//! found.
//!
//! ```text
//! to scale  ▌▌▌ ▌    ▌          ▌
//! 1 MiB     ╎ split                                          ╎     buddy at      now
//! 512 KiB   ╎ split                              ╎ [ free  ]       …80000        free
//! 256 KiB   ╎ split              ╎ [ free  ]                       …40000        free
//! 4 KiB     [C] [free]                                             …01000        free
//! block     0x…200000     0000 0000 0000 0000
//! XOR 4 KiB     01000     0001 0000 0000 0000
//! buddy     0x…201000     0001 0000 0000 0000
//! ```
//! The block is the selected one. Every row has the same height: the bar above is to scale.

mod addresses;
mod draw;
mod drawing;
mod geometry;
mod level;
mod levels;

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
use levels::Levels;

/// The figure and what it shows.
#[derive(Clone, Debug)]
pub struct BuddyFigure {
    area: Rectangle,
    shown: Option<Levels>,
}

impl Panel for BuddyFigure {
    const NAME: &'static str = "buddies";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: BUDDIES"),
        Word("split", "a block that was halved; the halves are buddies"),
        Word("free", "the other half at this size"),
        Word("buddy at", "address of the other half"),
        Word(
            "XOR",
            "one bit of the address differs: that of the block's size",
        ),
    ];

    fn new(setup: &Setup<'_>) -> BuddyFigure {
        BuddyFigure {
            area: setup.area,
            shown: None,
        }
    }

    // The selection has no mark of its own.
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
        let levels = Levels::of(scene.model, scene.step, scene.selection);
        let is_same = self.shown.as_ref() == Some(&levels);
        if extent == Extent::Changed && is_same && !changes.panels.heap {
            return Ok(());
        }
        let drawing = Drawing {
            styles: scene.styles,
            model: scene.model,
            step: scene.step,
            levels: &levels,
        };
        drawing.draw(surface, self.area)?;
        self.shown = Some(levels);
        Ok(())
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}
