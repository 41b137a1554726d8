//! The steps of the current lesson, as ranges of the history.
//!
//! ```text
//! … │ question ── events ── answer │ meanwhile ── events ── answer │ events ── answer │ …
//!   └────────── step 1 ────────────┴─────────── step 2 ────────────┴──── step 3 ──────┘
//! begin   └ acts          end ┘
//! ```
//! A step with an announcement begins with it. A step without one begins after the caption before.

use crate::timeline::Timeline;
use crate::timeline::kinds::is_periodic;
use crate::view::caption::{Caption, Part};
use core::ops::Range;
use heapless::Vec;

/// The maximum number of steps of a lesson.
pub const MOST: usize = 63;

/// A step in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of the step, from 1 on.
    pub number: u8,
    /// The position of its first event.
    pub begin: u64,
    /// The position of the first event after the announcement.
    pub acts: u64,
    /// The position after its last event.
    pub end: u64,
}

/// The steps of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// The number of steps of the lesson; 0 without a lesson.
    pub count: u8,
    /// The steps in the history, ascending.
    pub known: Vec<Step, MOST>,
    /// True if other lessons came before.
    pub has_earlier: bool,
}

impl Steps {
    /// Returns the steps of the lesson at the cursor.
    pub fn new(timeline: &Timeline, caption: impl Fn(u32) -> Option<Caption>) -> Steps {
        let mut steps = Steps::default();
        let lesson = |number| {
            let caption = caption(number).filter(|caption| caption.part != Part::Between);
            caption.map(|caption| (caption.lesson, caption.step, caption.part, caption.steps))
        };
        let mut back = timeline.caption_positions_back();
        let Some((position, current)) = back.next() else {
            return steps;
        };
        let Some(current) = lesson(current) else {
            return steps;
        };
        steps.count = current.3;
        // The captions of this lesson before and after the cursor, ascending.
        let mut said: Vec<(u64, u8, Part), { 4 * MOST }> = Vec::new();
        let _ = said.push((position, current.1, current.2));
        let mut start = timeline.first();
        for (position, number) in back {
            start = position;
            match lesson(number).filter(|other| other.0 == current.0 && other.1 <= said[0].1) {
                Some(other) => {
                    let _ = said.insert(0, (position, other.1, other.2));
                    start = timeline.first();
                }
                None => {
                    steps.has_earlier = true;
                    break;
                }
            }
        }
        for (position, number) in timeline.caption_positions_on() {
            let last = said.last().map_or(0, |last| last.1);
            match lesson(number).filter(|other| other.0 == current.0 && other.1 >= last) {
                Some(other) => {
                    let _ = said.push((position, other.1, other.2));
                }
                None => break,
            }
        }
        steps.known = ranges(timeline, &said, start);
        steps
    }

    /// Returns the step that a position belongs to, or else the index of the next one.
    pub fn at(&self, position: u64) -> Option<&Step> {
        self.known.iter().rev().find(|step| step.begin < position)
    }
}

/// Returns the ranges of the steps that these captions belong to. The first one begins at `start`
/// or later.
fn ranges(timeline: &Timeline, said: &[(u64, u8, Part)], start: u64) -> Vec<Step, MOST> {
    let mut known: Vec<Step, MOST> = Vec::new();
    let mut before = start;
    for &(position, number, part) in said {
        let begin = match part {
            Part::Answer => before,
            _ => position - 1,
        };
        let is_new = known.last().is_none_or(|step| step.number != number);
        if is_new {
            if let Some(last) = known.last_mut() {
                last.end = begin;
            }
            let (acts, end) = (begin, timeline.end());
            // A lesson has at most as many steps.
            let _ = known.push(Step {
                number,
                begin,
                acts,
                end,
            });
        }
        if let Some(last) = known.last_mut().filter(|_| part != Part::Answer) {
            last.acts = position;
        }
        before = position;
    }
    // Heat is sampled before a step acts.
    for step in &mut known {
        let is_heat = |position: &u64| is_periodic(timeline.words(*position)[1] as u8);
        let mut events = (step.acts..step.end).skip_while(|position| is_heat(position));
        step.acts = events.next().unwrap_or(step.acts);
    }
    known
}

impl Step {
    /// Returns the positions of the events of the step that its bars count: up to its last caption.
    pub fn counted(&self, timeline: &Timeline) -> Range<u64> {
        let last = timeline.last_caption_in(self.acts..self.end);
        self.acts..last.map_or(self.end, |position| position + 1)
    }
}
