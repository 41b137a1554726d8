//! The line that the user types, and the progress through the history.
//!
//! ```text
//! closed ──open──► typing ──Enter──► stepping ──close──► closed
//! ```
//! While it is not closed, each call of [`Search::advance`] searches the next part of the history.

use super::hits::Hits;
use super::moment::{Lookups, Moment};
use super::query::Query;
use crate::input::keys::Key;
use crate::input::line_editor::{Edit, LineEditor, Text};
use crate::model::Model;
use crate::timeline::Timeline;
use mm::event::{Kind, Payload};

/// The work of one call, in events whose text is not written.
const WORK: u32 = 16_384;
/// The work to write the text of an event.
const TEXT_WORK: u32 = 8;

/// The effect of keys on a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// No search.
    #[default]
    Closed,
    /// Keys change the line.
    Typing,
    /// Keys go to the matches.
    Stepping,
}

/// A direction in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To later events, and from the last match to the first.
    Forward,
    /// To earlier events, and from the first match to the last.
    Back,
}

/// A search.
#[derive(Debug)]
pub struct Search<'m> {
    mode: Mode,
    line: LineEditor,
    /// The line that is searched for.
    words: Text,
    query: Query,
    hits: Hits<'m>,
    /// The active address space at the next event to search.
    process: u32,
    /// A match to go to, as soon as it is known.
    wanted: Option<Way>,
}

/// What the screen shows of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchLine {
    /// The line.
    pub words: Text,
    /// The number of characters before the cursor, while the user types.
    pub cursor: Option<usize>,
    /// The number of matches so far.
    pub count: u64,
    /// The number of the match at the position of the picture, from 1.
    pub at: Option<u64>,
    /// The searched part of the history in per cent, until it is all of it.
    pub progress: Option<u8>,
}

impl<'m> Search<'m> {
    /// Creates a closed search. `bits` has a bit for each event of the history.
    pub fn new(bits: &'m mut [u64]) -> Search<'m> {
        Search {
            mode: Mode::Closed,
            line: LineEditor::new(),
            words: Text::new(),
            query: Query::default(),
            hits: Hits::new(bits),
            process: 0,
            wanted: None,
        }
    }

    /// Returns the effect of keys.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns the matches.
    pub fn hits(&self) -> &Hits<'m> {
        &self.hits
    }

    /// Lets the user type a new line.
    pub fn open(&mut self, timeline: &Timeline, model: &Model) {
        self.line.clear();
        self.mode = Mode::Typing;
        self.look_for("", timeline, model);
    }

    /// Ends the search.
    pub fn close(&mut self) {
        (self.mode, self.wanted) = (Mode::Closed, None);
        self.hits.restart(0);
    }

    /// Searches for these words without a line to type.
    pub fn set_words(&mut self, words: &str, timeline: &Timeline, model: &Model) {
        match words.trim().is_empty() {
            true => self.close(),
            false => {
                self.mode = Mode::Stepping;
                self.look_for(words, timeline, model);
            }
        }
    }

    /// Handles a key of the line.
    pub fn take(&mut self, key: Key, timeline: &Timeline, model: &Model) {
        if self.mode != Mode::Typing {
            return;
        }
        match self.line.take(key) {
            Edit::Edited => {
                let text = Text::try_from(self.line.text()).unwrap_or_default();
                self.look_for(&text, timeline, model);
            }
            Edit::Entered(text) if text.trim().is_empty() => self.close(),
            Edit::Entered(_) => {
                self.mode = Mode::Stepping;
                self.wanted = Some(match timeline.is_live() {
                    true => Way::Back,
                    false => Way::Forward,
                });
            }
            Edit::Left => self.close(),
            Edit::Refused => {}
        }
    }

    /// Asks for the next or previous match.
    pub fn want(&mut self, way: Way) {
        if self.mode == Mode::Stepping {
            self.wanted = Some(way);
        }
    }

    /// Searches the next part of the history. Returns the position after the match that was asked
    /// for, as soon as it is known.
    pub fn advance(
        &mut self,
        timeline: &Timeline,
        model: &Model,
        lookups: &Lookups,
    ) -> Option<u64> {
        if self.mode == Mode::Closed {
            return None;
        }
        if timeline.first() > self.hits.end() {
            // Events were evicted before they were searched.
            self.process = process_at(timeline, model, timeline.first());
        }
        self.hits.forget_before(timeline.first());
        let mut work = WORK;
        while work > 0
            && !self.query.is_empty()
            && let Some(event) = timeline.get(self.hits.end())
        {
            let process = self.process;
            let moment = Moment {
                event: &event,
                process,
            };
            let answer = self.query.answer(&moment, lookups);
            self.hits.push(answer.is_hit);
            work = work.saturating_sub(if answer.read_text { TEXT_WORK } else { 1 });
            if let Payload::SpaceSwitch { number, .. } = event.payload {
                self.process = number;
            }
        }
        self.found(timeline)
    }

    /// Returns the position after the match that was asked for, if it is known.
    fn found(&mut self, timeline: &Timeline) -> Option<u64> {
        let way = self.wanted?;
        let (cursor, hits) = (timeline.cursor(), &self.hits);
        let is_complete = hits.end() >= timeline.end() || self.query.is_empty();
        let found = match way {
            Way::Forward => hits.next(cursor),
            Way::Back if hits.end() < cursor => return None,
            // The picture after an event is at the position after it.
            Way::Back if timeline.is_live() => hits.last_before(cursor),
            Way::Back => hits.last_before(cursor.saturating_sub(1)),
        };
        if found.is_none() && !is_complete {
            return None;
        }
        self.wanted = None;
        let around = match way {
            Way::Forward => hits.next(0),
            Way::Back => hits.last_before(u64::MAX),
        };
        found.or(around).map(|event| event + 1)
    }

    /// Returns whether a part of the history is not searched yet.
    pub fn is_busy(&self, timeline: &Timeline) -> bool {
        self.mode != Mode::Closed
            && !self.query.is_empty()
            && (self.hits.end() < timeline.end() || self.wanted.is_some())
    }

    /// Returns what the screen shows, unless it is closed.
    pub fn line(&self, timeline: &Timeline) -> Option<SearchLine> {
        let event = timeline.cursor().checked_sub(1);
        let at = event.filter(|&event| self.hits.next(event) == Some(event));
        let (searched, all) = (
            self.hits.end().saturating_sub(timeline.first()),
            timeline.end() - timeline.first(),
        );
        // The last events of the present are searched with the next picture.
        let is_near = self.query.is_empty() || all - searched.min(all) < u64::from(WORK);
        (self.mode != Mode::Closed).then(|| SearchLine {
            words: self.words.clone(),
            cursor: (self.mode == Mode::Typing).then(|| self.line.cursor()),
            count: self.hits.count(),
            at: at.map(|event| self.hits.count_before(event) + 1),
            progress: (!is_near).then(|| (searched * 100 / all) as u8),
        })
    }

    /// Searches for other words, from the start of the history.
    fn look_for(&mut self, words: &str, timeline: &Timeline, model: &Model) {
        self.words = Text::try_from(words).unwrap_or_default();
        let mut lower = self.words.clone();
        lower.make_ascii_lowercase();
        self.query = Query::new(&lower);
        self.wanted = None;
        let first = timeline.first();
        self.hits.restart(first);
        self.process = process_at(timeline, model, first);
    }
}

/// Returns the process of the address space that was active at a position of the history.
fn process_at(timeline: &Timeline, model: &Model, position: u64) -> u32 {
    let is_switch = |kind| kind == Kind::SpaceSwitch as u8;
    let cursor = timeline.cursor();
    let mut later = (position..cursor).filter_map(|number| timeline.get_if(number, is_switch));
    let mut earlier = (cursor..position).rev();
    let switch = |payload| match payload {
        Payload::SpaceSwitch { previous, number } => Some((previous, number)),
        _ => None,
    };
    if let Some((previous, _)) = later.next().and_then(|event| switch(event.payload)) {
        return previous;
    }
    let last = earlier.find_map(|number| timeline.get_if(number, is_switch));
    last.and_then(|event| switch(event.payload))
        .map_or(model.space, |(_, number)| number)
}
