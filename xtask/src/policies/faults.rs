//! Counts hits and faults of a reference string, with memory that is reused for each policy.

use mm::reclaim::{Counts, FrameIndex, Policy, Record, Replay, next_uses};

use crate::references::ReferenceString;

pub struct Storage {
    seed: u64,
    next: Vec<u64>,
    located: Vec<Option<FrameIndex>>,
    records: Vec<Record>,
    held: Vec<u32>,
}

impl Storage {
    pub fn new(string: &ReferenceString, seed: u64) -> Self {
        let mut next = vec![0; string.references.len()];
        next_uses(
            &string.references,
            &mut vec![0; string.pages.len()],
            &mut next,
        );
        Self {
            seed,
            next,
            located: vec![None; string.pages.len()],
            records: Vec::new(),
            held: Vec::new(),
        }
    }

    /// Replays the whole string from empty frames.
    pub fn count(
        &mut self,
        string: &ReferenceString,
        policy: &'static dyn Policy,
        frames: usize,
    ) -> Counts {
        self.records.resize(frames, Record::FREE);
        self.held.resize(frames, 0);
        let mut replay = Replay::new(
            policy,
            self.seed,
            &mut self.records,
            &mut self.held,
            &mut self.located,
        );
        for (reference, &next) in string.references.iter().zip(&self.next) {
            replay.step(*reference, next);
        }
        replay.counts()
    }
}
