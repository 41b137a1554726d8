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

use super::address_space::Referenced;
use super::error::SpaceError;
use super::programs::Program;
use super::spawn::spawn;
use super::table::TABLE;
use crate::lock::Mutex;
use crate::memory::physical::frames::FRAME;
use crate::memory::physical::slices::Slices;
use crate::memory::trace;
use mm::event::Payload;
use mm::frame::AllocateError;
use mm::reclaim::{Counts, FrameIndex, POLICIES, PageReference, Policy, Reference};
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

/// The result of a replay by a process.
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
    /// The process waits once it was given this many references.
    granted: usize,
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
                granted: usize::MAX,
            });
            trace::record(Payload::ReplayStart {
                start,
                process,
                frames: u16::try_from(frames).unwrap_or(u16::MAX),
                policy: number_of(policy),
            });
            Ok(process)
        }
        Err(error) => Err((error, references)),
    }
}

/// Makes the process of the replay wait once it was given this many references in all. At the end
/// it waits before it ends.
pub fn grant(references: usize) {
    if let Some(run) = RUN.lock().as_mut() {
        run.granted = references;
    }
}

/// Returns whether a process must wait before it gets its next reference.
pub fn must_wait(process: u32) -> bool {
    let run = RUN.lock();
    let run = run.as_ref().filter(|run| run.process == process);
    run.is_some_and(|run| run.given + usize::from(run.outcome.is_some()) > run.granted)
}

/// Returns the counts of the replay up to now, in the middle of the string or at its end.
pub fn counts() -> Option<Counts> {
    let run = RUN.lock();
    let run = run.as_ref()?;
    if let Some(outcome) = run.outcome {
        return Some(outcome.counts);
    }
    let mut table = TABLE.lock();
    let limit = table.get_mut(run.process)?.space.limit()?;
    Some(limit.counts())
}

/// Returns the address of a page of the replay.
pub fn address_of(page: u64) -> Option<VirtAddr> {
    RUN.lock().as_ref().map(|run| run.start + page * FRAME)
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
        let referenced = limit.referenced(run.start + u64::from(page) * FRAME);
        record(page, write, referenced);
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

/// Records a reference.
fn record(page: u32, write: bool, referenced: Option<Referenced>) {
    let Some(referenced) = referenced else { return };
    let number = |frame: FrameIndex| u16::try_from(frame.number()).unwrap_or(u16::MAX);
    trace::record(Payload::PageReference {
        page,
        accessed: referenced.accessed,
        frame: number(referenced.frame),
        next: referenced.next.map_or(u16::MAX, number),
        write,
        fault: referenced.fault,
    });
}

/// The number of a policy in the table of all policies.
fn number_of(policy: &dyn Policy) -> u8 {
    let mut all = POLICIES.iter();
    let at = all.position(|other| other.name() == policy.name());
    at.map_or(u8::MAX, |at| at as u8)
}

impl Run {
    /// The page of a reference, and true for a write.
    fn reference(&self, number: usize) -> (u32, bool) {
        let reference = self.references.string[number];
        (reference & !WRITE, reference & WRITE != 0)
    }
}
