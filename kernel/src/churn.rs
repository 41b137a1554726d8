//! Random reads and writes of processes over more pages than frames, with forks and exits.
//!
//! ```text
//! each policy that needs no future ──► rounds: 4 processes, 16 frames each, 64 pages each
//! the clock of the machine         ──► the same without limits, with frames for a quarter of the
//!                                      pages, which all become smaller in swap
//! ```
//! Each process checks every word of a page at each read, against the version that it wrote last.
//! `mode=churn` runs so many rounds that each policy has the operations of `operations=N`.

use crate::machine::clock;
use crate::memory::checks::balance::Balance;
use crate::memory::heap::kmalloc;
use crate::memory::paging::walk::MappedPage;
use crate::memory::physical::{frames, watermarks};
use crate::memory::swap;
use crate::process::paging_out::{Spaces, policy};
use crate::process::programs::Program;
use crate::process::{self, End, SpaceError, TABLE};
use core::fmt;
use mm::reclaim::{POLICIES, Policy};
use mm::tag::Tag;
use mm::units::Count;

/// The processes of a round that are not forked.
const PROCESSES: usize = 4;
/// The pages of a process, and its operations, as in the program; a child has fewer.
const PAGES: u64 = 64;
const OPERATIONS: u64 = 500;
const CHILD_OPERATIONS: u64 = 64;
/// The frames of a process.
const FRAMES: usize = 16;
/// Room for the compressed pages of a round.
const COMPRESSED_BYTES: usize = 512 << 10;
/// The number of turns after which a round counts as stuck.
const TURNS: u64 = 10_000_000;

/// Who chooses the pages that leave.
#[derive(Clone, Copy)]
pub enum Chooser {
    /// This policy, under a limit for each process.
    Limits(&'static dyn Policy),
    /// The clock of the machine.
    Machine,
}

/// Why a round failed.
pub enum Failure {
    /// A process could not be started or limited.
    Refused(SpaceError),
    /// A process did not end well: it saw a wrong value, or it was ended.
    Ended(u32, End),
    /// The processes do not end.
    Stuck,
    /// Swap slots are left.
    Slots(usize),
}

impl Chooser {
    /// The program of a round. The machine gains no frame by a page that does not shrink.
    fn program(self) -> Program {
        match self {
            Chooser::Limits(_) => Program::Churn,
            Chooser::Machine => Program::Shrinking,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(error) => error.fmt(f),
            Failure::Ended(number, end) => write!(f, "process {number} {end}"),
            Failure::Stuck => f.write_str("the processes do not end"),
            Failure::Slots(slots) => write!(f, "{slots} swap slots are left"),
        }
    }
}

impl fmt::Display for Chooser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Chooser::Limits(policy) => write!(f, "policy {}", policy.name()),
            Chooser::Machine => f.write_str("clock of the machine"),
        }
    }
}

/// All choosers.
pub fn choosers() -> impl Iterator<Item = Chooser> {
    let policies = POLICIES.into_iter().filter(|policy| !policy.needs_future());
    policies.map(Chooser::Limits).chain([Chooser::Machine])
}

/// Runs one round. Returns how many operations it had.
///
/// # Errors
/// When a process saw a wrong value, or did not end well; all processes have ended then.
pub fn round(chooser: Chooser) -> Result<u64, Failure> {
    let (before, low) = (policy(), watermarks::low());
    if let Chooser::Limits(policy) = chooser {
        Spaces::of(TABLE.lock().spaces()).set_policy(policy);
    }
    let result = run(chooser);
    watermarks::set_low(low);
    Spaces::of(TABLE.lock().spaces()).set_policy(before);
    process::kill_all();
    let operations = result?;
    match swap::statistics().used {
        0 => Ok(operations),
        left => Err(Failure::Slots(left)),
    }
}

fn run(chooser: Chooser) -> Result<u64, Failure> {
    let mut first = None;
    for _ in 0..PROCESSES {
        let number = process::spawn(chooser.program()).map_err(Failure::Refused)?;
        first.get_or_insert(number);
        if let Chooser::Limits(policy) = chooser {
            let mut table = TABLE.lock();
            let mut spaces = Spaces::of(table.spaces());
            let limited = spaces.limit(number, FRAMES, policy);
            limited.map_err(Failure::Refused)?;
        }
    }
    if let Chooser::Machine = chooser {
        grow_heap();
    }
    run_to_the_end(chooser)?;
    let table = TABLE.lock();
    let (first, last) = (first.unwrap_or_default(), table.last_number());
    let mut operations = 0;
    for number in first..=last {
        let is_child = number >= first + PROCESSES as u32;
        match table.end_of(number) {
            Some(End::Exit(0)) if is_child => operations += CHILD_OPERATIONS,
            Some(End::Exit(0)) => operations += OPERATIONS,
            // The fork was refused, and its number was lost.
            None if is_child => {}
            end => return Err(Failure::Ended(number, end.unwrap_or(End::Killed))),
        }
    }
    Ok(operations)
}

/// Runs all processes until they have ended.
fn run_to_the_end(chooser: Chooser) -> Result<(), Failure> {
    for _ in 0..TURNS {
        if let Chooser::Machine = chooser {
            keep_frames_short();
        }
        if !process::run_slice() {
            return Ok(());
        }
    }
    Err(Failure::Stuck)
}

/// Sets the low watermark so that pages have few frames, however many the kernel uses for the
/// processes.
fn keep_frames_short() {
    const UNIT: u64 = 1000;
    let (mut used, mut most) = (0, PROCESSES as u64 * PAGES / 4 * UNIT);
    for process in TABLE.lock().iter() {
        // The page of the program stays.
        most += UNIT;
        let mut share = |found: MappedPage| {
            used += UNIT / u64::from(frames::references(found.frame).max(1));
        };
        process.space.for_each_page(&mut share);
    }
    let free = frames::lock().statistics().free * UNIT;
    watermarks::set_low((free + used).saturating_sub(most) / UNIT);
}

/// Makes the heap large enough for the compressed pages, if it can grow: a chunk that it takes
/// later would leave no frames for the processes.
fn grow_heap() {
    if let Ok(block) = kmalloc::kmalloc(COMPRESSED_BYTES, Tag::KERNEL) {
        kmalloc::kfree(block).expect("it was allocated a moment ago");
    }
}

/// Runs rounds until each policy has this many operations. Returns whether all reads saw what was
/// written last, and nothing is left: no slot, no frame, no byte of the heap.
pub fn run_all(operations: u64) -> bool {
    let before = Balance::now();
    let failed = choosers().filter(|&chooser| !repeat(chooser, operations));
    let passed = failed.count() == 0;
    swap::free_table();
    let (used, after) = (swap::statistics().used, Balance::now());
    log::info!("left over: {used} slots, {}", after.leaked_since(&before));
    passed && used == 0 && after == before
}

/// Runs rounds until this chooser has so many operations. Returns whether all went well.
fn repeat(chooser: Chooser, operations: u64) -> bool {
    let start = clock::now();
    let (stored, mut done) = (swap::statistics().written, 0);
    while done < operations {
        match round(chooser) {
            Ok(more) => done += more,
            Err(failure) => {
                log::error!("{chooser}: {failure}, after {} operations", Count(done));
                return false;
            }
        }
    }
    log::info!(
        "{chooser}: {} operations, {} pages stored, {} ms of guest time, no difference",
        Count(done),
        Count(swap::statistics().written - stored),
        (clock::now() - start) / 1_000_000
    );
    true
}
