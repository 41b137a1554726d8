//! Replays a reference string without a machine: hits, faults, victims.
//!
//! Pages are numbered from 0 without gaps, so a slice has the position of each page.

use super::pages::Record;
use super::policy::Policy;
use super::resident::{FrameIndex, Reference, ResidentSet};

/// One reference of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageReference {
    /// The page, numbered from 0.
    pub page: u32,
    /// True for a write.
    pub write: bool,
}

/// The effect of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The page was resident in this frame.
    Hit(FrameIndex),
    /// The page was loaded into this frame.
    Fault {
        /// The frame.
        frame: FrameIndex,
        /// The page that the frame held before, and true if it had to be written out.
        victim: Option<(u32, bool)>,
    },
}

/// How often pages were found and not found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// References to resident pages.
    pub hits: u64,
    /// References that loaded a page.
    pub faults: u64,
    /// Dirty victims.
    pub written: u64,
}

/// A resident set, and where each page is.
#[derive(Debug)]
pub struct Replay<'m> {
    set: ResidentSet<'m>,
    /// The frame of each page.
    frames: &'m mut [Option<FrameIndex>],
    /// The page in each frame.
    held: &'m mut [u32],
    counts: Counts,
}

impl<'m> Replay<'m> {
    /// Starts with free frames: one a record. `frames` has one entry a page, `held` one a record.
    ///
    /// # Panics
    /// There is no record, or `held` has another length than `records`.
    pub fn new(
        policy: &'static dyn Policy,
        seed: u64,
        records: &'m mut [Record],
        held: &'m mut [u32],
        frames: &'m mut [Option<FrameIndex>],
    ) -> Replay<'m> {
        assert!(!records.is_empty(), "a replay needs a frame");
        assert_eq!(records.len(), held.len(), "one page number a frame");
        frames.fill(None);
        Replay {
            set: ResidentSet::new(records, policy, seed),
            frames,
            held,
            counts: Counts::default(),
        }
    }

    /// The resident set.
    pub fn set(&self) -> &ResidentSet<'m> {
        &self.set
    }

    /// The counts up to now.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Does one reference. `next_use` is the number of the next reference to the same page.
    pub fn step(&mut self, reference: PageReference, next_use: u64) -> Outcome {
        let page = reference.page as usize;
        let reference_of_set = Reference {
            write: reference.write,
            next_use,
        };
        if let Some(frame) = self.frames[page] {
            self.counts.hits += 1;
            self.set.reference(frame, reference_of_set);
            return Outcome::Hit(frame);
        }
        self.counts.faults += 1;
        let victim = if self.set.is_full() {
            self.set.evict().map(|(frame, dirty)| {
                let page = self.held[frame.number()];
                self.frames[page as usize] = None;
                self.counts.written += u64::from(dirty);
                (page, dirty)
            })
        } else {
            None
        };
        let frame = self
            .set
            .load(reference_of_set)
            .expect("a frame was just made free");
        self.held[frame.number()] = reference.page;
        self.frames[page] = Some(frame);
        Outcome::Fault { frame, victim }
    }
}

/// Fills `next` with the number of the next reference to the same page, `u64::MAX` for none.
/// `last` has one entry a page.
///
/// # Panics
/// `next` is shorter than the string, or `last` than the number of pages.
pub fn next_uses(string: &[PageReference], last: &mut [u64], next: &mut [u64]) {
    last.fill(u64::MAX);
    for (number, reference) in string.iter().enumerate().rev() {
        let page = reference.page as usize;
        next[number] = last[page];
        last[page] = number as u64;
    }
}
