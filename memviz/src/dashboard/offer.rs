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

    /// Hides the refusal that the dashboard selected automatically, once it is not due any more. A
    /// caption that follows it finds the selection as if the refusal had not been shown.
    pub(super) fn withdraw_refusal(&mut self) {
        let is_selected = self.stage.selection == Some(Selection::Refusal);
        if self.refusal.is_offered && is_selected && !self.is_refusal_due() {
            self.refusal.is_offered = false;
            self.select(None);
        }
    }

    /// Selects the last refusal if it is due and nothing is selected.
    pub(super) fn offer_refusal(&mut self) {
        if self.stage.selection.is_none() && self.is_refusal_due() {
            self.refusal.is_offered = true;
            self.select(Some(Selection::Refusal));
        }
    }

    /// Returns whether time is paused right after a refusal that was not declined. After a later
    /// caption no refusal is due, because the caption may be a question.
    fn is_refusal_due(&self) -> bool {
        let stands_still = self.is_paused() || self.info.classroom;
        let refused = self.model.totals[Kind::FrameRefuse as usize];
        stands_still && self.refusal.declined != Some(refused) && self.timeline.ends_with_refusal()
    }
}
