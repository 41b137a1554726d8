//! The measurements of working sets: a fold over the history that runs forwards and backwards.
//!
//! ```text
//! faults, their time ──► open: counts by process
//!                          │ working sets, working set, working set
//!                          ▼
//! intervals   [ 1 | 2 | 3 | … ]      the newest are kept; each has the faults since the one before
//! ```
//! Invariants: the same history gives the same intervals, in the present and in the past. Taking an
//! event out restores the state before it. If an interval is missing then, the fold begins again.

use crate::model::faults::space_of;
use crate::timeline::Timeline;
use heapless::Vec;
use mm::event::{Event, Kind, Payload};
use mm::paging::{ErrorCode, FaultCause};

/// The most measurements that are kept: the newest.
pub const INTERVALS: usize = 20;
/// The most processes of a measurement.
pub const PROCESSES: usize = 6;
/// The most processes with faults since the last measurement.
const OPEN: usize = 16;

/// The page faults of a process, and their time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Faults that read the page from swap.
    pub hard: u32,
    /// The other faults.
    pub soft: u32,
    /// The time in the handler, in nanoseconds.
    pub nanoseconds: u64,
}

impl Faults {
    /// Returns the number of faults.
    pub fn count(&self) -> u64 {
        u64::from(self.hard) + u64::from(self.soft)
    }

    /// Adds the other faults, or takes them out.
    fn add(&mut self, other: Faults, is_back: bool) {
        let Faults {
            hard,
            soft,
            nanoseconds,
        } = other;
        *self = match is_back {
            false => Faults {
                hard: self.hard.wrapping_add(hard),
                soft: self.soft.wrapping_add(soft),
                nanoseconds: self.nanoseconds.wrapping_add(nanoseconds),
            },
            true => Faults {
                hard: self.hard.wrapping_sub(hard),
                soft: self.soft.wrapping_sub(soft),
                nanoseconds: self.nanoseconds.wrapping_sub(nanoseconds),
            },
        };
    }
}

/// A process in an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub process: u32,
    /// The pages that it used: its working set.
    pub used: u32,
    /// Its pages with a frame, at the end of the interval.
    pub resident: u32,
    /// The most of them; 0 without a limit.
    pub limit: u16,
    /// How long it ran, in nanoseconds.
    pub ran: u32,
    pub faults: Faults,
}

/// The time between two measurements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// The number of its event.
    pub position: u64,
    /// The frames that pages of processes can have.
    pub frames: u64,
    pub members: Vec<Member, PROCESSES>,
}

impl Interval {
    /// Returns a sum over the processes.
    pub fn sum(&self, of: impl Fn(&Member) -> u64) -> u64 {
        self.members.iter().map(of).sum()
    }

    /// Returns the time that the processes ran, and how much of it was their own work.
    pub fn time(&self) -> (u64, u64) {
        let ran = self.sum(|member| member.ran.into());
        let handled = self.sum(|member| member.faults.nanoseconds);
        (ran, ran.saturating_sub(handled))
    }

    /// Returns the share of their own work in that time, in percent.
    pub fn share(&self) -> Option<u64> {
        let (ran, own) = self.time();
        (100 * own + ran / 2).checked_div(ran)
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingSetLog {
    /// The oldest time of an event that counts.
    since: u64,
    /// The position up to which events are counted.
    end: u64,
    /// The address space that the next event is about.
    space: u32,
    /// The number of measurements.
    pub total: u64,
    /// The kept measurements, oldest first.
    pub intervals: Vec<Interval, INTERVALS>,
    /// The faults since the last measurement.
    open: Vec<(u32, Faults), OPEN>,
}

impl WorkingSetLog {
    /// Follows the cursor. Events before `since` do not count.
    pub fn follow(&mut self, timeline: &Timeline, since: u64) {
        let cursor = timeline.cursor();
        let is_known = self.since == since && cursor.min(self.end) >= timeline.first();
        if !is_known || !self.go_back(timeline, cursor) {
            *self = WorkingSetLog {
                since,
                end: timeline.first(),
                ..WorkingSetLog::default()
            };
        }
        while self.end < cursor {
            if let Some(event) = timeline.get_if(self.end, concerns) {
                self.step(&event, false);
            }
            self.end += 1;
        }
    }

    /// Returns a value that differs for other intervals.
    pub fn version(&self) -> (u64, u64, usize) {
        let members = self.intervals.last().map_or(0, |last| last.members.len());
        (self.since, self.total, members)
    }

    /// Takes out the events after the cursor. Returns false if an interval that was dropped is
    /// needed.
    fn go_back(&mut self, timeline: &Timeline, cursor: u64) -> bool {
        while self.end > cursor {
            self.end -= 1;
            if let Some(event) = timeline.get_if(self.end, concerns) {
                self.step(&event, true);
            }
            if self.total != self.intervals.len() as u64 && !self.intervals.is_full() {
                return false;
            }
        }
        true
    }

    /// Counts an event, or takes it out.
    fn step(&mut self, event: &Event, is_back: bool) {
        if let Payload::SpaceSwitch { number, previous } = event.payload {
            self.space = if is_back { previous } else { number };
        }
        if event.time < self.since {
            return;
        }
        match event.payload {
            Payload::FaultBegin {
                address,
                code,
                cause,
                ..
            } => {
                let is_hard = cause == FaultCause::Swapped;
                let fault = Faults {
                    hard: is_hard.into(),
                    soft: (!is_hard).into(),
                    nanoseconds: 0,
                };
                self.fault(space_of(self.space, address, code), fault, is_back);
            }
            Payload::FaultEnd {
                address,
                nanoseconds,
                ..
            } => {
                let time = Faults {
                    nanoseconds,
                    ..Faults::default()
                };
                let code = ErrorCode::empty();
                self.fault(space_of(self.space, address, code), time, is_back);
            }
            Payload::WorkingSets { frames } if !is_back => self.begin(frames),
            Payload::WorkingSets { .. } => {
                self.intervals.pop();
                self.total -= 1;
            }
            Payload::WorkingSet { .. } if !is_back => self.measured(&event.payload),
            Payload::WorkingSet { process, .. } => self.take_measured(process),
            _ => {}
        }
    }

    fn begin(&mut self, frames: u64) {
        if self.intervals.is_full() {
            self.intervals.remove(0);
        }
        // There is room: the oldest one was removed.
        let _ = self.intervals.push(Interval {
            position: self.end,
            frames,
            members: Vec::new(),
        });
        self.total += 1;
    }

    fn measured(&mut self, payload: &Payload) {
        let Payload::WorkingSet {
            process,
            nanoseconds,
            used,
            resident,
            limit,
        } = *payload
        else {
            return;
        };
        let Some(interval) = self.intervals.last_mut() else {
            return;
        };
        if interval.members.is_full() {
            return;
        }
        let at = self.open.iter().position(|&(of, _)| of == process);
        let faults = at.map(|at| self.open.swap_remove(at).1);
        // There is room.
        let _ = interval.members.push(Member {
            process,
            used,
            resident: resident.try_into().unwrap_or(u32::MAX),
            limit,
            ran: nanoseconds,
            faults: faults.unwrap_or_default(),
        });
    }

    fn take_measured(&mut self, process: u32) {
        let Some(interval) = self.intervals.last_mut() else {
            return;
        };
        let is_last = interval.members.last().map(|member| member.process) == Some(process);
        if is_last && let Some(member) = interval.members.pop() {
            self.fault(process, member.faults, false);
        }
    }

    /// Counts faults of a process. Beyond the capacity, faults of further processes do not count,
    /// and neither do those of the kernel.
    fn fault(&mut self, process: u32, faults: Faults, is_back: bool) {
        if process == 0 {
            return;
        }
        match self.open.iter_mut().find(|(of, _)| *of == process) {
            Some((_, sum)) => sum.add(faults, is_back),
            None if is_back || faults == Faults::default() => {}
            None => {
                let _ = self.open.push((process, faults));
            }
        }
        self.open.retain(|&(_, sum)| sum != Faults::default());
    }
}

fn concerns(kind: u8) -> bool {
    const KINDS: u64 = 1 << Kind::FaultBegin as u8
        | 1 << Kind::FaultEnd as u8
        | 1 << Kind::SpaceSwitch as u8
        | 1 << Kind::WorkingSets as u8
        | 1 << Kind::WorkingSet as u8;
    kind < 64 && KINDS >> kind & 1 != 0
}

#[cfg(test)]
mod tests;
