//! The processes that live, and what their address spaces hold. Number 0 is the kernel.
//!
//! Invariants: sorted by number; one is listed if it lives or if anything of it is there (a space
//! is filled before its process begins, and emptied before it ends). The table is bounded; a
//! process that does not fit is missing, and counted.

use super::direction::Direction;
use mm::event::{Payload, ProcessState};

/// Processes that the table holds.
pub const MAX_PROCESSES: usize = 64;

/// The low bits of a process's faults that an event can carry.
const FAULTS: u64 = (1 << 24) - 1;

/// A process, or a space without one.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Process {
    /// Its number; 0 is the kernel.
    pub number: u32,
    /// It began, and has not given back all it had. The fields from here to `faults` are 0
    /// otherwise.
    pub is_live: bool,
    /// Who forked it, 0 for the kernel.
    pub parent: u32,
    /// What it runs, by the program's number.
    pub program: u8,
    /// When it began, in milliseconds since boot.
    pub started: u64,
    /// What it is doing.
    pub state: ProcessState,
    /// Its page faults, modulo 2^24.
    pub faults: u64,
    /// Its pages of all sizes.
    pub pages: u64,
    /// Of these, the ones of 4 KiB whose frame has more than one reference.
    pub shared: u64,
    /// The ones that the first write copies.
    pub copy_on_write: u64,
    /// Its page tables of all levels.
    pub tables: u64,
    /// Another number after each change of it or its space. No part of what it is: going back
    /// gives new ones.
    pub version: u64,
}

impl PartialEq for Process {
    fn eq(&self, other: &Process) -> bool {
        let parts = |process: &Process| {
            let Process {
                number,
                is_live,
                parent,
                program,
                started,
                state,
                ..
            } = *process;
            let counts = [
                process.faults,
                process.pages,
                process.shared,
                process.copy_on_write,
                process.tables,
            ];
            (number, is_live, parent, program, started, state, counts)
        };
        parts(self) == parts(other)
    }
}

impl Process {
    /// Nothing is known of it but the number.
    pub const fn numbered(number: u32) -> Process {
        Process {
            number,
            is_live: false,
            parent: 0,
            program: 0,
            started: 0,
            state: ProcessState::Ready,
            faults: 0,
            pages: 0,
            shared: 0,
            copy_on_write: 0,
            tables: 0,
            version: 0,
        }
    }

    /// The same process as the events tell it: what its space holds is left out.
    pub fn as_reported(&self) -> Process {
        Process {
            pages: 0,
            shared: 0,
            copy_on_write: 0,
            tables: 0,
            ..*self
        }
    }

    fn is_nothing(&self) -> bool {
        *self == Process::numbered(self.number)
    }
}

impl Default for Process {
    fn default() -> Process {
        Process::numbered(0)
    }
}

/// All processes.
#[derive(Debug)]
pub struct Processes<'m> {
    table: &'m mut [Process],
    len: usize,
    live: u64,
    changes: u64,
    /// Processes that the machine said are otherwise when all were compared last.
    pub differing: u64,
}

impl<'m> Processes<'m> {
    pub(super) fn new(table: &'m mut [Process]) -> Self {
        Processes {
            table,
            len: 0,
            live: 0,
            changes: 0,
            differing: 0,
        }
    }

    /// All that are known, by number: first the kernel.
    pub fn all(&self) -> &[Process] {
        &self.table[..self.len]
    }

    /// The one with this number.
    pub fn get(&self, number: u32) -> Option<&Process> {
        let at = self.place_of(number);
        self.all().get(at).filter(|found| found.number == number)
    }

    /// How many live; the kernel is not one of them.
    pub fn live(&self) -> u64 {
        self.live
    }

    /// Live processes that there was no room for.
    pub fn missing(&self) -> u64 {
        let known = self.all().iter().filter(|process| process.is_live).count();
        self.live.saturating_sub(known as u64)
    }

    /// How often anything here changed.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Something in the space of this process changed.
    pub(super) fn touch(&mut self, number: u32) {
        self.change(number, |_| ());
    }

    pub(crate) fn clear(&mut self) {
        (self.len, self.live) = (0, 0);
    }

    /// Puts one in that lives.
    pub(crate) fn add(&mut self, process: &Process) {
        self.live += 1;
        self.change(process.number, |known| {
            *known = Process {
                pages: known.pages,
                shared: known.shared,
                copy_on_write: known.copy_on_write,
                tables: known.tables,
                ..*process
            };
        });
    }

    /// The kernel's faults are its own to know.
    pub(crate) fn set_faults(&mut self, number: u32, faults: u64) {
        self.change(number, |process| process.faults = faults);
    }

    /// Changes what is known of the one with this number; false if there is no room for it.
    pub(super) fn change(&mut self, number: u32, change: impl FnOnce(&mut Process)) -> bool {
        let at = self.place_of(number);
        if self
            .all()
            .get(at)
            .is_none_or(|found| found.number != number)
        {
            if self.len == self.table.len() {
                return false;
            }
            self.table.copy_within(at..self.len, at + 1);
            self.table[at] = Process::numbered(number);
            self.len += 1;
        }
        change(&mut self.table[at]);
        self.changes += 1;
        self.table[at].version = self.changes;
        if self.table[at].is_nothing() {
            self.table.copy_within(at + 1..self.len, at);
            self.len -= 1;
        }
        true
    }

    /// An event about a process.
    pub(super) fn step(&mut self, payload: Payload, direction: Direction) -> bool {
        let mut agrees = true;
        match payload {
            Payload::ProcessStart {
                number,
                parent,
                program,
                started,
            } => {
                direction.count(&mut self.live, 1);
                let living = Process {
                    is_live: true,
                    parent,
                    program,
                    started,
                    ..Process::numbered(number)
                };
                self.change(number, |process| {
                    agrees = process.become_(living, direction);
                });
            }
            Payload::ProcessEnd {
                number,
                parent,
                program,
                started,
                faults,
                ..
            } => {
                direction.reversed().count(&mut self.live, 1);
                let ended = Process {
                    is_live: true,
                    parent,
                    program,
                    started,
                    faults: faults.into(),
                    state: ProcessState::Ended,
                    ..Process::numbered(number)
                };
                let direction = direction.reversed();
                self.change(number, |process| agrees = process.become_(ended, direction));
            }
            Payload::ProcessState { number, from, to } => {
                let (from, to) = direction.ordered(from, to);
                self.change(number, |process| {
                    agrees = process.state == from;
                    process.state = to;
                });
            }
            _ => {}
        }
        agrees
    }

    /// A page fault of this process.
    pub(super) fn fault(&mut self, number: u32, direction: Direction) {
        self.change(number, |process| {
            direction.count(&mut process.faults, 1);
            process.faults &= FAULTS;
        });
    }

    fn place_of(&self, number: u32) -> usize {
        self.all().partition_point(|other| other.number < number)
    }
}

impl Process {
    /// Nothing but a space becomes this process, or the reverse; false if it was something else.
    fn become_(&mut self, process: Process, direction: Direction) -> bool {
        let (from, to) = direction.ordered(Process::numbered(self.number), process);
        let agrees = self.as_reported() == from;
        *self = Process {
            pages: self.pages,
            shared: self.shared,
            copy_on_write: self.copy_on_write,
            tables: self.tables,
            ..to
        };
        agrees
    }
}
