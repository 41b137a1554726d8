//! Reads a trace up to a moment.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use memviz::model::faults::space_of;
use mm::event::{Event, Payload};
use tracefile::player::{Follower, Watch};
use tracefile::{Ending, TraceError};

use super::state::{At, State};
use crate::moment::Moment;

/// Returns the state of memory at a moment of a trace; the default is its end.
pub fn state_at(path: &Path, moment: Option<&Moment>) -> Result<State> {
    let (follower, course) = follow(path, moment)?;
    let at = At {
        file: path.display().to_string(),
        events: follower.events(),
        time: follower.time(),
    };
    Ok(State::new(at, follower.model(), course.faults))
}

/// Returns the number of events up to a moment of a trace.
pub fn events_at(path: &Path, moment: Option<&Moment>) -> Result<u64> {
    follow(path, moment).map(|(follower, _)| follower.events())
}

fn follow<'m>(path: &Path, moment: Option<&'m Moment>) -> Result<(Follower, Course<'m>)> {
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
    let mut course = Course {
        moment,
        is_there: false,
        events: 0,
        faults: BTreeMap::new(),
    };
    let (follower, ending) = Follower::follow(BufReader::new(file), &mut course)
        .with_context(|| format!("cannot use {name}"))?;
    // The moment may be that of the last event.
    course.is_there |= match moment {
        Some(Moment::Event(end)) => *end == follower.events(),
        Some(Moment::Time(end)) => *end == follower.time(),
        _ => false,
    };
    if let Some(moment) = moment {
        ensure!(course.is_there, "{name} ends before {moment}");
    }
    if ending == Ending::Cut {
        eprintln!("{name} is incomplete: it is read up to its last whole block");
    }
    if let Some(why) = follower.differs() {
        eprintln!("{name}: the state of memory may differ from that of the run: {why}");
    }
    Ok((follower, course))
}

/// The way to a moment.
struct Course<'m> {
    moment: Option<&'m Moment>,
    is_there: bool,
    events: u64,
    /// The number of page faults, by space, address and cause.
    faults: BTreeMap<[u64; 3], u64>,
}

impl Watch for Course<'_> {
    fn stops_before(&mut self, next: &Event) -> bool {
        let stops = match self.moment {
            Some(Moment::Event(end)) => self.events >= *end,
            Some(Moment::Time(end)) => next.time > *end,
            _ => false,
        };
        self.is_there |= stops;
        stops
    }

    fn event(&mut self, follower: &Follower, event: &Event) -> Result<bool, TraceError> {
        self.events += 1;
        match event.payload {
            Payload::FaultBegin {
                address,
                code,
                cause,
                ..
            } => {
                let space = space_of(follower.model().space, address, code);
                let key = [space.into(), address.as_u64(), cause as u64];
                *self.faults.entry(key).or_default() += 1;
            }
            Payload::Caption { .. } => {
                if let Some(Moment::Step(lesson, step)) = self.moment {
                    let caption = follower.caption();
                    self.is_there = caption
                        .is_some_and(|caption| (caption.lesson, caption.step) == (lesson, *step));
                }
            }
            _ => {}
        }
        Ok(!self.is_there)
    }
}
