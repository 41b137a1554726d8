//! The time of the last change of each cell of the frame map, found in the history after the cursor
//! moved.
//!
//! ```text
//!   after a few reverted events:   searches for the cells that these events changed    recall_ages
//!   otherwise:                     reads back as far as a change is still visible      remember_ages
//! ```

use crate::timeline::Timeline;
use crate::view::map::{Cells, horizon};
use core::ops::Range;
use mm::event::changed_frames;
use mm::memory_map::FRAME_BYTES;

/// The maximum number of reverted events for a search by cell; after more, all cells are searched.
const FEW: u64 = 64;

impl Cells<'_> {
    /// Finds the cells that changed recently, from the events in the history that the picture
    /// shows. The machine has `frames` frames.
    pub fn remember_ages(&mut self, timeline: &Timeline, frames: usize) {
        let time = timeline.current().map_or(0, |event| event.time);
        let since = horizon(time);
        let known = frames as u64;
        self.forget(time);
        for number in (timeline.first()..timeline.cursor()).rev() {
            let words = timeline.words(number);
            if words[0] < since {
                break;
            }
            if let Some((start, count)) = changed_frames(words) {
                let first = (start.as_u64() / FRAME_BYTES).min(known);
                let end = first.saturating_add(count).min(known);
                self.remember(first as usize..end as usize, words[0]);
            }
        }
    }

    /// Finds the earlier changes of the cells that just reverted events had changed. Returns false
    /// if [`Cells::remember_ages`] would cost less.
    pub fn recall_ages(&mut self, timeline: &Timeline, undone: Range<u64>) -> bool {
        let before = undone
            .start
            .checked_sub(1)
            .and_then(|number| timeline.get(number));
        let time = before.map_or(0, |event| event.time);
        if undone.end - undone.start > FEW || !self.is_of_period(time) {
            return false;
        }
        let frames_of = |number: u64| {
            let (first, count) = changed_frames(timeline.words(number))?;
            let first = (first.as_u64() / FRAME_BYTES) as usize;
            Some(first..first.saturating_add(count as usize))
        };
        let (mut first, mut end) = (usize::MAX, 0);
        for frames in undone.clone().filter_map(frames_of) {
            (first, end) = (first.min(frames.start), end.max(frames.end));
            self.undo(frames);
        }
        let cells = self.view().cells_of(first..end);
        let since = horizon(time);
        for number in (timeline.first()..undone.start).rev() {
            let time = timeline.words(number)[0];
            if time < since || cells.is_empty() {
                break;
            }
            if let Some(frames) = frames_of(number) {
                self.recall(frames, time, &cells);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fault;
    use crate::testing::watched::{Watched, with_model};
    use crate::view::map::{AGES, View};
    use mm::event::{Event, Payload};
    use mm::tag::Tag;
    use proptest::prelude::*;
    use x86_64::PhysAddr;

    /// Half a period of the map: see [`accents`].
    const BEAT: u64 = 1 << 27;
    const FRAMES: usize = 64;

    /// Returns the period of the map that an event belongs to.
    fn period(event: &Event) -> u64 {
        event.time / (2 * BEAT)
    }

    /// Returns the age of each cell in periods, computed from the events of the picture one by one.
    fn ages(events: &[Event], view: View) -> Vec<Option<u32>> {
        let mut ages = vec![None; view.cells];
        let now = events.last().map_or(0, period);
        for event in events {
            let Payload::FrameRetag { first, frames, .. } = event.payload else {
                continue;
            };
            let first = (first.as_u64() / FRAME_BYTES) as usize;
            for cell in (first..first + frames as usize).filter_map(|frame| view.cell_of(frame)) {
                ages[cell] = Some((now - period(event)) as u32).filter(|&age| age < AGES);
            }
        }
        ages
    }

    proptest! {
        /// After moves of the cursor by few or many events, both searches find the same ages.
        #[test]
        fn ages_are_those_of_the_events(
            changes in prop::collection::vec((0..FRAMES - 4, 1u32..5, 0u64..4), 1..150),
            shift in 0u32..3,
            journeys in prop::collection::vec(0usize..150, 1..20),
        ) {
            let view = View { first: 8, shift, cells: 12 };
            let mut time = 3 * BEAT;
            let events: Vec<Event> = changes.iter().map(|&(first, frames, wait)| {
                time += wait / 2 * BEAT;
                let (first, tag) = (PhysAddr::new(first as u64 * FRAME_BYTES), Tag::empty());
                let payload = Payload::FrameRetag { first, frames, from: tag, to: tag };
                Event { time, cpu: 0, site: 0, payload }
            }).collect();
            with_model(FRAMES, 1 << 20, view, |model| {
                let (mut slots, mut evicted) = (vec![[0; 4]; 200], [Fault::default(); 4]);
                let mut timeline = Timeline::new(&mut slots, &mut evicted);
                let shown = |model: &Watched| (0..view.cells).map(|cell| model.changes.cells.accents.age(cell)).collect::<Vec<_>>();
                prop_assert_eq!(shown(model), vec![None; view.cells]);
                for (at, event) in events.iter().enumerate() {
                    timeline.record_and_apply(event, &mut model.model, &mut model.changes);
                    prop_assert_eq!(shown(model), ages(&events[..=at], view));
                }
                for place in journeys {
                    let before = timeline.cursor();
                    timeline.move_model_to(place.clamp(1, events.len()) as u64, &mut model.model, &mut model.changes);
                    let undone = timeline.cursor()..before;
                    if !undone.is_empty() && !model.changes.cells.recall_ages(&timeline, undone) {
                        model.changes.cells.remember_ages(&timeline, FRAMES);
                    }
                    prop_assert_eq!(shown(model), ages(&events[..timeline.cursor() as usize], view));
                }
                Ok(())
            })?;
        }
    }
}
