//! A machine that follows a trace event by event, without pictures, for tables and comparisons.
//!
//! Invariant: the model is that of the machine after the last event that was taken. The actions of
//! the run's user have no effect on it.

use super::machine::Machine;
use crate::error::TraceError;
use crate::read::{Ending, Item, Reader};
use embedded_graphics::geometry::Size;
use memviz::dashboard::record::{Record, Start};
use memviz::model::Model;
use memviz::view::caption::Caption;
use memviz::view::layout::SMALLEST;
use memviz::view::names::CODE;
use mm::event::Event;
use std::io::Read;

/// The facts about the machine of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The version of the kernel.
    pub kernel: String,
    /// The kernel's command line, empty until it is known.
    pub command_line: String,
    /// The memory that is not reserved, in bytes.
    pub memory: u64,
    /// A nanosecond of the clock is a guest instruction.
    pub counts_instructions: bool,
}

/// The caller of [`Follower::follow`].
pub trait Watch {
    /// Returns whether the machine stops before this event.
    fn stops_before(&mut self, _next: &Event) -> bool {
        false
    }

    /// Takes an event that the follower has applied. Returns whether the machine goes on.
    ///
    /// # Errors
    /// The caller cannot go on.
    fn event(&mut self, follower: &Follower, event: &Event) -> Result<bool, TraceError>;
}

/// A machine without a screen.
pub struct Follower {
    machine: Machine,
    facts: Facts,
    events: u64,
    time: u64,
}

impl Follower {
    /// Reads a trace up to its end, or to the event where `watch` stops. Returns the machine at
    /// that moment, and whether the file was whole up to there.
    ///
    /// # Errors
    /// The trace is damaged or cannot be read, or describes no machine.
    pub fn follow(
        file: impl Read,
        watch: &mut dyn Watch,
    ) -> Result<(Follower, Ending), TraceError> {
        let mut follower = None;
        let ending = Reader::new(file)?.for_each(|item| match &mut follower {
            None => {
                follower = Some(Follower::new(&item)?);
                Ok(true)
            }
            Some(follower) => follower.take(&item, watch),
        })?;
        let follower = follower.ok_or(TraceError::Unplayable("it is empty"))?;
        Ok((follower, ending))
    }

    /// The machine of the first record.
    fn new(item: &Item<'_>) -> Result<Follower, TraceError> {
        let Item::Record(Record::Start(start)) = item else {
            return Err(TraceError::Unplayable("the machine is not described"));
        };
        let facts = Facts {
            kernel: start.kernel.into(),
            command_line: String::new(),
            memory: start.memory,
            counts_instructions: start.counts_instructions,
        };
        // The history is short: nothing goes back.
        let start = Start {
            history_events: start.history_events.min(1024),
            ..start.clone()
        };
        let size: Size = SMALLEST;
        Ok(Follower {
            machine: Machine::new(&start, size, size, true)?,
            facts,
            events: 0,
            time: 0,
        })
    }

    fn take(&mut self, item: &Item<'_>, watch: &mut dyn Watch) -> Result<bool, TraceError> {
        match item {
            Item::Events(events) => {
                for &words in *events {
                    let event = Event::from_words(words);
                    let event = event.map_err(|_| TraceError::Unplayable("an event is invalid"))?;
                    if watch.stops_before(&event) {
                        return Ok(false);
                    }
                    self.machine.apply(&[words]);
                    self.events += 1;
                    self.time = event.time;
                    if !watch.event(self, &event)? {
                        return Ok(false);
                    }
                }
            }
            Item::Record(Record::CommandLine(words)) => self.facts.command_line = (*words).into(),
            Item::Record(record) => {
                self.machine.learn(record);
            }
        }
        Ok(true)
    }

    /// Returns the facts about the machine.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Returns the model after the last event.
    pub fn model(&self) -> &Model<'static> {
        self.machine.dashboard.model()
    }

    /// Returns the number of events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Returns the time of the last event, in nanoseconds since boot.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Returns the caption on the screen.
    pub fn caption(&self) -> Option<Caption> {
        self.machine.lore.caption(self.model().caption)
    }

    /// Returns the name of a program, empty if it has none.
    pub fn program(&self, number: u8) -> &'static str {
        self.machine.lore.program(number)
    }

    /// Returns the address of an event's call site, unless none is known.
    pub fn site(event: &Event) -> Option<u64> {
        (event.site != 0).then_some(CODE | u64::from(event.site))
    }

    /// Returns the function of an event's call site.
    pub fn function(&self, event: &Event) -> Option<&'static str> {
        self.machine.lore.function(Follower::site(event)?)
    }

    /// Returns why the model may differ from the machine.
    pub fn differs(&self) -> Option<&'static str> {
        self.machine.differs
    }
}
