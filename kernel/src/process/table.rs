//! The process table: who lives, who is next, and how the last ones ended.

use super::address_space::AddressSpace;
use super::error::SpaceError;
use super::programs::Program;
use super::switch;
use crate::machine::clock;
use crate::machine::trap_frame::TrapFrame;
use crate::machine::user_registers::UserRegisters;
use crate::memory::paging::stacks::Stack;
use crate::memory::trace;
use core::fmt;
use heapless::Deque;
use mm::event::{Payload, ProcessState};
use mm::paging::FaultCause;
use spin::Mutex;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

/// Processes that can live at once.
pub const CAPACITY: usize = 16;
/// In nanoseconds.
const MILLISECOND: u64 = clock::SECOND / 1000;
/// Ends that are remembered.
const REMEMBERED: usize = 32;

/// All processes.
pub static TABLE: Mutex<Table> = Mutex::new(Table::new());

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status.
    Exit(u64),
    /// For a page fault that could not be mended.
    Fault(FaultCause),
    /// For an exception with this vector.
    Exception(u8),
    /// Because somebody asked for it.
    Killed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exit(status) => write!(f, "ended with status {status}"),
            End::Fault(cause) => write!(f, "ended by the kernel: {}", cause.words()),
            End::Exception(vector) => write!(f, "ended by the kernel: exception {vector}"),
            End::Killed => f.write_str("killed"),
        }
    }
}

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It can have a turn.
    Ready,
    /// It can have a turn from this time on, in nanoseconds since boot.
    Sleeping(u64),
    /// It has no turn until somebody wakes it.
    Waiting,
    /// It is over; the main loop will give back what it had.
    Ended(End),
}

impl State {
    /// As events tell it.
    pub fn told(self) -> ProcessState {
        match self {
            State::Ready => ProcessState::Ready,
            State::Sleeping(_) | State::Waiting => ProcessState::Asleep,
            State::Ended(_) => ProcessState::Ended,
        }
    }
}

/// A process.
pub struct Process {
    /// Its number, which no other living process has.
    pub number: u32,
    /// Who forked it, 0 for the kernel.
    pub parent: u32,
    /// What it runs.
    pub program: Program,
    /// Its memory.
    pub space: AddressSpace,
    /// Where its system calls run.
    pub stack: Stack,
    /// When it began, in milliseconds since boot.
    pub started: u64,
    /// What it is doing.
    pub state: State,
    /// Page faults that it had.
    pub faults: u32,
    /// Turns that it had.
    pub turns: u64,
    /// System calls that it made.
    pub calls: u64,
    /// What it writes is not logged.
    pub quiet: bool,
    /// Its registers that no trap saves, while it waits for a turn.
    registers: UserRegisters,
    /// Where its kernel stack stands while it waits for a turn.
    stack_pointer: u64,
}

impl Process {
    /// A process that begins with these registers at its first turn.
    pub fn new(
        number: u32,
        parent: u32,
        program: Program,
        space: AddressSpace,
        stack: Stack,
        frame: TrapFrame,
        registers: UserRegisters,
    ) -> Process {
        // SAFETY: the stack is mapped, empty, and ours.
        let stack_pointer = unsafe { switch::prepare(stack.end(), frame) };
        Process {
            number,
            parent,
            program,
            space,
            stack,
            started: clock::now() / MILLISECOND,
            state: State::Ready,
            faults: 0,
            turns: 0,
            calls: 0,
            quiet: program == Program::Chaos,
            registers,
            stack_pointer,
        }
    }
}

impl Process {
    /// It does this from now on.
    pub fn set_state(&mut self, state: State) {
        let (from, to) = (self.state.told(), state.told());
        self.state = state;
        if from != to {
            let number = self.number;
            trace::record(Payload::ProcessState { number, from, to });
        }
    }

    /// Whether it can have a turn now.
    fn is_due(&self, now: u64) -> bool {
        match self.state {
            State::Ready => true,
            State::Sleeping(until) => now >= until,
            State::Waiting | State::Ended(_) => false,
        }
    }
}

/// What is needed to give a process its turn.
pub struct Turn {
    pub number: u32,
    pub root: PhysFrame,
    pub kernel_stack_end: VirtAddr,
    pub stack_pointer: u64,
    /// Where its other registers are kept. It stays there while the process lives.
    pub registers: *mut UserRegisters,
}

/// See [`TABLE`]. A process stays in its slot while it lives, and needs no heap.
pub struct Table {
    slots: [Option<Process>; CAPACITY],
    last_number: u32,
    /// The slot after the one that had the last turn.
    next: usize,
    ends: Deque<(u32, End), REMEMBERED>,
}

impl Table {
    const fn new() -> Table {
        Table {
            slots: [const { None }; CAPACITY],
            last_number: 0,
            next: 0,
            ends: Deque::new(),
        }
    }

    /// A number for a new process.
    ///
    /// # Errors
    /// When the table is full.
    pub fn reserve_number(&mut self) -> Result<u32, SpaceError> {
        if self.slots.iter().all(Option::is_some) {
            return Err(SpaceError::TooManyProcesses);
        }
        // After the last number comes 1: 0 is the kernel, and a living process keeps its number.
        loop {
            self.last_number = self.last_number.checked_add(1).unwrap_or(1);
            if self.get_mut(self.last_number).is_none() {
                return Ok(self.last_number);
            }
        }
    }

    /// For a test: the number after this one is the next. The number that was the last one before.
    pub fn set_last_number(&mut self, number: u32) -> u32 {
        core::mem::replace(&mut self.last_number, number)
    }

    /// # Panics
    /// If the table is full: see [`Table::reserve_number`].
    pub fn insert(&mut self, process: Process) {
        let free = self.slots.iter_mut().find(|slot| slot.is_none());
        *free.expect("a number was reserved, so there is a slot") = Some(process);
    }

    /// The process with this number, if it lives.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Process> {
        self.slots
            .iter_mut()
            .flatten()
            .find(|process| process.number == number)
    }

    /// All living processes.
    pub fn iter(&self) -> impl Iterator<Item = &Process> + Clone {
        self.slots.iter().flatten()
    }

    /// Returns the numbers and root page tables of all living processes.
    pub fn roots(&self) -> impl Iterator<Item = (u32, PhysFrame)> + Clone {
        self.iter()
            .map(|process| (process.number, process.space.root()))
    }

    /// The next process whose turn it is, round and round.
    pub fn next_turn(&mut self) -> Option<Turn> {
        let now = clock::now();
        let order = (0..CAPACITY).map(|step| (self.next + step) % CAPACITY);
        let slot = order.into_iter().find(|&slot| {
            self.slots[slot]
                .as_ref()
                .is_some_and(|process| process.is_due(now))
        })?;
        self.next = (slot + 1) % CAPACITY;
        let process = self.slots[slot].as_mut()?;
        process.turns += 1;
        process.set_state(State::Ready);
        Some(Turn {
            number: process.number,
            root: process.space.root(),
            kernel_stack_end: process.stack.end(),
            stack_pointer: process.stack_pointer,
            registers: &raw mut process.registers,
        })
    }

    /// Where the stack pointer of a waiting process is kept.
    ///
    /// # Panics
    /// If no such process lives.
    pub fn stack_pointer_slot(&mut self, number: u32) -> *mut u64 {
        &raw mut self
            .get_mut(number)
            .expect("the current process lives")
            .stack_pointer
    }

    /// Takes a process out that has ended.
    pub fn take_ended(&mut self) -> Option<Process> {
        let ended = |slot: &&mut Option<Process>| {
            slot.as_ref()
                .is_some_and(|process| matches!(process.state, State::Ended(_)))
        };
        self.slots.iter_mut().find(ended)?.take()
    }

    /// Keeps how a process ended.
    pub fn remember(&mut self, number: u32, end: End) {
        if self.ends.is_full() {
            self.ends.pop_front();
        }
        let _ = self.ends.push_back((number, end));
    }

    /// How a process ended, if that is still known.
    pub fn end_of(&self, number: u32) -> Option<End> {
        self.ends
            .iter()
            .find(|(ended, _)| *ended == number)
            .map(|&(_, end)| end)
    }

    /// A process that waits can have turns again: false if it does not wait.
    pub fn wake(&mut self, number: u32) -> bool {
        let waiting = |process: &&mut Process| process.state == State::Waiting;
        let found = self.get_mut(number).filter(waiting);
        found
            .map(|process| process.set_state(State::Ready))
            .is_some()
    }

    /// Ends all processes.
    pub fn kill_all(&mut self) {
        for process in self.slots.iter_mut().flatten() {
            process.set_state(State::Ended(End::Killed));
        }
    }

    /// Ends a process that waits for its turn: false if there is none.
    pub fn kill(&mut self, number: u32) -> bool {
        let found = self.get_mut(number);
        found
            .map(|process| process.set_state(State::Ended(End::Killed)))
            .is_some()
    }
}
