//! The live processes, and counts over their address spaces. Number 0 is the kernel.
//!
//! Invariants: the table is sorted by number. It lists a process that is live, or whose space holds
//! anything: a space is filled before its process starts, and emptied before it ends. The table is
//! bounded; processes that do not fit are counted.

use super::direction::Direction;
use mm::event::{FAULT_COUNTS, Payload, ProcessState};

/// The capacity of the table.
pub const MAX_PROCESSES: usize = 64;

/// A process, or an address space without a process.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Process {
    /// The number; 0 is the kernel.
    pub number: u32,
    /// True if the process started and has not released all its memory. Otherwise, the fields from
    /// here to `faults` are 0.
    pub is_live: bool,
    /// The number of its parent, 0 for the kernel.
    pub parent: u32,
    /// The number of its program.
    pub program: u8,
    /// The time of its start, in milliseconds since boot.
    pub started: u64,
    /// Its scheduling state.
    pub state: ProcessState,
    /// Its page faults, modulo [`FAULT_COUNTS`].
    pub faults: u64,
    /// Its pages of all sizes.
    pub pages: u64,
    /// Pages of 4 KiB whose frame has more than one reference.
    pub shared: u64,
    /// Copy-on-write pages.
    pub copy_on_write: u64,
    /// Its page tables of all levels.
    pub tables: u64,
    /// A number that changes with the process and with its space. It is not part of the state:
    /// reverting an event changes it as well.
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
    /// Creates a process of which only the number is known.
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

    /// Returns the fields that events report. The counts over its space are 0.
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
    /// The number of processes that differed from the machine in the last comparison.
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

    /// Returns all processes by number, with the kernel first.
    pub fn all(&self) -> &[Process] {
        &self.table[..self.len]
    }

    /// Returns the process with this number.
    pub fn get(&self, number: u32) -> Option<&Process> {
        let at = self.index_of(number);
        self.all().get(at).filter(|found| found.number == number)
    }

    /// Returns the number of live processes, without the kernel.
    pub fn live(&self) -> u64 {
        self.live
    }

    /// Returns the number of live processes that did not fit.
    pub fn missing(&self) -> u64 {
        let known = self.all().iter().filter(|process| process.is_live).count();
        self.live.saturating_sub(known as u64)
    }

    /// Returns the number of changes so far.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Records a change in the space of a process.
    pub(super) fn touch(&mut self, number: u32) {
        self.change(number, |_| ());
    }

    pub(crate) fn clear(&mut self) {
        (self.len, self.live) = (0, 0);
    }

    /// Adds a live process.
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

    /// Sets the fault count of a process.
    pub(crate) fn set_faults(&mut self, number: u32, faults: u64) {
        self.change(number, |process| process.faults = faults);
    }

    /// Changes the process with this number. Returns false if there is no room for it.
    pub(super) fn change(&mut self, number: u32, change: impl FnOnce(&mut Process)) -> bool {
        let at = self.index_of(number);
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

    /// Applies or reverts an event about a process.
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

    /// Counts a page fault of a process, or reverts the count.
    pub(super) fn fault(&mut self, number: u32, direction: Direction) {
        self.change(number, |process| {
            direction.count(&mut process.faults, 1);
            process.faults %= u64::from(FAULT_COUNTS);
        });
    }

    fn index_of(&self, number: u32) -> usize {
        self.all().partition_point(|other| other.number < number)
    }
}

impl Process {
    /// Starts a process in its space, or reverts that. Returns false if the old state differs.
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
