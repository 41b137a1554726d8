//! One page fault as one line, from the access to the retry, and the pages around its address.
//!
//! ```text
//! Fault 525  at 0.236 s, 6,120 instructions
//! [1 touch  ] ─► [2 walk   ] ─► [3 decide ] ─► [4 act    ] ─► [5 retry  ]
//! ring 3 writes  PML4 present   stack growth   frame mapped   the write
//! 0x7fff…ff8     PT ▲ missing   in stack       0x1b0e000      works now
//!
//! pages   [▨][▨][░][░][U][U][U][U]     ▨ guard  ░ reserved  U mapped, with its owner's letter
//! ```
//! The fault is the selected one, or else the last one of this step. Without a fault, the figure
//! shows the pages around the selected page, larger.

mod content;
mod draw;
mod lens;
mod pages;
mod steps;

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::names::Names;
use content::Content;
use draw::Drawing;
use embedded_graphics::primitives::Rectangle;

/// The panel of one fault.
pub type FaultFigure = FigurePanel<Content>;

impl Figure for Content {
    const NAME: &'static str = "one fault";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: ONE PAGE FAULT"),
        Word("touch", "the access, and the error code of the CPU"),
        Word("walk", "the entries at the time of the fault"),
        Word("decide", "the cause, from the entry and the memory region"),
        Word("act", "what the handler did"),
        Word("retry", "what happened to the access"),
        Word(
            "pages",
            "the pages around the address; hatched: guard; dashed: reserved, not yet mapped",
        ),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        Content::new(scene)
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
            names,
            step: scene.step,
            content: self,
        };
        drawing.draw(surface, area)
    }
}
