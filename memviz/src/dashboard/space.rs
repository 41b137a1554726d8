//! The effect of the Space key. Only this file decides it.
//!
//! | Where | Space |
//! |---|---|
//! | in the help | shows the next page |
//! | in a classroom, in the present | plays the next phase of the lesson |
//! | in a classroom, in the past | goes to the next caption |
//! | elsewhere | pauses, or resumes; in the past, replays |

use super::Dashboard;
use super::actions::Action;
use super::info::Request;
use crate::view::caption::Part;

impl Dashboard<'_> {
    /// Performs the current effect of Space.
    pub(super) fn press_space(&mut self) -> Option<Request> {
        if self.help.is_some() {
            self.turn_page();
            return None;
        }
        self.handle(match (self.info.classroom, self.timeline.is_live()) {
            (true, true) => Action::Step,
            (true, false) => Action::NextStep,
            (false, _) => Action::PlayPause,
        })
    }

    /// Returns the current effect of Space as a label of the bar, for a caption of this part.
    pub(super) fn space_words(&self, part: Option<Part>) -> &'static str {
        match (self.info.classroom, part) {
            (true, Some(Part::Question)) => "answer",
            (true, _) => "next",
            (false, _) if self.is_paused() => "play",
            (false, _) => "pause",
        }
    }
}
