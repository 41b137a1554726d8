//! The last page faults, each with its beginning and, once there is one, its end.
//!
//! A ring of the caller's size: fault number n (counted from 0) stands in slot n modulo the size,
//! so going back in time takes the newest away without moving anything. What the ring has dropped
//! does not come back by itself: the ring is larger than what is told of it, and before that is
//! missing ([`FaultLog::is_short`]) somebody who remembers more must fill it again.

use super::direction::Direction;
use mm::event::{Event, Payload};
use mm::paging::{ErrorCode, FaultCause, FaultOutcome};
use x86_64::VirtAddr;

/// Faults that are told, at most.
pub const KEPT: usize = 256;
/// Slots in the ring of a model of [`ModelNeeds`](super::storage::ModelNeeds).
pub(super) const SLOTS: usize = 4 * KEPT;

/// One page fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it arrived, in nanoseconds since boot.
    pub time: u64,
    /// The address that was touched.
    pub address: VirtAddr,
    /// The instruction that touched it.
    pub instruction: VirtAddr,
    /// What the CPU said.
    pub code: ErrorCode,
    /// What it means.
    pub cause: FaultCause,
    /// On which CPU.
    pub cpu: u8,
    /// Whose address space it was in: see [`space_of`].
    pub space: u32,
    /// How it ended, unless the handler is still at it.
    pub end: Option<FaultEnd>,
}

/// How a page fault ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultEnd {
    /// When, in nanoseconds since boot.
    pub time: u64,
    /// Time in the handler, in nanoseconds.
    pub nanoseconds: u64,
    /// What was done.
    pub outcome: FaultOutcome,
}

impl Default for Fault {
    fn default() -> Fault {
        Fault {
            time: 0,
            address: VirtAddr::zero(),
            instruction: VirtAddr::zero(),
            code: ErrorCode::empty(),
            cause: FaultCause::Guard,
            cpu: 0,
            space: 0,
            end: None,
        }
    }
}

/// Whose address space a fault is in while events are about `space`: faults of ring 3 and in the
/// lower half are the process's, all others the kernel's, which is 0.
pub fn space_of(space: u32, address: VirtAddr, code: ErrorCode) -> u32 {
    let is_process_s = code.contains(ErrorCode::USER) || address.as_u64() >> 63 == 0;
    if is_process_s { space } else { 0 }
}

/// The log.
#[derive(Debug)]
pub struct FaultLog<'m> {
    ring: &'m mut [Fault],
    kept: usize,
    total: u64,
    by_cause: [u64; FaultCause::ALL.len()],
    handler_nanoseconds: u64,
    ended: u64,
    /// Whose space the events are about.
    space: u32,
}

impl<'m> FaultLog<'m> {
    /// An empty log; the slots are overwritten.
    pub(crate) fn new(ring: &'m mut [Fault]) -> Self {
        FaultLog {
            ring,
            kept: 0,
            total: 0,
            by_cause: [0; FaultCause::ALL.len()],
            handler_nanoseconds: 0,
            ended: 0,
            space: 0,
        }
    }

    /// Events are about this space, whatever was told.
    pub(crate) fn set_space(&mut self, space: u32) {
        self.space = space;
    }

    /// The last faults, at most [`KEPT`], newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Fault> {
        (0..self.kept.min(KEPT)).map(|age| &self.ring[self.slot(age)])
    }

    /// The fault with this number since boot, counted from 0, if it is still told.
    pub fn numbered(&self, number: u64) -> Option<&Fault> {
        let age = self.total.checked_sub(number + 1)? as usize;
        (age < self.kept.min(KEPT)).then(|| &self.ring[self.slot(age)])
    }

    /// Going back in time has taken so many away that some are missing which once were told.
    pub(crate) fn is_short(&self) -> bool {
        let told = self.ring.len().min(KEPT) as u64;
        (self.kept as u64) < self.total.min(told)
    }

    /// Becomes what the other log is, as far as there are slots.
    pub(crate) fn copy_from(&mut self, other: &FaultLog) {
        self.total = other.total;
        self.by_cause = other.by_cause;
        self.handler_nanoseconds = other.handler_nanoseconds;
        self.ended = other.ended;
        self.space = other.space;
        self.kept = other.kept.min(self.ring.len());
        for age in 0..self.kept {
            let slot = self.slot(age);
            self.ring[slot] = other.ring[other.slot(age)];
        }
    }

    /// Faults so far.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Faults so far with this cause.
    pub fn by_cause(&self, cause: FaultCause) -> u64 {
        self.by_cause[cause as usize]
    }

    /// Mean time in the handler, in nanoseconds, over all faults that ended.
    pub fn mean_nanoseconds(&self) -> Option<u64> {
        self.handler_nanoseconds.checked_div(self.ended)
    }

    /// Where the fault of this age stands; 0 is the newest.
    fn slot(&self, age: usize) -> usize {
        ((self.total - 1 - age as u64) % self.ring.len() as u64) as usize
    }

    pub(crate) fn step(&mut self, event: &Event, direction: Direction) -> bool {
        match (event.payload, direction) {
            (
                Payload::FaultBegin {
                    address,
                    instruction,
                    code,
                    cause,
                },
                Direction::Forward,
            ) => {
                self.by_cause[cause as usize] += 1;
                self.total += 1;
                if !self.ring.is_empty() {
                    self.kept = (self.kept + 1).min(self.ring.len());
                    let slot = self.slot(0);
                    self.ring[slot] = Fault {
                        time: event.time,
                        address,
                        instruction,
                        code,
                        cause,
                        cpu: event.cpu,
                        space: space_of(self.space, address, code),
                        end: None,
                    };
                }
                true
            }
            (Payload::FaultBegin { cause, .. }, Direction::Back) => {
                if self.total == 0 {
                    return false;
                }
                let counter = &mut self.by_cause[cause as usize];
                *counter = counter.saturating_sub(1);
                self.total -= 1;
                self.kept = self.kept.saturating_sub(1);
                true
            }
            (
                Payload::FaultEnd {
                    address,
                    nanoseconds,
                    outcome,
                    ..
                },
                direction,
            ) => {
                direction.count(&mut self.handler_nanoseconds, nanoseconds);
                direction.count(&mut self.ended, 1);
                let end = FaultEnd {
                    time: event.time,
                    nanoseconds,
                    outcome,
                };
                self.set_end(event.cpu, address, end, direction)
            }
            (Payload::SpaceSwitch { number, previous }, direction) => {
                (_, self.space) = direction.ordered(previous, number);
                true
            }
            _ => true,
        }
    }

    /// Faults nest, so the newest open one ends first, and undoing opens the oldest again.
    fn set_end(&mut self, cpu: u8, address: VirtAddr, end: FaultEnd, direction: Direction) -> bool {
        let (from, to) = match direction {
            Direction::Forward => (None, Some(end)),
            Direction::Back => (Some(end), None),
        };
        let is_it =
            |fault: &Fault| fault.cpu == cpu && fault.address == address && fault.end == from;
        let mut ages = 0..self.kept;
        let found = match direction {
            Direction::Forward => ages.find(|&age| is_it(&self.ring[self.slot(age)])),
            Direction::Back => ages.rfind(|&age| is_it(&self.ring[self.slot(age)])),
        };
        if let Some(age) = found {
            let slot = self.slot(age);
            self.ring[slot].end = to;
        }
        // One that the ring has dropped may end without being found.
        found.is_some() || self.total > self.kept as u64
    }
}
