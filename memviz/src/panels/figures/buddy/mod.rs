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

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::changed::Changed;
use crate::view::names::Names;
use drawing::Drawing;
use embedded_graphics::primitives::Rectangle;
use levels::Levels;

/// The panel of buddies.
pub type BuddyFigure = FigurePanel<Levels>;

impl Figure for Levels {
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

    fn of(scene: &Scene<'_, '_>) -> Self {
        Levels::new(scene.model, scene.step, scene.selection)
    }

    // The bar to scale shows all blocks of the chunk.
    fn shows(changed: Changed) -> bool {
        changed.heap
    }

    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &Names,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let drawing = Drawing {
            styles: scene.styles,
            model: scene.model,
            step: scene.step,
            levels: self,
        };
        drawing.draw(surface, area)
    }
}
