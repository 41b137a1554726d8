//! The process table: the processes, the order of their turns, and how the last ones ended.

use super::address_space::AddressSpace;
use super::error::SpaceError;
use super::programs::Program;
use super::switch;
use crate::lock::Mutex;
use crate::machine::clock;
use crate::machine::trap_frame::TrapFrame;
use crate::machine::user_registers::UserRegisters;
use crate::memory::paging::stacks::Stack;
use crate::memory::trace;
use core::fmt;
use heapless::Deque;
use mm::event::{Payload, ProcessState};
use mm::paging::FaultCause;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

/// The most processes.
pub const CAPACITY: usize = 16;
/// A millisecond in nanoseconds.
const MILLISECOND: u64 = clock::SECOND / 1000;
/// How many ends are stored.
const REMEMBERED: usize = 32;

/// All processes.
pub static TABLE: Mutex<Table> = Mutex::new(Table::new());

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status.
    Exit(u64),
    /// For a page fault that could not be resolved.
    Fault(FaultCause),
    /// For an exception with this vector.
    Exception(u8),
    /// Because no frame was left, and it had the most pages.
    OutOfMemory,
    /// By a command or a lesson.
    Killed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exit(status) => write!(f, "ended with status {status}"),
            End::Fault(cause) => write!(f, "ended by the kernel: {}", cause.words()),
            End::Exception(vector) => write!(f, "ended by the kernel: exception {vector}"),
            End::OutOfMemory => f.write_str("ended by the kernel: out of memory"),
            End::Killed => f.write_str("killed"),
        }
    }
}

/// The state of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for its turn.
    Ready,
    /// It sleeps until this time, in nanoseconds since boot.
    Sleeping(u64),
    /// It waits until the kernel wakes it.
    Waiting,
    /// It has ended; the main loop will free its memory.
    Ended(End),
}

impl State {
    /// Returns the state as events report it.
    pub fn as_event(self) -> ProcessState {
        match self {
            State::Ready => ProcessState::Ready,
            State::Sleeping(_) | State::Waiting => ProcessState::Asleep,
            State::Ended(_) => ProcessState::Ended,
        }
    }
}

/// A process.
pub struct Process {
    /// Its number, unique among existing processes.
    pub number: u32,
    /// Its parent, 0 for the kernel.
    pub parent: u32,
    /// Its program.
    pub program: Program,
    /// Its memory.
    pub space: AddressSpace,
    /// The stack of its system calls.
    pub stack: Stack,
    /// When it started, in milliseconds since boot.
    pub started: u64,
    /// Its state.
    pub state: State,
    /// How many page faults it had.
    pub faults: u32,
    /// How many turns it had.
    pub turns: u64,
    /// How many system calls it made.
    pub calls: u64,
    /// Whether its text is not logged.
    pub quiet: bool,
    /// How long it ran since the last measurement of working sets, in ticks.
    ran: u64,
    /// Its registers that no trap saves, while it waits for a turn.
    registers: UserRegisters,
    /// The stack pointer of its kernel stack while it waits for a turn.
    stack_pointer: u64,
}

/// The registers that a process begins with.
pub struct Registers {
    /// Those that a trap saves.
    pub frame: TrapFrame,
    /// The others.
    pub user: UserRegisters,
}

impl Process {
    /// A process that starts with these registers at its first turn.
    pub fn new(
        number: u32,
        parent: u32,
        program: Program,
        space: AddressSpace,
        stack: Stack,
        registers: Registers,
    ) -> Process {
        let Registers { frame, user } = registers;
        // SAFETY: the stack is mapped, empty and unused.
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
            ran: 0,
            registers: user,
            stack_pointer,
        }
    }

    /// Returns how long it ran since the last call, in nanoseconds.
    pub fn take_time(&mut self) -> u64 {
        clock::nanoseconds(core::mem::take(&mut self.ran))
    }
}

impl Process {
    /// Changes the state, and records it.
    pub fn set_state(&mut self, state: State) {
        let (from, to) = (self.state.as_event(), state.as_event());
        self.state = state;
        if from != to {
            let number = self.number;
            trace::record(Payload::ProcessState { number, from, to });
        }
    }

    /// Returns whether it can run now.
    fn is_due(&self, now: u64) -> bool {
        match self.state {
            State::Ready => true,
            State::Sleeping(until) => now >= until,
            State::Waiting | State::Ended(_) => false,
        }
    }
}

/// The data for the turn of a process.
pub struct Turn {
    pub number: u32,
    pub root: PhysFrame,
    pub kernel_stack_end: VirtAddr,
    pub stack_pointer: u64,
    /// The storage of its other registers, which does not move while the process exists.
    pub registers: *mut UserRegisters,
    /// The ticks that it ran, which do not move either.
    pub ran: *mut u64,
}

/// See [`TABLE`]. A process stays in its slot while it exists, and needs no heap.
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

    /// Returns a number for a new process.
    ///
    /// # Errors
    /// When the table is full.
    pub fn reserve_number(&mut self) -> Result<u32, SpaceError> {
        if self.slots.iter().all(Option::is_some) {
            return Err(SpaceError::TooManyProcesses);
        }
        // After the last number comes 1: 0 is the kernel, and existing processes keep their
        // numbers.
        loop {
            self.last_number = self.last_number.checked_add(1).unwrap_or(1);
            if self.get_mut(self.last_number).is_none() {
                return Ok(self.last_number);
            }
        }
    }

    /// Returns the number that was given last.
    pub fn last_number(&self) -> u32 {
        self.last_number
    }

    /// For a test: makes the number after this one the next. Returns the last number before.
    pub fn set_last_number(&mut self, number: u32) -> u32 {
        core::mem::replace(&mut self.last_number, number)
    }

    /// Adds a process.
    ///
    /// # Panics
    /// If the table is full: see [`Table::reserve_number`].
    pub fn insert(&mut self, process: Process) {
        let free = self.slots.iter_mut().find(|slot| slot.is_none());
        *free.expect("a number was reserved, so there is a slot") = Some(process);
    }

    /// Returns the process with this number.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Process> {
        self.slots
            .iter_mut()
            .flatten()
            .find(|process| process.number == number)
    }

    /// Returns all processes.
    pub fn iter(&self) -> impl Iterator<Item = &Process> + Clone {
        self.slots.iter().flatten()
    }

    /// Returns all processes, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Process> {
        self.slots.iter_mut().flatten()
    }

    /// Returns the address spaces of all processes.
    pub fn spaces(&mut self) -> impl Iterator<Item = &mut AddressSpace> {
        let processes = self.slots.iter_mut().flatten();
        processes.map(|process| &mut process.space)
    }

    /// Returns the numbers and root page tables of all processes.
    pub fn roots(&self) -> impl Iterator<Item = (u32, PhysFrame)> + Clone {
        self.iter()
            .map(|process| (process.number, process.space.root()))
    }

    /// Returns the next process that can run, round robin.
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
            ran: &raw mut process.ran,
        })
    }

    /// Returns the storage of the stack pointer of a process.
    ///
    /// # Panics
    /// If there is no such process.
    pub fn stack_pointer_slot(&mut self, number: u32) -> *mut u64 {
        &raw mut self
            .get_mut(number)
            .expect("the current process exists")
            .stack_pointer
    }

    /// Removes a process that has ended.
    pub fn take_ended(&mut self) -> Option<Process> {
        let ended = |slot: &&mut Option<Process>| {
            slot.as_ref()
                .is_some_and(|process| matches!(process.state, State::Ended(_)))
        };
        self.slots.iter_mut().find(ended)?.take()
    }

    /// Stores how a process ended.
    pub fn remember(&mut self, number: u32, end: End) {
        if self.ends.is_full() {
            self.ends.pop_front();
        }
        let _ = self.ends.push_back((number, end));
    }

    /// Returns how a process ended, if that is still stored.
    pub fn end_of(&self, number: u32) -> Option<End> {
        self.ends
            .iter()
            .find(|(ended, _)| *ended == number)
            .map(|&(_, end)| end)
    }

    /// Wakes a waiting process. Returns false if it does not wait.
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

    /// Ends a process. Returns false if there is no such process.
    pub fn kill(&mut self, number: u32) -> bool {
        let found = self.get_mut(number);
        found
            .map(|process| process.set_state(State::Ended(End::Killed)))
            .is_some()
    }
}
