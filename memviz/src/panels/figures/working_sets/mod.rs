//! Working sets and memory over time, and the page faults when they do not fit.
//!
//! ```text
//! working sets      ▂▂ ▂▂ ▅▅ ▅▅ ██ ██ ── frames      interval 6
//! pages in frames   ▂▂ ▂▂ ▅▅ ▅▅ ▆▆ ▆▆                process  used  resident  faults
//! page faults       ▃           ██ ██                   5      64      50       64
//! own work          ██ ██ ██ ██ ▁▁ ▁▁                   6      64      50       64
//!                   1  2  3  4  5  6
//! ```
//! A column is the time between two measurements of working sets. The newest columns are shown.

mod bars;
mod draw;
mod log;
mod plot;
mod side;

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use draw::Drawing;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use log::WorkingSetLog;

/// The figure, and what it shows.
#[derive(Clone, Debug)]
pub struct WorkingSetsFigure {
    area: Rectangle,
    names: Names,
    log: WorkingSetLog,
    shown: Option<Shown>,
}

/// What the picture depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    version: (u64, u64, usize),
    step: u64,
    balance: [i64; 6],
    swapped: usize,
}

impl Panel for WorkingSetsFigure {
    const NAME: &'static str = "working sets";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: WORKING SETS"),
        Word("column", "the time between two measurements"),
        Word(
            "working sets",
            "pages that each process used in that time; accent: more than there are frames",
        ),
        Word("line", "the frames that pages of processes can have"),
        Word("pages in frames", "the resident pages of each process"),
        Word(
            "page faults",
            "solid: the page was read from swap; hollow: other faults",
        ),
        Word(
            "own work",
            "time of the processes without page faults, in percent",
        ),
    ];

    fn new(setup: &Setup<'_>) -> WorkingSetsFigure {
        WorkingSetsFigure {
            area: setup.area,
            names: setup.names,
            log: WorkingSetLog::default(),
            shown: None,
        }
    }

    // The balance of the step has no mark of its own.
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
        let now = Shown {
            version: self.log.version(),
            step: scene.step.start(),
            balance: scene.step.balance(),
            swapped: scene.model.swap.pages(),
        };
        if extent == Extent::Changed && self.shown == Some(now) {
            return Ok(());
        }
        let drawing = Drawing {
            styles: scene.styles,
            names: &self.names,
            swap: &scene.model.swap,
            step: scene.step,
            log: &self.log,
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
