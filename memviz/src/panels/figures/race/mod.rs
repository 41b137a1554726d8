//! The race of heap strategies: the arenas as equal rows, to scale, with the figures of each.
//!
//! ```text
//! buddy, whole blocks    ████▒▒ ██▒ ████████▒▒▒▒ ░░░░░░ ██▒▒        1,037 instructions a request
//!                        refused 3   allocated 800 KiB for 610 KiB   largest free 128 KiB
//! free list, first fit   █████████████████ ██████ ░░░░              1,726 instructions a request
//! ```
//! In a block, the requested bytes are solid; the rest is internal fragmentation.

mod draw;
mod strip;

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::changed::Changed;
use crate::view::names::Names;
use draw::Drawing;
use embedded_graphics::primitives::Rectangle;

/// The panel of the race.
pub type RaceFigure = FigurePanel<Race>;

/// The part of the picture that is not in the model: what changed in the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Race {
    balance: [i64; 6],
    is_question: bool,
}

impl Figure for Race {
    const NAME: &'static str = "race of heaps";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: RACE OF HEAPS"),
        Word(
            "strip",
            "the arena to scale; solid: requested bytes of a block",
        ),
        Word(
            "hatched",
            "internal fragmentation: bytes of a block that were not requested",
        ),
        Word("empty", "free blocks, with a border between two of them"),
        Word(
            "instructions",
            "of one request: a free and an allocation, with recording; under a real clock ticks",
        ),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        Race {
            balance: scene.step.balance(),
            is_question: scene.step.is_question,
        }
    }

    // The strips show all blocks of the arenas.
    fn shows(changed: Changed) -> bool {
        changed.heap
    }

    fn draw<S: Surface>(
        &self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        names: &Names,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let drawing = Drawing {
            styles: scene.styles,
            arenas: &scene.model.arenas,
            names,
            step: scene.step,
        };
        drawing.draw(surface, area)
    }
}
