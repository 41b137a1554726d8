//! A process that uses the blocks of a workload, which a heap strategy places in its memory.
//!
//! ```text
//! kernel ──request──► strategy ──a block to write or to read──► process ──touches it──► page faults
//!    ▲                                                            │
//!    └────────── trap: the first word of a block that it read ◄───┘
//! ```
//! The process writes a number to each page of a block when it is allocated or resized. It reads
//! the first word when the block is freed or moved, which finds a block that overlaps another one.
//! The metadata of the strategy lies in frames of the kernel.

use super::error::SpaceError;
use super::programs::Program;
use super::scheduler;
use super::spawn::spawn;
use super::table::{State, TABLE};
use crate::boot::options::Pace;
use crate::lock::Mutex;
use crate::machine::clock::{self, SECOND};
use crate::memory::heap::arena_buffers::ArenaBuffers;
use crate::memory::heap::arena_watch::{self, ArenaWatch};
use crate::memory::paging::layout;
use crate::memory::physical::slices::Slices;
use mm::heap::strategy::{Arena, BlockAllocator, Setup, Strategy};
use mm::heap::workload::{Held, Outcome, Placed, Player, Requests, Workload};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// A microsecond in nanoseconds.
const MICROSECOND: u64 = SECOND / 1_000_000;
/// The longest delay of a request, in nanoseconds, that later ones catch up with.
const CATCH_UP: u64 = SECOND / 4;

/// A workload that a process played to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// The counts of the requests.
    pub outcome: Outcome,
    /// Reads that did not see what was written to the block.
    pub wrong_values: u64,
    /// Pages of the process at the end.
    pub pages: u64,
    /// Ticks of the time-stamp counter in the strategy: instructions under `-icount`.
    pub ticks: u64,
    /// The first byte of which live and free blocks disagree.
    pub invalid: Option<u64>,
}

/// The next operation of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The address, with bit 0 set for a write; or one of the constants.
    pub address: u64,
    /// The end of the block.
    pub end: u64,
}

impl Touch {
    const END: Touch = Touch { address: 0, end: 0 };
    const NOTHING: Touch = Touch { address: 1, end: 0 };
}

/// A workload in the middle. The caller of [`start`] owns the bytes of its requests, and calls
/// [`finish`] before it frees them. The arena is dropped before its buffers.
struct Run {
    player: Player<'static, ArenaWatch>,
    requests: Requests<'static>,
    process: u32,
    start: VirtAddr,
    /// For each block, the number that the process wrote to it.
    numbers: &'static mut [u32],
    pace: Pace,
    /// The time at which the next request is due, by time stamps.
    due: u64,
    /// Requests that the main loop allows, by hand or in each picture.
    allowed: u64,
    /// Blocks written so far.
    writes: u32,
    /// The value that the last read has to see.
    expected: Option<u32>,
    /// A block to write after the last read.
    pending: Option<Placed>,
    wrong_values: u64,
    ticks: u64,
    played: Option<Played>,
    _buffers: ArenaBuffers,
    _memory: Slices,
}

static RUN: Mutex<Option<Run>> = Mutex::new(None);

/// Starts a process that plays the workload to a strategy, and returns its number.
///
/// # Errors
/// When memory runs out.
pub fn start(
    workload: &Workload<'static>,
    strategy: Strategy,
    pace: Pace,
) -> Result<u32, SpaceError> {
    let mut memory = Slices::new(Tag::KERNEL);
    // SAFETY: zeros are valid blocks and numbers, and the slices live as long as `memory`, which
    // the run owns.
    let (held, numbers) = unsafe {
        (
            memory.add::<Held>(workload.blocks)?,
            memory.add::<u32>(workload.blocks)?,
        )
    };
    // A resize that moves a block has both places for a moment.
    let buffers = ArenaBuffers::new(strategy.sizes(workload.arena, workload.blocks + 2))?;
    // SAFETY: the arena is the only user of the buffers, and is dropped before them.
    let storage = unsafe { buffers.storage() };
    let process = spawn(Program::Workload)?;
    let opened = TABLE
        .lock()
        .get_mut(process)
        .ok_or(SpaceError::NoProcess)
        .and_then(|process| process.space.add_large_mapping(workload.arena));
    let start = opened.inspect_err(|_| {
        super::kill(process);
    })?;
    let setup = Setup {
        start: layout::RACE,
        bytes: workload.arena,
        storage,
        tracer: ArenaWatch::for_workload(workload, layout::RACE, strategy),
    };
    *RUN.lock() = Some(Run {
        player: Player::new(Arena::new(strategy, setup), held),
        requests: workload.requests(),
        process,
        start,
        numbers,
        pace,
        due: clock::now(),
        allowed: 0,
        writes: 0,
        expected: None,
        pending: None,
        wrong_values: 0,
        ticks: 0,
        played: None,
        _buffers: buffers,
        _memory: memory,
    });
    Ok(process)
}

/// Takes the result of the last workload, if its process came to the end.
pub fn finish() -> Option<Played> {
    let mut run = RUN.lock().take()?;
    arena_watch::close(&mut run.player);
    run.played
}

/// Allows further requests, by hand or in each picture.
pub fn allow(requests: u64) {
    let mut run = RUN.lock();
    if let Some(run) = run.as_mut() {
        run.allowed = run.allowed.saturating_add(requests);
        scheduler::wake(run.process);
    }
}

/// Returns whether the process has made all requests that were allowed.
pub fn is_waiting() -> bool {
    let run = RUN.lock();
    run.as_ref().is_some_and(|run| run.allowed == 0)
}

/// Returns the state in which a process waits for its next request or for its end, or `None` if
/// that is due.
pub fn must_wait(process: u32) -> Option<State> {
    let run = RUN.lock();
    let run = run.as_ref().filter(|run| run.process == process)?;
    // A block is written right after its request.
    let is_request = run.pending.is_none();
    match run.pace {
        _ if !is_request => None,
        Pace::Full => None,
        Pace::Hand | Pace::Request => (run.allowed == 0).then_some(State::Waiting),
        Pace::Stamp => (clock::now() < run.due).then_some(State::Sleeping(run.due)),
    }
}

/// Serves `request(value)`. `None` for a process that plays nothing.
pub fn next(process: u32, value: u64) -> Option<Touch> {
    let mut run = RUN.lock();
    let run = run.as_mut().filter(|run| run.process == process)?;
    let pages = {
        let mut table = TABLE.lock();
        let process = table.get_mut(process)?;
        process.calls += 1;
        process.space.pages()
    };
    if let Some(expected) = run.expected.take() {
        run.wrong_values += u64::from(value != u64::from(expected));
    }
    Some(match run.pending.take() {
        Some(placed) => run.write(placed),
        None => run.request(pages),
    })
}

impl Run {
    /// Plays the next request.
    fn request(&mut self, pages: u64) -> Touch {
        let Some(request) = self.requests.next() else {
            self.played = Some(Played {
                outcome: self.player.outcome(),
                wrong_values: self.wrong_values,
                pages,
                ticks: self.ticks,
                invalid: self.player.arena().validate().err(),
            });
            return Touch::END;
        };
        // The last request stays on the screen: the end needs a key or a picture of its own.
        self.allowed = match self.requests.has_next() {
            true => self.allowed.saturating_sub(1),
            false => 0,
        };
        self.due = self.next_due(clock::now());
        let (step, ticks) = arena_watch::play(&mut self.player, request);
        self.ticks += ticks;
        match (step.left, step.placed) {
            (Some(left), placed) => {
                self.pending = placed;
                self.expected = Some(self.numbers[left.block]);
                self.touch(left, 0)
            }
            (None, Some(placed)) => self.write(placed),
            (None, None) => Touch::NOTHING,
        }
    }

    /// Returns when the request after this one is due, by time stamps. A late run catches up,
    /// unless it was paused.
    fn next_due(&self, now: u64) -> u64 {
        let pause = self.requests.pause().saturating_mul(MICROSECOND);
        let is_late = now.saturating_sub(self.due) > CATCH_UP;
        let due = if is_late { now } else { self.due };
        due.saturating_add(pause)
    }

    fn write(&mut self, placed: Placed) -> Touch {
        self.writes = self.writes.wrapping_add(1);
        self.numbers[placed.block] = self.writes;
        self.touch(placed, 1)
    }

    fn touch(&self, placed: Placed, write: u64) -> Touch {
        let address = (self.start + placed.offset).as_u64();
        Touch {
            address: address | write,
            end: address + placed.bytes,
        }
    }
}
