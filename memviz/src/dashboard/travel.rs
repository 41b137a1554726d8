//! Travel through time: the keys of the timeline, and the replay of the past.

use super::Dashboard;
use super::info::Request;
use crate::dashboard::actions::Action;
use crate::timeline::bookmarks::FULL;
use mm::event::Kind;

/// The longest wait between two events of a replay, in nanoseconds: longer pauses are shortened.
const LONGEST_WAIT: u64 = 500_000_000;

impl Dashboard<'_> {
    /// Handles a key of the timeline. A jump into the past pauses the replay.
    pub(super) fn travel(&mut self, action: Action) -> Option<Request> {
        let is_live = self.timeline.is_live();
        let timeline = &mut self.timeline;
        let place = match action {
            Action::PlayPause => {
                self.status.paused = !self.status.paused;
                self.replay.clock = timeline.current().map_or(0, |event| event.time);
                return None;
            }
            Action::Step if is_live => return Some(Request::Step),
            Action::NextStep if is_live => return Some(Request::NextStep),
            Action::Step => timeline.cursor() + 1,
            Action::StepBack => timeline.cursor().saturating_sub(1),
            Action::NextStep => timeline.next_step().unwrap_or(timeline.end()),
            Action::PreviousStep => timeline.previous_step(),
            Action::First => timeline.first(),
            Action::Live => timeline.end(),
            Action::Bookmark => {
                return (!timeline.toggle_bookmark()).then_some(Request::Warn(FULL));
            }
            Action::NextBookmark => timeline.next_bookmark()?,
            _ => return None,
        };
        self.travel_to(place);
        None
    }

    /// Goes to this index in the history. A jump into the past pauses the replay.
    pub fn travel_to(&mut self, place: u64) {
        let is_live = self.timeline.is_live();
        if !is_live || place != self.timeline.cursor() {
            self.status.paused = true;
        }
        self.go_to(place);
    }

    /// Goes there, and restores the ages of the cells of the map. Going forward, the model updates
    /// them itself.
    fn go_to(&mut self, place: u64) {
        let before = self.timeline.cursor();
        self.timeline
            .move_model_to(place, &mut self.model, &mut self.changes);
        let undone = self.timeline.cursor()..before;
        if !undone.is_empty() && !self.ages_unknown {
            self.ages_unknown = !self.changes.cells.recall_ages(&self.timeline, undone);
        }
    }

    /// Replays the events that are due by `now`, at their original speed, unless paused. In a trace
    /// it stops at each caption, so that a picture shows it.
    pub(super) fn play_again(&mut self, now: u64) {
        let passed = now.saturating_sub(self.replay.last_tick);
        self.replay.last_tick = now;
        if self.status.paused {
            return;
        }
        let Some(next) = self.timeline.next() else {
            return;
        };
        let clock = self.replay.clock + passed;
        self.replay.clock = clock.max(next.time.saturating_sub(LONGEST_WAIT));
        let mut place = self.timeline.cursor();
        while let Some(event) = self.timeline.get(place)
            && event.time <= self.replay.clock
        {
            place += 1;
            if self.info.from_trace && event.payload.kind() == Kind::Caption {
                self.replay.clock = event.time;
                break;
            }
        }
        self.go_to(place);
    }

    /// Returns the time of the picture.
    pub(super) fn picture_time(&self, now: u64) -> u64 {
        match self.timeline.is_live() {
            true => now,
            false => self.timeline.current().map_or(0, |event| event.time),
        }
    }
}
