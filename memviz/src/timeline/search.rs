//! Searches of the history backwards from the cursor.
//!
//! A search decodes only the events that match; of all others it reads the kind.

use super::Timeline;
use super::kinds::{is_about_allocations, is_about_frames, is_periodic, is_refusal};
use mm::event::{Event, Payload, Subject};
use mm::frame::Run;
use mm::memory_map::FRAME_BYTES;
use x86_64::VirtAddr;

impl Timeline<'_> {
    /// Returns the events before the cursor that changed this frame, with their numbers, newest
    /// first. Heat events are excluded.
    pub fn at_frame(&self, frame: usize) -> impl Iterator<Item = (u64, Event)> {
        self.at_frame_since(frame, self.first)
    }

    /// Returns the events from [`Timeline::at_frame`] whose number is at least `since`.
    pub fn at_frame_since(&self, frame: usize, since: u64) -> impl Iterator<Item = (u64, Event)> {
        let address = frame as u64 * FRAME_BYTES;
        let numbers = (self.first.max(since)..self.cursor).rev();
        numbers.filter_map(move |number| {
            let event = self
                .is_of(number, is_about_frames)
                .then(|| self.event(number))?;
            let Subject::Frames(start, frames) = event.payload.subject() else {
                return None;
            };
            let start = start.as_u64();
            let end = start.saturating_add(frames.saturating_mul(FRAME_BYTES));
            (start..end).contains(&address).then_some((number, event))
        })
    }

    /// Returns the events before the cursor about the allocation that starts at an address, newest
    /// first. Their numbers are at least `since`.
    pub fn at_allocation_since(
        &self,
        start: VirtAddr,
        since: u64,
    ) -> impl Iterator<Item = (u64, Event)> {
        let most = self.cursor.saturating_sub(since);
        let events = self.events_back(most, is_about_allocations);
        events.filter(move |(_, event)| event.payload.subject() == Subject::Allocation(start))
    }

    /// Returns the run that was refused last before the cursor, if its event is in the history.
    pub fn last_refusal(&self) -> Option<Run> {
        let mut numbers = (self.first..self.cursor).rev();
        let number = numbers.find(|&number| self.is_of(number, is_refusal))?;
        match self.event(number).payload {
            Payload::FrameRefuse { refused, .. } => Some(refused.run()),
            _ => None,
        }
    }

    /// Returns whether the last event before the cursor, apart from heat, is the refusal of a run.
    pub fn ends_with_refusal(&self) -> bool {
        const REACH: usize = 64;
        let mut numbers = (self.first..self.cursor).rev().take(REACH);
        let last = numbers.find(|&number| !self.is_of(number, is_periodic));
        last.is_some_and(|number| self.is_of(number, is_refusal))
    }

    /// Returns the events of some kinds among the last `most` before the cursor, with their
    /// numbers, newest first.
    pub fn events_back(
        &self,
        most: u64,
        kinds: impl Fn(u8) -> bool,
    ) -> impl Iterator<Item = (u64, Event)> {
        let first = self.first.max(self.cursor.saturating_sub(most));
        let numbers = (first..self.cursor).rev();
        let numbers = numbers.filter(move |&number| self.is_of(number, &kinds));
        numbers.map(|number| (number, self.event(number)))
    }
}
