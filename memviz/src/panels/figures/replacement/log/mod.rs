//! The replays of the reference string on the screen: a fold over the history.
//!
//! ```text
//! replay start ─► run ◄─ page reference, page reference, …      one run for a policy and a number
//!                                                               of frames; the newest are kept
//! ```
//! Invariants: all runs replay one string, so a reference that differs from that of the oldest run
//! removes the older runs. The same history gives the same runs, in the present and in the past.

use crate::panels::figures::followed::Fold;
use heapless::Vec;
use mm::event::{Event, Kind, Payload};
use mm::reclaim::{POLICIES, Policy};
use x86_64::VirtAddr;

/// The most replays that are kept reference by reference.
pub const RUNS: usize = 5;
/// The most references of a replay that are kept: the newest.
pub const COLUMNS: usize = 20;
/// The most frames of a replay that are drawn.
pub const FRAMES: usize = 8;
/// The most pairs of policy and frames whose faults are kept.
const COUNTS: usize = 24;

/// A reference of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub page: u32,
    /// The frame that holds the page.
    pub frame: u32,
    /// The frame whose page the policy looks at first if it needs a frame now.
    pub next: Option<u32>,
    /// The accessed bits of the first 32 frames after the reference.
    pub accessed: u32,
    pub write: bool,
    pub fault: bool,
}

/// The faults of a policy with a number of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub policy: u8,
    pub frames: u32,
    pub faults: u64,
    pub references: u64,
}

/// The pages in the first frames of a replay.
pub type Held = [Option<u32>; FRAMES];

/// A replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub count: Count,
    pub process: u32,
    /// The address of page 0.
    pub start: VirtAddr,
    /// The last references.
    pub steps: Vec<Step, COLUMNS>,
    /// The pages in the frames before the first of `steps`.
    pub before: Held,
}

impl Run {
    /// The policy.
    pub fn policy(&self) -> Option<&'static dyn Policy> {
        POLICIES.get(usize::from(self.count.policy)).copied()
    }

    /// The number of the first reference in `steps`, from 0.
    pub fn first(&self) -> u64 {
        self.count.references - self.steps.len() as u64
    }

    fn add(&mut self, step: Step) {
        if self.steps.is_full() {
            let oldest = self.steps.remove(0);
            put(&mut self.before, oldest);
        }
        // There is room: the oldest one was removed.
        let _ = self.steps.push(step);
        self.count.references += 1;
        self.count.faults += u64::from(step.fault);
    }
}

/// Puts the page of a reference into its frame.
pub fn put(held: &mut Held, step: Step) {
    if let Some(slot) = held.get_mut(step.frame as usize) {
        *slot = Some(step.page);
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplayLog {
    /// The kept replays, oldest first.
    pub runs: Vec<Run, RUNS>,
    /// The faults of all replays, with those that are not kept any more.
    pub counts: Vec<Count, COUNTS>,
}

impl Fold for ReplayLog {
    fn concerns(kind: u8) -> bool {
        kind == Kind::ReplayStart as u8 || kind == Kind::PageReference as u8
    }

    fn add(&mut self, event: &Event, counts: bool) {
        if !counts {
            return;
        }
        match event.payload {
            Payload::ReplayStart {
                start,
                process,
                frames,
                policy,
            } => {
                let count = Count {
                    policy,
                    frames: frames.into(),
                    faults: 0,
                    references: 0,
                };
                let is_other = |run: &Run| !is_same(&run.count, &count);
                self.runs.retain(is_other);
                if self.runs.is_full() {
                    self.runs.remove(0);
                }
                // There is room: the oldest one was removed.
                let _ = self.runs.push(Run {
                    count,
                    process,
                    start,
                    steps: Vec::new(),
                    before: [None; FRAMES],
                });
            }
            Payload::PageReference {
                page,
                accessed,
                frame,
                next,
                write,
                fault,
            } => self.reference(Step {
                page,
                frame: frame.into(),
                next: (next != u16::MAX).then_some(next.into()),
                accessed,
                write,
                fault,
            }),
            _ => {}
        }
    }
}

impl ReplayLog {
    fn reference(&mut self, step: Step) {
        let Some((run, older)) = self.runs.split_last_mut() else {
            return;
        };
        run.add(step);
        let count = run.count;
        let at = count.references - 1;
        let is_other_string = older.first().is_some_and(|oldest| {
            let at = at.checked_sub(oldest.first());
            let same = at.and_then(|at| oldest.steps.get(at as usize));
            same.is_some_and(|other| (other.page, other.write) != (step.page, step.write))
        });
        if is_other_string {
            while self.runs.len() > 1 {
                self.runs.remove(0);
            }
            self.counts.clear();
        }
        match self.counts.iter_mut().find(|other| is_same(other, &count)) {
            Some(known) => *known = count,
            // Beyond its capacity, the list keeps the first ones.
            None => {
                let _ = self.counts.push(count);
            }
        }
    }
}

fn is_same(one: &Count, other: &Count) -> bool {
    (one.policy, one.frames) == (other.policy, other.frames)
}

#[cfg(test)]
mod tests;
