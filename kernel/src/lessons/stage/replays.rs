//! Replays of reference strings by a process of the lesson: whole, or some references at a time.

use super::Stage;
use crate::lessons::failure::{Failure, Outcome, fact};
use crate::memory::swap;
use crate::process::references::{self, References};
use mm::reclaim::{Counts, PageReference, named};
use x86_64::VirtAddr;

/// The seed of the policy `random`.
const SEED: u64 = 1;

impl Stage {
    /// Starts a process that replays a string by a policy, and runs its first references. The
    /// process waits before the next one, at the end before it ends. Ends an earlier replay.
    pub fn replay(
        &mut self,
        string: &[PageReference],
        frames: usize,
        policy: &str,
        references: usize,
    ) -> Result<u32, Failure> {
        self.end_replay();
        let policy = named(policy).ok_or("no policy has this name")?;
        self.owns_swap_table |= swap::statistics().slots == 0;
        let string = References::new(string.len(), |number| string[number])?;
        let process =
            references::start(string, frames, policy, SEED).map_err(|(error, _)| error)?;
        self.adopt(process);
        self.replaying = Some(process);
        references::grant(references);
        self.settle()?;
        Ok(process)
    }

    /// Continues the replay until it has made this many references in all.
    pub fn go_on(&mut self, references: usize) -> Outcome {
        references::grant(references);
        self.wake(self.replaying.unwrap_or_default())
    }

    /// Returns the hits and faults of the replay up to now.
    pub fn replayed(&self) -> Result<Counts, Failure> {
        Ok(references::counts().ok_or("there is no replay")?)
    }

    /// Checks hits and faults of the replay up to now.
    pub fn has_replayed(&self, hits: u64, faults: u64) -> Outcome {
        let counts = self.replayed()?;
        fact!(
            (counts.hits, counts.faults) == (hits, faults),
            "{} hits and {} faults, not {hits} and {faults}",
            counts.hits,
            counts.faults
        );
        Ok(())
    }

    /// Returns the address of a page of the replay.
    pub fn page_of_replay(&self, page: u64) -> Result<VirtAddr, Failure> {
        Ok(references::address_of(page).ok_or("there is no replay")?)
    }

    /// Returns whether a page of the replay has a frame.
    pub fn is_resident(&self, process: u32, page: u64) -> Result<bool, Failure> {
        let address = self.page_of_replay(page)?;
        let mapping = self.process(process, |process| process.space.lookup(address))?;
        Ok(mapping.is_some())
    }

    /// Ends the process of the replay, and frees the string.
    pub fn end_replay(&mut self) {
        if let Some(process) = self.replaying.take() {
            crate::process::kill(process);
            self.processes.retain(|&other| other != process);
        }
        references::finish();
    }
}

/// Returns references that read these pages.
pub const fn reads<const N: usize>(pages: [u32; N]) -> [PageReference; N] {
    let mut string = [PageReference {
        page: 0,
        write: false,
    }; N];
    let mut at = 0;
    while at < N {
        string[at].page = pages[at];
        at += 1;
    }
    string
}
