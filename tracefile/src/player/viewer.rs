//! A trace that a user explores: all of it is the history, and keys and mouse go through it.
//!
//! ```text
//! all events ──► history      keys, mouse ──► dashboard ──► screen
//!                             time that passes ──► replay, which pauses at each caption for reading
//! ```
//! Invariant: the inputs that the file recorded have no effect here. So a picture depends only on
//! the position in the history and on the actions of this user.

use super::contents::Contents;
use super::machine::{HISTORY, LARGEST, Machine};
use super::screen::Screen;
use crate::error::TraceError;
use crate::read::{Ending, Item, Reader};
use embedded_graphics::geometry::Size;
use memviz::dashboard::actions::Action;
use memviz::dashboard::record::{Record, Start};
use memviz::dashboard::{Dashboard, DashboardError, Request};
use memviz::graphics::theme::Theme;
use memviz::input::keys::Key;
use memviz::view::caption::{Caption, LessonEntry};
use memviz::view::meter::FrameCosts;
use std::io::Read;

/// The time to read any caption, and each of its characters, in nanoseconds.
const READING: (u64, u64) = (1_500_000_000, 45_000_000);

/// A trace, and the picture of one moment of it.
pub struct Viewer {
    machine: Machine,
    screen: Screen,
    contents: Contents,
    ending: Ending,
    /// Replay time since the replay began, in nanoseconds.
    played: u64,
    /// How long the replay still waits for the reader, in nanoseconds.
    reading: u64,
    /// The replay is slower than the machine by two to the power of this.
    slowness: u32,
}

impl Viewer {
    /// Opens a trace, which is read twice: its events are counted, then they become the history.
    ///
    /// # Errors
    /// The trace is damaged or cannot be read, or the screen is too small or too large.
    pub fn open<R: Read>(
        open: impl Fn() -> std::io::Result<R>,
        size: Size,
    ) -> Result<Viewer, TraceError> {
        let mut events = 0;
        Reader::new(open()?)?.for_each(|item| {
            if let Item::Events(more) = item {
                events += more.len() as u64;
            }
            Ok(true)
        })?;
        let (mut machine, mut contents, mut count) = (None, Contents::default(), 0);
        let ending = Reader::new(open()?)?.for_each(|item| {
            let Some(machine) = &mut machine else {
                machine = Some(first(&item, size, events)?);
                return Ok(true);
            };
            match item {
                Item::Events(events) => {
                    machine.apply(events);
                    contents.extend(count, events, |number| machine.lore.caption(number));
                    count += events.len() as u64;
                }
                Item::Record(record) => {
                    machine.learn(&record);
                }
            }
            Ok(true)
        })?;
        let mut viewer = Viewer {
            machine: machine.ok_or(TraceError::Unplayable("it is empty"))?,
            screen: Screen::new(size),
            contents,
            ending,
            played: 0,
            reading: 0,
            slowness: 0,
        };
        viewer.pause();
        if let Some(entry) = viewer.contents.entries().first() {
            let first = entry.position;
            viewer.go_to(first);
        }
        Ok(viewer)
    }

    /// Returns the captions of the trace.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Returns whether the file is whole.
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// Returns why pictures may differ from those of the machine.
    pub fn differs(&self) -> Option<&'static str> {
        self.machine.differs
    }

    /// Returns the time of the end, in nanoseconds since boot.
    pub fn end(&self) -> u64 {
        self.machine.time
    }

    /// Returns the dashboard.
    pub fn dashboard(&self) -> &Dashboard<'static> {
        &self.machine.dashboard
    }

    /// Returns the size of the screen in pixels.
    pub fn size(&self) -> Size {
        self.screen.size()
    }

    /// Returns the caption of the picture.
    pub fn caption(&self) -> Option<Caption> {
        self.machine.dashboard.caption()
    }

    /// Returns the lesson with this number, in the machine's list.
    pub fn lesson(&self, number: usize) -> Option<LessonEntry> {
        self.machine.lore.lesson(number)
    }

    /// Returns whether the picture moves through time by itself.
    pub fn is_playing(&self) -> bool {
        !self.dashboard().is_stopped()
    }

    /// Performs the action of a key. Returns the request that only the caller can serve.
    pub fn press(&mut self, key: Key) -> Option<Request> {
        let action = self.machine.dashboard.action_of(key)?;
        self.handle(action)
    }

    /// Performs an action. Returns the request that only the caller can serve.
    pub fn handle(&mut self, action: Action) -> Option<Request> {
        let before = self.is_playing();
        let request = self.machine.dashboard.handle(action);
        if before != self.is_playing() {
            (self.played, self.reading) = (0, 0);
        }
        request
    }

    /// Searches for these words, or ends the search if there are none.
    pub fn search_for(&mut self, words: &str) {
        self.machine.dashboard.search_for(words);
    }

    /// Shows the picture after so many events, and pauses.
    pub fn go_to(&mut self, position: u64) {
        self.machine.dashboard.travel_to(position);
    }

    /// Replays slower than the machine ran, by two to the power of this.
    pub fn set_slowness(&mut self, slowness: u32) {
        self.slowness = slowness.min(16);
    }

    /// Shows the picture in another palette.
    pub fn set_theme(&mut self, theme: &'static Theme) {
        self.machine.dashboard.set_theme(theme);
    }

    /// Moves to a screen of another size.
    ///
    /// # Errors
    /// The size is too small or too large.
    pub fn resize(&mut self, size: Size) -> Result<(), DashboardError> {
        if size.width > LARGEST.width || size.height > LARGEST.height {
            return Err(DashboardError::ScreenTooSmall(LARGEST));
        }
        self.machine.dashboard.set_screen(size)?;
        self.screen = Screen::new(size);
        Ok(())
    }

    /// Lets this much time of the user pass, in nanoseconds. At each caption a replay waits until
    /// the user has read it.
    pub fn advance(&mut self, passed: u64) {
        if !self.is_playing() {
            return;
        }
        let waited = passed.min(self.reading);
        self.reading -= waited;
        let passed = passed - waited;
        if passed == 0 {
            return;
        }
        let before = self.machine.dashboard.model().caption;
        self.played += passed >> self.slowness;
        self.tick();
        let shown = self.caption();
        if let Some(caption) = shown.filter(|_| self.machine.dashboard.model().caption != before) {
            let (least, each) = READING;
            self.reading = least + each * caption.words.chars().count() as u64;
        }
        if self.machine.dashboard.timeline().is_live() {
            self.pause();
        }
    }

    /// Draws the next picture. `store` receives a row, a column and the pixels from there on that
    /// changed, `0x00RRGGBB` each.
    pub fn draw(&mut self, store: impl FnMut(usize, usize, &[u32])) {
        self.tick();
        let Machine {
            dashboard,
            terminal,
            ..
        } = &mut self.machine;
        self.screen.draw(dashboard, terminal, None, store);
    }

    fn tick(&mut self) {
        let costs = FrameCosts {
            nanoseconds: 0,
            ..self.machine.costs
        };
        let now = self.machine.time + self.played;
        self.machine.dashboard.tick(now, costs);
    }

    /// Pauses at the end, where nothing follows.
    fn pause(&mut self) {
        if self.is_playing() {
            self.handle(Action::PlayPause);
        }
    }
}

/// Creates the machine of the first record, with a history for all events.
fn first(item: &Item<'_>, size: Size, events: u64) -> Result<Machine, TraceError> {
    let Item::Record(Record::Start(start)) = item else {
        return Err(TraceError::Unplayable("the machine is not described"));
    };
    let start = Start {
        history_events: events.clamp(1, HISTORY),
        ..start.clone()
    };
    Machine::new(&start, size, LARGEST, true)
}
