//! The heap over time: the addresses of an arena up, its requests across.
//!
//! ```text
//! free list, first fit   1 MiB, request 20 of 20     Strategies      utilised  refused
//! ┌──────────────────────────────────────────────┐   first fit         99.9 %        1
//! │      ▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆                  │   best fit          99.9 %        0
//! │▆▆▆▆▆▆▆▆▆▆▆▆       ▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆           │
//! └──────────────────────────────────────────────┘   a block: as high as it is long,
//!                                      ▀ refused     as wide as it lives
//! ```
//! Each arena of the last workload has a map. Maps and figures follow from the events alone, so
//! they are the same when time goes back.

mod draw;
mod lane;
mod log;
mod map;
mod places;
mod rows;
mod side;
#[cfg(test)]
mod tests;

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use draw::Drawing;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use log::{LANES, WorkloadLog};

/// The figure and what it shows.
#[derive(Clone, Debug)]
pub struct HeapMapFigure {
    area: Rectangle,
    log: WorkloadLog,
    shown: Option<Shown>,
}

/// What the picture depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    version: u64,
    balance: [i64; 6],
    /// The requests across.
    requests: u32,
    /// For each arena, the position of its first event, and its requests.
    lanes: Vec<(u64, u32), LANES>,
}

impl Shown {
    fn of(log: &WorkloadLog, scene: &Scene<'_, '_>) -> Shown {
        let lanes = log.lanes.iter();
        Shown {
            version: log.version(),
            balance: scene.step.balance(),
            requests: log.requests(),
            lanes: lanes
                .map(|lane| (lane.begin, lane.counts.requests))
                .collect(),
        }
    }

    /// Returns whether the maps of this picture are the beginning of those in the next one.
    fn continues_in(&self, next: &Shown) -> bool {
        let same = |(one, other): (&(u64, u32), &(u64, u32))| one.0 == other.0 && one.1 <= other.1;
        let kept = (self.balance, self.requests, self.lanes.len());
        kept == (next.balance, next.requests, next.lanes.len())
            && !self.lanes.is_empty()
            && self.lanes.iter().zip(&next.lanes).all(same)
    }
}

impl Panel for HeapMapFigure {
    const NAME: &'static str = "heap-map";
    const HELP: &'static [Entry] = &[
        Heading("FIGURE: HEAP OVER TIME"),
        Word("up", "addresses of the arena, from its start"),
        Word("across", "requests, from the first to the last"),
        Word(
            "utilised",
            "peak of requested bytes / highest end of a block",
        ),
        Word("instr.", "guest instructions of the strategy for a request"),
        Word("life time", "requests from allocation to free"),
    ];

    fn new(setup: &Setup<'_>) -> HeapMapFigure {
        HeapMapFigure {
            area: setup.area,
            log: WorkloadLog::default(),
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
        let is_new = self.log.follow(scene.timeline);
        let now = Shown::of(&self.log, scene);
        if extent == Extent::Changed && self.shown.as_ref() == Some(&now) {
            return Ok(());
        }
        let drawing = Drawing {
            scene,
            log: &self.log,
            area: self.area,
        };
        // A model that contradicts an event cannot be taken back exactly.
        let is_exact = scene.model.contradictions == 0 && !is_new && extent == Extent::Changed;
        let before = self
            .shown
            .take()
            .filter(|before| is_exact && before.continues_in(&now));
        match before {
            Some(before) => {
                let shown: Vec<u32, LANES> = before.lanes.iter().map(|lane| lane.1).collect();
                drawing.draw_new(surface, &shown)?;
            }
            None => drawing.draw(surface)?,
        }
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
