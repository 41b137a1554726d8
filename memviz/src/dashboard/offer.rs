//! When the dashboard shows the run that was refused last: on a key, or while time stands still.

use super::Dashboard;
use crate::view::selection::Selection;
use mm::event::Kind;

impl Dashboard<'_> {
    /// Looks at the last refusal, or no more.
    pub(super) fn toggle_refusal(&mut self) {
        let is_looked_at = self.stage.selection == Some(Selection::Refusal);
        self.refusal.is_offered = false;
        self.select((!is_looked_at).then_some(Selection::Refusal));
    }

    /// Nobody wants to see the refusal that the dashboard has shown by itself.
    pub(super) fn decline_refusal(&mut self) {
        if self.refusal.is_offered {
            self.refusal.declined = Some(self.model.totals[Kind::FrameRefuse as usize]);
        }
    }

    /// While time stands still right after a refusal, and nothing is selected, that is what there
    /// is to look at. Once a caption has come after it, nothing is told unasked: the caption
    /// may be a question.
    pub(super) fn offer_refusal(&mut self) {
        let stands_still = self.is_paused() || self.info.classroom;
        let refused = self.model.totals[Kind::FrameRefuse as usize];
        let is_due = stands_still
            && self.refusal.declined != Some(refused)
            && self.timeline.ends_with_refusal();
        match (self.stage.selection, is_due) {
            (None, true) => {
                self.refusal.is_offered = true;
                self.select(Some(Selection::Refusal));
            }
            (Some(Selection::Refusal), false) if self.refusal.is_offered => {
                self.refusal.is_offered = false;
                self.select(None);
            }
            _ => {}
        }
    }
}
