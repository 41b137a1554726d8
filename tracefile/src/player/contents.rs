//! The captions of a trace in order: its table of contents, and its text without pictures.

use memviz::timeline::EventWords;
use memviz::view::caption::{Caption, Part};
use mm::event::{Event, Kind, Payload};

/// A caption of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The position in the history after the event that shows it.
    pub position: u64,
    /// The time of that event, in nanoseconds since boot.
    pub time: u64,
    /// The caption.
    pub caption: Caption,
}

/// All captions of a trace that belong to lessons.
#[derive(Clone, Debug, Default)]
pub struct Contents(Vec<Entry>);

impl Contents {
    /// Appends the captions that these events show. `first` is the number of the first event.
    pub(super) fn extend(
        &mut self,
        first: u64,
        events: &[EventWords],
        caption: impl Fn(u32) -> Option<Caption>,
    ) {
        let numbered = (first..).zip(events);
        let captions = numbered.filter(|(_, words)| words[1] as u8 == Kind::Caption as u8);
        self.0.extend(captions.filter_map(|(number, words)| {
            let event = Event::from_words(*words).ok()?;
            let Payload::Caption { number: shown, .. } = event.payload else {
                return None;
            };
            let caption = caption(shown).filter(|caption| caption.part != Part::Between)?;
            Some(Entry {
                position: number + 1,
                time: event.time,
                caption,
            })
        }));
    }

    /// Returns all captions in order.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Returns the first caption of a lesson step.
    pub fn find(&self, lesson: &str, step: u8) -> Option<&Entry> {
        let is_it = |entry: &&Entry| (entry.caption.lesson, entry.caption.step) == (lesson, step);
        self.0.iter().find(is_it)
    }

    /// Returns the index of the last caption that a picture with so many events shows.
    pub fn at(&self, cursor: u64) -> Option<usize> {
        let next = self.0.partition_point(|entry| entry.position <= cursor);
        next.checked_sub(1)
    }
}
