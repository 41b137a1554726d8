//! When the cells of the frame map changed last, found anew in the history after a journey through time.
//!
//! ```text
//!   undone a few:   looks only for what those few had changed before      recall_ages
//!   otherwise:      reads back as far as a change is still lit            remember_ages
//! ```

use super::Timeline;
use super::kinds::frames_of;
use crate::model::{Model, accents, changes_frames};
use core::ops::Range;
use mm::event::changed_frames;
use mm::memory_map::FRAME_BYTES;

/// Events that are undone one by one: for more, everything is looked at anew.
const FEW: u64 = 64;

impl Timeline<'_> {
    /// Tells the model's map what changed lately, as far as that is kept: by the picture's events and nothing else.
    pub fn remember_ages(&self, model: &mut Model) {
        let time = self.current().map_or(0, |event| event.time);
        let since = accents::horizon(time);
        let known = model.frames.len() as u64;
        model.cells.forget(time);
        for number in (self.first..self.cursor).rev() {
            let words = self.slots[self.slot(number)];
            if words[0] < since {
                break;
            }
            if !changes_frames(words[1] as u8) {
                continue;
            }
            let event = self.event(number);
            if let Some((start, count)) = frames_of(&event.payload) {
                let first = (start / FRAME_BYTES).min(known);
                let end = first.saturating_add(count).min(known);
                model
                    .cells
                    .remember(first as usize..end as usize, event.time);
            }
        }
    }

    /// Events were undone, and nothing else has happened to the model's map since: tells it when the cells that they changed had
    /// changed before. False where that would be no less than [`Timeline::remember_ages`].
    pub fn recall_ages(&self, undone: Range<u64>, model: &mut Model) -> bool {
        let before = undone
            .start
            .checked_sub(1)
            .and_then(|number| self.get(number));
        let time = before.map_or(0, |event| event.time);
        if undone.end - undone.start > FEW || !model.cells.is_of_period(time) {
            return false;
        }
        let frames_of = |number: u64| {
            let (first, count) = changed_frames(&self.slots[self.slot(number)])?;
            let first = (first.as_u64() / FRAME_BYTES) as usize;
            Some(first..first.saturating_add(count as usize))
        };
        let (mut first, mut end) = (usize::MAX, 0);
        for frames in undone.clone().filter_map(frames_of) {
            (first, end) = (first.min(frames.start), end.max(frames.end));
            model.cells.undo(frames);
        }
        let cells = model.cells.view().cells_of(first..end);
        let since = accents::horizon(time);
        for number in (self.first..undone.start).rev() {
            let time = self.slots[self.slot(number)][0];
            if time < since || cells.is_empty() {
                break;
            }
            if let Some(frames) = frames_of(number) {
                model.cells.recall(frames, time, &cells);
            }
        }
        true
    }
}
