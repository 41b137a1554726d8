//! The positions of the history on the bar, in pixels.
//!
//! Invariant: a later position is never left of an earlier one.

use super::steps::{Step, Steps};
use crate::graphics::styles::Styles;
use crate::timeline::Timeline;
use core::ops::Range;
use embedded_graphics::primitives::Rectangle;

/// The least time of a bar without lessons, in nanoseconds.
const LEAST_SPAN: u64 = 1 << 30;

/// The sections of the bar.
pub struct Places<'p> {
    steps: &'p Steps,
    pub(super) timeline: &'p Timeline<'p>,
    left: i32,
    right: i32,
    /// The width of everything before the lesson, with the gap after it.
    before: (i32, i32),
    gap: i32,
    number: i32,
    pitch: u32,
}

/// A section: a step, or all of time.
pub struct Section {
    /// The number of the step; 0 for all of time.
    pub number: u8,
    /// Its pixels from left to right.
    pub pixels: Range<i32>,
    /// The events of the section, if it has begun.
    pub known: Option<Known>,
    /// True if the picture is in this section.
    pub is_current: bool,
    /// True if the section is over and its events are evicted.
    pub is_evicted: bool,
}

/// The events of a section and the pixels of their time.
pub struct Known {
    /// The pixels of the bars.
    pub pixels: Range<i32>,
    events: Range<u64>,
    times: Range<u64>,
}

impl<'p> Places<'p> {
    /// Returns the sections of a bar in this rectangle.
    pub fn new(
        styles: &Styles,
        area: Rectangle,
        steps: &'p Steps,
        timeline: &'p Timeline<'p>,
    ) -> Places<'p> {
        let length = |pixels| styles.scale.length(pixels) as i32;
        let margin = area.size.width as i32 / 80;
        Places {
            steps,
            timeline,
            left: area.top_left.x + margin,
            right: area.top_left.x + area.size.width as i32 - margin,
            before: match steps.count {
                0 => (0, 0),
                _ => (length(44), length(12)),
            },
            gap: length(3),
            number: length(20),
            pitch: length(3) as u32,
        }
    }

    /// Returns the pixels of everything before the lesson.
    pub fn stub(&self) -> Option<Range<i32>> {
        let (width, _) = self.before;
        (width > 0).then(|| self.left..self.left + width)
    }

    /// Returns the meaning of the stub in words.
    pub fn stub_words(&self) -> &'static str {
        match self.steps.has_earlier {
            true => "earlier",
            false => "boot",
        }
    }

    /// Returns the sections from left to right.
    pub fn sections(&self) -> impl Iterator<Item = Section> {
        let count = self.steps.count.max(1);
        let current = self
            .steps
            .at(self.timeline.cursor())
            .map(|step| step.number);
        let first_known = self.steps.known.first().map_or(u8::MAX, |step| step.number);
        (1..=count).map(move |number| {
            let pixels = self.section(number);
            let known = self
                .events(number)
                .map(|events| self.known(&pixels, events));
            Section {
                number: if self.steps.count == 0 { 0 } else { number },
                is_current: self.steps.count == 0 || current == Some(number),
                is_evicted: known.is_none() && number < first_known,
                pixels,
                known,
            }
        })
    }

    /// Returns the first event whose bars can still change.
    pub fn newest(&self) -> u64 {
        let last = self.steps.known.last().map_or(0, |step| step.begin);
        last.max(self.timeline.first())
    }

    /// Returns the position up to which the bars count events: rounded, so that they change rarely.
    pub fn counted(&self) -> u64 {
        let newest = self.newest();
        newest + rounded(self.timeline.end().saturating_sub(newest))
    }

    /// Returns the width of a bar in pixels.
    pub fn bar_width(&self) -> u32 {
        (self.pitch * 2 / 3).max(1)
    }

    /// Returns the distance from one bar to the next in pixels.
    pub fn bar_pitch(&self) -> u32 {
        self.pitch
    }

    /// Returns the number of events of each bar.
    pub fn counts(&self, known: &Known) -> impl Iterator<Item = u64> + Clone {
        let bars = (known.pixels.end - known.pixels.start).max(0) as u64 / u64::from(self.pitch);
        let (events, times) = (known.events.clone(), known.times.clone());
        let span = times.end - times.start + 1;
        let timeline = self.timeline;
        // Whole and rest apart: the division of 128 bits takes as long as the search.
        let (whole, rest) = (span / bars.max(1), span % bars.max(1));
        (0..bars).scan(events.start, move |from, bar| {
            if *from >= events.end {
                return Some(0);
            }
            let until = times.start + whole * (bar + 1) + rest * (bar + 1) / bars;
            let next = timeline.first_at_near(until, *from..events.end);
            let count = next - core::mem::replace(from, next);
            Some(count)
        })
    }

    /// Returns the pixel of a position.
    pub fn pixel(&self, position: u64) -> i32 {
        let step = self.steps.at(position);
        let number = match (self.steps.count, step) {
            (0, _) => 1,
            (_, Some(step)) => step.number,
            (_, None) => return self.left + self.before.0 / 2,
        };
        let pixels = self.section(number);
        let Some(events) = self.events(number) else {
            return pixels.start;
        };
        let known = self.known(&pixels, events);
        if position <= known.events.start {
            return known.pixels.start - 1;
        }
        let event = (position - 1).max(self.timeline.first());
        let time = self.timeline.time_of(event);
        let time = time.clamp(known.times.start, known.times.end) - known.times.start;
        let width = (known.pixels.end - known.pixels.start) as u64;
        let span = (known.times.end - known.times.start).max(1);
        known.pixels.start + share(width, time, span) as i32
    }

    /// Returns the position at a pixel.
    pub fn position(&self, x: i32) -> u64 {
        let count = self.steps.count.max(1);
        let at = (1..=count).find(|&number| x < self.section(number).end + self.gap);
        let number = at.unwrap_or(count);
        let pixels = self.section(number);
        if x < pixels.start && number == 1 && self.steps.count > 0 {
            return self.timeline.first();
        }
        let Some(events) = self.events(number) else {
            let is_later = self
                .steps
                .known
                .last()
                .is_none_or(|last| last.number < number);
            return if is_later {
                self.timeline.end()
            } else {
                self.timeline.first()
            };
        };
        let known = self.known(&pixels, events.clone());
        if x < known.pixels.start {
            return events.start;
        }
        let width = (known.pixels.end - known.pixels.start).max(1) as u64;
        let x = (x - known.pixels.start) as u64;
        // Rounded up: a pixel is left of the time of its event.
        let span = known.times.end - known.times.start;
        let time = known.times.start + span - share(span, width.saturating_sub(x), width);
        match self.timeline.first_at(time + 1, known.events) {
            position if position == self.counted() => self.timeline.end(),
            position => position,
        }
    }

    /// Returns the pixels of a step, or of all of time.
    fn section(&self, number: u8) -> Range<i32> {
        let start = self.left + self.before.0 + self.before.1;
        let count = i32::from(self.steps.count.max(1));
        let all = self.right - start + self.gap;
        let edge = |index: i32| start + all * index / count;
        let index = i32::from(number) - 1;
        edge(index)..edge(index + 1) - self.gap
    }

    /// Returns the events of a step, or of all of time, if they are in the history.
    fn events(&self, number: u8) -> Option<Range<u64>> {
        let timeline = self.timeline;
        if self.steps.count == 0 {
            let all = timeline.first()..self.counted();
            return (!all.is_empty()).then_some(all);
        }
        let step: &Step = self.steps.known.iter().find(|step| step.number == number)?;
        let end = match step.end == self.steps.known.last()?.end {
            true => self.counted(),
            false => step.end,
        };
        let counted = Step { end, ..*step }.counted(timeline);
        let events = counted.start.max(timeline.first())..counted.end;
        (!events.is_empty()).then_some(events)
    }

    fn known(&self, pixels: &Range<i32>, events: Range<u64>) -> Known {
        let (first, last) = (events.start, events.end - 1);
        let (pixels, times) = match self.steps.count {
            0 => {
                let end = self.timeline.time_of(last).max(LEAST_SPAN);
                (pixels.clone(), 0..end.next_power_of_two())
            }
            _ => {
                let left = (pixels.start + self.number).min(pixels.end);
                let times = self.timeline.time_of(first)..self.timeline.time_of(last);
                (
                    left..pixels.end - 2,
                    times.start..times.end.max(times.start),
                )
            }
        };
        Known {
            pixels: pixels.start..pixels.end.max(pixels.start),
            events,
            times,
        }
    }
}

/// Returns a number of events, rounded down to a sixteenth of its size.
fn rounded(events: u64) -> u64 {
    let unit = (events / 16).max(1).next_power_of_two();
    events / unit * unit
}

/// Returns `whole × part ÷ parts` without an overflow.
fn share(whole: u64, part: u64, parts: u64) -> u64 {
    (u128::from(whole) * u128::from(part) / u128::from(parts.max(1))) as u64
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::graphics::styles::Styles;
    use crate::graphics::theme::DARK;
    use crate::model::Fault;
    use crate::testing::watched::with_model;
    use crate::view::map::View;
    use embedded_graphics::geometry::{Point, Size};
    use mm::event::{Event, Payload};
    use mm::tag::Tag;
    use proptest::prelude::*;
    use x86_64::PhysAddr;

    pub const AREA: Rectangle = Rectangle::new(Point::new(0, 570), Size::new(800, 24));
    const VIEW: View = View {
        first: 0,
        shift: 0,
        cells: 64,
    };

    /// Calls a test with a history of this many events, each some time after the one before.
    pub fn with_history(waits: &[u32], work: impl FnOnce(&Timeline)) {
        let mut slots = vec![[0; 4]; 200];
        let mut evicted = [Fault::default(); 4];
        with_model(64, 1 << 20, VIEW, |watched| {
            let mut timeline = Timeline::new(&mut slots, &mut evicted);
            let mut time = 0;
            for &wait in waits {
                time += u64::from(wait);
                let first = PhysAddr::new(0x1000);
                let (from, to) = (Tag::empty(), Tag::empty());
                let payload = Payload::FrameRetag {
                    first,
                    frames: 1,
                    from,
                    to,
                };
                let event = Event {
                    time,
                    cpu: 0,
                    site: 0,
                    payload,
                };
                timeline.record_and_apply(&event, &mut watched.model, &mut watched.changes);
            }
            work(&timeline);
        });
    }

    /// Returns steps of these lengths, the first one after `before` events.
    pub fn steps_of(timeline: &Timeline, cuts: &[u64], before: u64) -> Steps {
        let mut steps = Steps {
            count: if cuts.is_empty() { 0 } else { 5 },
            ..Steps::default()
        };
        let mut begin = timeline.first() + before;
        for (number, cut) in (1..).zip(cuts) {
            let end = (begin + cut).min(timeline.end());
            if begin < end {
                let step = Step {
                    number,
                    begin,
                    acts: begin,
                    end,
                };
                let _ = steps.known.push(step);
            }
            begin = end;
        }
        steps
    }

    proptest! {
        /// Positions ascend from left to right, with and without steps. A click on the pixel of a
        /// position leads to a position with the same pixel.
        #[test]
        fn later_positions_are_not_left_of_earlier_ones(waits in prop::collection::vec(0u32..3, 20..300), cuts in prop::collection::vec(1u64..60, 0..4)) {
            let styles = Styles::new(&DARK, 12);
            let mut wrong = None;
            with_history(&waits, |timeline| {
                let steps = steps_of(timeline, &cuts, 2);
                let begin = steps.known.last().map_or(timeline.first() + 2, |step| step.end);
                let places = Places::new(&styles, AREA, &steps, timeline);
                let mut last = i32::MIN;
                for position in timeline.first()..=timeline.end() {
                    let pixel = places.pixel(position);
                    let back = places.pixel(places.position(pixel));
                    if pixel < last || (back - pixel).abs() > 2 && position > begin {
                        wrong = Some((position, pixel, last, back));
                    }
                    last = pixel;
                }
            });
            prop_assert_eq!(wrong, None);
        }
    }

    #[test]
    fn bars_count_each_event_once() {
        let styles = Styles::new(&DARK, 12);
        with_history(&[1, 5, 5, 100, 1, 0, 0, 7], |timeline| {
            let known = Step {
                number: 1,
                begin: 0,
                acts: 0,
                end: 8,
            };
            let mut steps = Steps {
                count: 2,
                ..Steps::default()
            };
            steps.known.push(known).unwrap();
            let places = Places::new(&styles, AREA, &steps, timeline);
            let section = places.sections().next().unwrap();
            let counts: Vec<u64> = places.counts(&section.known.unwrap()).collect();
            assert_eq!(counts.iter().sum::<u64>(), 8);
            assert!(counts.len() > 50);
        });
    }
}
