//! One hard fault: a page comes back from swap, from the access to the new entry.
//!
//! ```text
//! [1 access ] ─► [2 entry      ] ─► [3 slot ] ─► [4 frame    ] ─► [5 entry  ]
//!  reads          not present,       slot 1,      0x1b0e000,       present,
//!  page 1         slot 1             10 B         page 2 leaves    0x1b0e000
//!
//! entry before  │ 63–44: 0 │ 43–12: slot 1          │ 11–2: 0 │ 1: 1 │ P 0 │
//! entry after   │ NX 1 │   │ 51–12: frame 0x1b0e000 │ …  │ U 1 │ W 1 │ P 1 │
//! cost          │ make room ▒▒▒▒▒▒▒│ read ▒▒▒▒│ map ▒│
//! ```
//! Before the first hard fault, the figure shows the last page that went to swap.

mod boxes;
mod cost;
mod draw;
mod entry;
mod log;

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::figures::followed::Followed;
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
use log::HardFaultLog;

/// The figure, and what it shows.
#[derive(Clone, Debug)]
pub struct HardFaultFigure {
    area: Rectangle,
    names: Names,
    log: Followed<HardFaultLog>,
    shown: Option<Shown>,
}

/// What the picture depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    since: u64,
    version: u64,
    balance: [i64; 6],
    is_concealed: bool,
    used: u64,
    users: u16,
}

impl Panel for HardFaultFigure {
    const NAME: &'static str = "hard fault";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: ONE HARD FAULT"),
        Word(
            "access",
            "what the process did, and the error code of the CPU",
        ),
        Word("entry", "the page-table entry: not present, with the slot"),
        Word("slot", "where the content is; users: entries and frames"),
        Word("frame", "the new frame, and the page that left it"),
        Word("cost", "where the time of the fault went, to scale"),
    ];

    fn new(setup: &Setup<'_>) -> HardFaultFigure {
        HardFaultFigure {
            area: setup.area,
            names: setup.names,
            log: Followed::default(),
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
        let swap = &scene.model.swap;
        let log = self.log.content();
        let slot = log.subject().map(|stored| stored.slot);
        let now = Shown {
            since: scene.since,
            version: self.log.version(),
            balance: scene.step.balance(),
            is_concealed: scene.step.is_concealed,
            used: swap.used(),
            users: slot.map_or(0, |slot| swap.slot(slot).users),
        };
        if extent == Extent::Changed && self.shown == Some(now) {
            return Ok(());
        }
        let drawing = Drawing {
            styles: scene.styles,
            names: &self.names,
            step: scene.step,
            log,
            used: now.used,
            users: now.users,
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
