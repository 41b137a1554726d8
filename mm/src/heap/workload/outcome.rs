//! What came of the requests of a workload with one strategy.

use super::checksum::Checksum;

/// The result of a strategy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Requests played.
    pub requests: u64,
    /// Allocations and resizes that the arena had no block for.
    pub failures: u64,
    /// The request, from 1, that failed first; 0 if none did.
    pub first_failure: u64,
    /// Refused requests that are corruption: wrong frees and wrong sizes.
    pub corruptions: u64,
    /// Resizes that moved their block.
    pub moves: u64,
    /// The maximum number of requested bytes at a time.
    pub peak_requested: u64,
    /// The request, from 1, that first reached this peak.
    pub peak: u64,
    /// The highest end of a block: the heap never shrinks, as the malloc lab counts it.
    pub peak_heap: u64,
    /// Of all offsets in the order of the requests.
    pub checksum: u64,
}

impl Outcome {
    pub(super) const NONE: Outcome = Outcome {
        requests: 0,
        failures: 0,
        first_failure: 0,
        corruptions: 0,
        moves: 0,
        peak_requested: 0,
        peak: 0,
        peak_heap: 0,
        checksum: Checksum::EMPTY.0,
    };
}

impl core::fmt::Display for Outcome {
    /// Writes the counts in one line, on which host and kernel agree.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{} requests, {} failures (first {}), {} corruptions, {} moves, \
             peak {} B requested, {} B heap, placements {:016x}",
            self.requests,
            self.failures,
            self.first_failure,
            self.corruptions,
            self.moves,
            self.peak_requested,
            self.peak_heap,
            self.checksum
        )
    }
}
