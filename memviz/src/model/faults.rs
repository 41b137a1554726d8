//! The most recent page faults, each with its start and its end.
//!
//! The log is a ring whose size the caller chooses. Fault number n, counted from 0, is in slot n
//! modulo the size, so reverting removes the newest fault without moving any other. Reverting does
//! not restore faults that the ring dropped. The ring is therefore larger than the log; when the
//! log lacks faults ([`FaultLog::is_short`]), the timeline must refill it.

use super::direction::Direction;
use mm::event::{Event, Payload};
use mm::memory_map::FRAME_BYTES;
use mm::paging::{ErrorCode, FaultCause, FaultOutcome};
use x86_64::{PhysAddr, VirtAddr};

/// The maximum number of faults in the log.
pub const KEPT: usize = 256;
/// Slots in the ring of a model of [`ModelNeeds`](super::storage::ModelNeeds).
pub(super) const SLOTS: usize = 4 * KEPT;

/// One page fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The time of its start, in nanoseconds since boot.
    pub time: u64,
    /// The address of the access.
    pub address: VirtAddr,
    /// The address of the instruction.
    pub instruction: VirtAddr,
    /// The error code.
    pub code: ErrorCode,
    /// The cause.
    pub cause: FaultCause,
    /// The CPU.
    pub cpu: u8,
    /// The process in whose address space it happened: see [`space_of`].
    pub space: u32,
    /// The frame that the handler mapped at the address.
    pub frame: Option<PhysAddr>,
    /// How often a page was mapped at the address until the end.
    maps: u64,
    /// Its end, unless the handler is still running.
    pub end: Option<FaultEnd>,
}

/// The end of a page fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultEnd {
    /// The time of the end, in nanoseconds since boot.
    pub time: u64,
    /// The time in the handler, in nanoseconds.
    pub nanoseconds: u64,
    /// The outcome.
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
            frame: None,
            maps: 0,
            end: None,
        }
    }
}

/// Returns the process in whose address space a fault happens, while events are about `space`.
/// Faults in ring 3 and in the lower half belong to `space`, all others to the kernel, which is 0.
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
    /// The process whose address space the events are about.
    space: u32,
}

impl<'m> FaultLog<'m> {
    /// Creates an empty log. Overwrites the slots.
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

    /// Sets the address space that events are about.
    pub(crate) fn set_space(&mut self, space: u32) {
        self.space = space;
    }

    /// Returns the faults of the log, at most [`KEPT`], newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Fault> {
        (0..self.kept.min(KEPT)).map(|age| &self.ring[self.slot(age)])
    }

    /// Returns the fault with this number since boot, counted from 0, if it is in the log.
    pub fn numbered(&self, number: u64) -> Option<&Fault> {
        let age = self.total.checked_sub(number + 1)? as usize;
        (age < self.kept.min(KEPT)).then(|| &self.ring[self.slot(age)])
    }

    /// Returns whether reverting removed so many faults that the log lacks some.
    pub(crate) fn is_short(&self) -> bool {
        let expected = self.ring.len().min(KEPT) as u64;
        (self.kept as u64) < self.total.min(expected)
    }

    /// Copies another log, as far as there are slots.
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

    /// Returns the number of faults since boot.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Returns the number of faults since boot with this cause.
    pub fn by_cause(&self, cause: FaultCause) -> u64 {
        self.by_cause[cause as usize]
    }

    /// Returns the mean time in the handler, in nanoseconds, over all faults that ended.
    pub fn mean_nanoseconds(&self) -> Option<u64> {
        self.handler_nanoseconds.checked_div(self.ended)
    }

    /// Returns the slot of the fault with this age; 0 is the newest.
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
                        frame: None,
                        maps: 0,
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
            (Payload::Map { page, frame, .. }, direction) => {
                self.set_frame(event.cpu, page, frame, direction);
                true
            }
            (Payload::SpaceSwitch { number, previous }, direction) => {
                (_, self.space) = direction.ordered(previous, number);
                true
            }
            _ => true,
        }
    }

    /// Keeps the frame that is mapped at the address of the newest fault, while that is open.
    fn set_frame(&mut self, cpu: u8, page: VirtAddr, frame: PhysAddr, direction: Direction) {
        if self.kept == 0 {
            return;
        }
        let slot = self.slot(0);
        let fault = &mut self.ring[slot];
        let is_its = fault.address.align_down(FRAME_BYTES) == page;
        if fault.end.is_none() && fault.cpu == cpu && is_its {
            direction.count(&mut fault.maps, 1);
            fault.frame = match fault.maps {
                0 => None,
                _ => fault.frame.or(Some(frame)),
            };
        }
    }

    /// Faults nest: the newest open fault ends first, and reverting reopens the oldest first.
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
        // The fault may have ended after the ring dropped it.
        found.is_some() || self.total > self.kept as u64
    }
}
