//! A process that touches the pages of a reference string, under a limit of frames.
//!
//! ```text
//! kernel ──address, write?──► process ──touches the page──► hit, or a page fault
//!    ▲                                                             │
//!    └────────── trap: the value that it saw ◄─────────────────────┘
//! ```
//! The process traps between references. So the kernel knows each reference, as exact LRU needs,
//! and its future, as OPT needs. Each write stores the number of its reference, and each read must
//! see the last number that was stored: paging loses nothing.

use super::error::SpaceError;
use super::programs::Program;
use super::spawn::spawn;
use super::table::TABLE;
use crate::lock::Mutex;
use crate::memory::physical::frames::FRAME;
use crate::memory::physical::slices::Slices;
use mm::frame::AllocateError;
use mm::reclaim::{Counts, PageReference, Policy, Reference};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Bit 31 of a reference in memory: a write. The other bits are the page.
const WRITE: u32 = 1 << 31;
/// The page is never used again.
const NEVER: u32 = u32::MAX;

/// A reference string in memory, which it owns.
pub struct References {
    string: &'static mut [u32],
    /// For each reference, the number of the next one to the same page, or [`NEVER`].
    next: &'static mut [u32],
    /// For each page, the value that its first word must have.
    values: &'static mut [u32],
    _memory: Slices,
}

/// What a replay by a process came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Hits and faults, counted by the page-fault handler.
    pub counts: Counts,
    /// Reads that did not see the last value written.
    pub wrong_values: u64,
}

/// A replay by a process.
struct Run {
    references: References,
    process: u32,
    start: VirtAddr,
    /// References that the process was given.
    given: usize,
    wrong_values: u64,
    outcome: Option<Outcome>,
}

static RUN: Mutex<Option<Run>> = Mutex::new(None);

impl References {
    /// Room for a string of this many references.
    ///
    /// # Errors
    /// When there are no frames for it.
    pub fn new(
        count: usize,
        mut read: impl FnMut(usize) -> PageReference,
    ) -> Result<References, AllocateError> {
        let mut memory = Slices::new(Tag::KERNEL);
        // SAFETY: zeros are valid numbers, and the slices live as long as `memory`.
        let (string, next) = unsafe { (memory.add::<u32>(count)?, memory.add::<u32>(count)?) };
        let mut pages = 0;
        for (number, reference) in string.iter_mut().enumerate() {
            let PageReference { page, write } = read(number);
            pages = pages.max(page as usize + 1);
            *reference = page | if write { WRITE } else { 0 };
        }
        // SAFETY: as above.
        let values = unsafe { memory.add::<u32>(pages)? };
        values.fill(NEVER);
        for (number, reference) in string.iter().enumerate().rev() {
            let last = &mut values[(reference & !WRITE) as usize];
            next[number] = core::mem::replace(last, number as u32);
        }
        values.fill(0);
        Ok(References {
            string,
            next,
            values,
            _memory: memory,
        })
    }

    /// The number of references.
    pub fn len(&self) -> usize {
        self.string.len()
    }
}

/// Starts a process that replays the string, and returns its number. The references come back from
/// [`finish`].
///
/// # Errors
/// When memory runs out; the references come back.
#[expect(
    clippy::result_large_err,
    reason = "the references come back once, on the main stack"
)]
pub fn start(
    references: References,
    frames: usize,
    policy: &'static dyn Policy,
    seed: u64,
) -> Result<u32, (SpaceError, References)> {
    let pages = references.values.len();
    let started = spawn(Program::References).and_then(|number| {
        let mut table = TABLE.lock();
        let process = table.get_mut(number).ok_or(SpaceError::NoProcess)?;
        let start = process
            .space
            .add_limited_mapping(pages, frames, policy, seed);
        match start {
            Ok(start) => Ok((number, start)),
            Err(error) => {
                drop(table);
                super::kill(number);
                Err(error)
            }
        }
    });
    match started {
        Ok((process, start)) => {
            references.values.fill(0);
            *RUN.lock() = Some(Run {
                references,
                process,
                start,
                given: 0,
                wrong_values: 0,
                outcome: None,
            });
            Ok(process)
        }
        Err(error) => Err((error, references)),
    }
}

/// Takes the result of the last replay, if its process came to the end of the string, and the
/// references.
pub fn finish() -> Option<(Option<Outcome>, References)> {
    let run = RUN.lock().take()?;
    Some((run.outcome, run.references))
}

/// Serves `reference(value)`: the address of the next reference, with bit 0 set for a write; 0 at
/// the end. `None` for a process that replays nothing.
pub fn next(process: u32, value: u64) -> Option<u64> {
    let mut run = RUN.lock();
    let run = run.as_mut().filter(|run| run.process == process)?;
    let mut table = TABLE.lock();
    let process = table.get_mut(process)?;
    process.calls += 1;
    let limit = process.space.limit()?;
    if let Some(last) = run.given.checked_sub(1) {
        let (page, write) = run.reference(last);
        limit.referenced(run.start + u64::from(page) * FRAME);
        let expected = &mut run.references.values[page as usize];
        if write {
            *expected = run.given as u32;
        } else if value != u64::from(*expected) {
            run.wrong_values += 1;
        }
    }
    if run.given == run.references.string.len() {
        run.outcome = Some(Outcome {
            counts: limit.counts(),
            wrong_values: run.wrong_values,
        });
        return Some(0);
    }
    let (page, write) = run.reference(run.given);
    let next_use = run.references.next[run.given];
    limit.expect(Reference {
        write,
        next_use: match next_use {
            NEVER => u64::MAX,
            number => number.into(),
        },
    });
    run.given += 1;
    let address = run.start + u64::from(page) * FRAME;
    Some(address.as_u64() | u64::from(write))
}

impl Run {
    /// The page of a reference, and true for a write.
    fn reference(&self, number: usize) -> (u32, bool) {
        let reference = self.references.string[number];
        (reference & !WRITE, reference & WRITE != 0)
    }
}
