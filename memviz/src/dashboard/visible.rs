//! Steps from one visible event to the next: from one that changes the picture to another.
//!
//! ```text
//! ←   undo events until the figure looks different        → the same, forward
//! ,   undo one event                                      . one event forward
//! ```
//! On a board, every event except samples of heat is visible. Figures are compared by their drawing
//! operations, so a step passes over events of another process or another block.

use super::Dashboard;
use crate::graphics::fingerprint::Fingerprint;
use crate::panels::panel::Scene;
use crate::timeline::kinds::{is_caption, is_periodic};
use crate::view::extent::Extent;
use core::convert::Infallible;

/// The maximum number of comparisons of a figure for one key.
const COMPARISONS: usize = 24;

impl Dashboard<'_> {
    /// Returns the position before the event that was seen last.
    pub(super) fn seen_before(&mut self) -> u64 {
        self.seen(|place, first| (place > first).then(|| place - 1))
    }

    /// Returns the position after the next event that can be seen.
    pub(super) fn seen_next(&mut self) -> u64 {
        let end = self.timeline.end();
        self.seen(|place, _| (place < end).then_some(place + 1))
    }

    /// Returns the first position, from the cursor on, at which the picture differs. `step` returns
    /// the neighbour of a position.
    fn seen(&mut self, step: impl Fn(u64, u64) -> Option<u64>) -> u64 {
        let start = self.timeline.cursor();
        let has_figure = self.stage.shown_figure().is_some();
        let before = has_figure.then(|| self.hero());
        let (mut place, mut compared) = (start, 0);
        while let Some(next) = step(place, self.timeline.first()) {
            // The event between the two positions.
            let event = place.min(next);
            place = next;
            let kind = self.timeline.words(event)[1] as u8;
            if is_periodic(kind) {
                continue;
            }
            let Some(before) = before.filter(|_| !is_caption(kind)) else {
                break;
            };
            self.travel_to(place);
            compared += 1;
            if compared == COMPARISONS || self.hero() != before {
                break;
            }
        }
        place
    }

    /// Returns the drawing operations of the figure.
    fn hero(&mut self) -> Fingerprint {
        let caption = self.info.caption;
        let bookmark = self.compared_bookmark();
        self.step
            .follow(&self.timeline, &self.model, bookmark, caption);
        let mut surface = Fingerprint::new(self.screen);
        let scene = Scene {
            styles: &self.styles,
            model: &self.model,
            timeline: &self.timeline,
            samples: &self.samples,
            mode: self.mode,
            zoom: self.stage.zoom,
            selection: self.stage.selection,
            why_not: None,
            step: &self.step,
            since: self.followed.began,
            pointers: &self.pointers,
        };
        let drawn: Result<(), Infallible> =
            self.panels
                .draw(&mut surface, &scene, &mut self.changes, Extent::All);
        let Ok(()) = drawn;
        // The panel assumes that the screen shows this drawing.
        self.redraw = true;
        surface
    }
}
