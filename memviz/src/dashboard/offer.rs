//! Shows the last refused run: on a key, or while time is paused.

use super::Dashboard;
use crate::view::selection::Selection;
use mm::event::Kind;

impl Dashboard<'_> {
    /// Shows or hides the last refusal.
    pub(super) fn toggle_refusal(&mut self) {
        let is_looked_at = self.stage.selection == Some(Selection::Refusal);
        self.refusal.is_offered = false;
        self.select((!is_looked_at).then_some(Selection::Refusal));
    }

    /// Hides the refusal that the dashboard selected automatically.
    pub(super) fn decline_refusal(&mut self) {
        if self.refusal.is_offered {
            self.refusal.declined = Some(self.model.totals[Kind::FrameRefuse as usize]);
        }
    }

    /// Selects the last refusal if time is paused right after it and nothing is selected. After a
    /// later caption it stays hidden, because the caption may be a question.
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
