//! The leak report: heap allocations since the last mark, by call site.
//!
//! ```text
//! by                owner     live                           in quarantine   freed
//! write_log         [C] cache ████████████████████ 60 (+30)  58.6 KiB   0       0
//! write_answer      [K] kernel                      0                   0      60
//! ```
//! Everything is read from the events since the mark. A freed block in quarantine is not live, and
//! its memory is not free yet.

mod draw;
mod report;

use super::figure::{Figure, FigurePanel};
use crate::graphics::surface::Surface;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::Scene;
use crate::view::names::Names;
use draw::Drawing;
use embedded_graphics::primitives::Rectangle;
use report::Report;

/// The panel of the leak report.
pub type LeakFigure = FigurePanel<Report>;

impl Figure for Report {
    const NAME: &'static str = "leak report";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: LEAK REPORT"),
        Word(
            "by",
            "the function that allocated, from the call site of the event",
        ),
        Word("live", "allocations since the mark that are not freed"),
        Word(
            "in quarantine",
            "freed allocations whose memory the heap does not reuse yet",
        ),
        Word("freed", "allocations since the mark whose memory is free"),
    ];

    fn of(scene: &Scene<'_, '_>) -> Self {
        Report::new(scene.timeline, scene.step)
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
            report: self,
        };
        drawing.draw(surface, area)
    }
}
