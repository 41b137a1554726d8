//! The last comparison with the machine: what the picture says at a place, and what the machine
//! says.
//!
//! ```text
//! ╭ the picture, from events ─╮        ╭ the machine itself ───────╮
//! │ [C] cache                 │   ≠    │ [K] kernel                │
//! ╰───────────────────────────╯        ╰───────────────────────────╯
//!   frames around it   ▒▒▒▒▒▒▒[▨]▒▒▒▒▒▒▒
//!   last event there   frame retag 0xf87e000 kernel → cache
//! ```
//! Everything is read from events: the comparison records each mismatch as an event, so the figure
//! goes back in time as everything else does.

mod draw;
mod finding;

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::names::Names;
use draw::Drawing;
use embedded_graphics::primitives::Rectangle;
use finding::Findings;

/// The panel of the comparison.
pub type TruthFigure = FigurePanel<Findings>;

impl Figure for Findings {
    const NAME: &'static str = "picture and machine";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: PICTURE AND MACHINE"),
        Word("the picture", "what the events say; every panel shows this"),
        Word(
            "the machine",
            "what bitmap, reference counts, heap and page tables say",
        ),
        Word(
            "≠",
            "the two differ: the place is hatched in red until they agree",
        ),
        Word(
            "on purpose",
            "a wrong event was recorded: lesson truth, or “falsify” in the shell",
        ),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        Findings::new(scene.timeline, scene.model, scene.step)
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
            step: scene.step,
            findings: self,
        };
        drawing.draw(surface, area)
    }
}
