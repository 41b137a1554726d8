//! The comparison of the picture with an earlier moment of the same run.
//!
//! ```text
//!      bookmark             cursor
//! ────────┼─── came, went, changed ───┼──►      d: the changes of all panels begin at the bookmark
//! ```
//! The start is the last bookmark before the picture. So it moves when time passes a bookmark, and
//! without one the changes are those of the lesson step.

use super::Dashboard;
use super::info::Request;

impl Dashboard<'_> {
    /// Shows the changes since the last bookmark, or those of the lesson step again.
    pub(super) fn toggle_comparison(&mut self) -> Option<Request> {
        if !self.compares && self.timeline.bookmark_before().is_none() {
            let none = "there is no bookmark before this moment: set one with b";
            return Some(Request::Warn(none));
        }
        self.compares = !self.compares;
        self.redraw = true;
        None
    }

    /// Returns the bookmark at which the changes begin, unless a lesson step is their start.
    pub(super) fn compared_bookmark(&self) -> Option<u64> {
        self.compares.then(|| self.timeline.bookmark_before())?
    }
}
