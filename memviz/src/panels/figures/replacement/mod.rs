//! Page replacement: the table of textbooks, made of real page faults.
//!
//! ```text
//! reference      1   2   3   4   5
//! page           1   2   3   1   4    faults      Faults, by number of frames
//! FIFO 3 frames [1]  1   1  (1) [4]      4        frames   3   4
//!                –  [2]  2   2   2                FIFO     9  10
//!                –   –  [3]  3   3                Swap
//! ```
//! `[1]` is a fault, `(1)` a hit. The newest replays of one string stand below each other.

mod dial;
mod draw;
mod legend;
mod log;
mod side;

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::figures::followed::Followed;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use draw::Drawing;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use log::ReplayLog;

/// The figure and what it shows.
#[derive(Clone, Debug)]
pub struct ReplacementFigure {
    area: Rectangle,
    log: Followed<ReplayLog>,
    shown: Option<Shown>,
}

/// What the picture depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    version: u64,
    balance: [i64; 6],
    /// Pages in swap, and live processes.
    others: (usize, u64),
    is_question: bool,
}

impl Panel for ReplacementFigure {
    const NAME: &'static str = "replacement";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: PAGE REPLACEMENT"),
        Word("column", "a reference; a row is a frame"),
        Word(
            "light box",
            "page fault: the page was loaded into this frame",
        ),
        Word("edged box", "hit: the page was resident"),
        Word("triangle", "the page that leaves next; CLOCK: the hand"),
        Word("dot", "accessed bit set (CLOCK, NRU, AGING)"),
        Word(
            "circle",
            "the frames of CLOCK, with the accessed bit A and the hand",
        ),
        Word(
            "faults",
            "page faults of the replay; with more frames fewer?",
        ),
        Word("swap", "pages of the newest replay that have no frame now"),
    ];

    fn new(setup: &Setup<'_>) -> ReplacementFigure {
        ReplacementFigure {
            area: setup.area,
            log: Followed::default(),
            shown: None,
        }
    }

    // The end of a question has no mark of its own.
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
        self.log.follow(scene.timeline, scene.since);
        let model = scene.model;
        let now = Shown {
            version: self.log.version(),
            balance: scene.step.balance(),
            others: (model.swap.pages(), model.processes.live()),
            is_question: scene.step.is_question,
        };
        if extent == Extent::Changed && self.shown == Some(now) {
            return Ok(());
        }
        let drawing = Drawing {
            styles: scene.styles,
            model,
            step: scene.step,
            log: self.log.content(),
        };
        drawing.draw(surface, self.area)?;
        self.shown = Some(now);
        Ok(())
    }

    fn selection_at(&self, _: &Scene<'_, '_>, _: Point) -> Option<Selection> {
        None
    }

    fn move_cursor(&self, _: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        scene.selection
    }
}
