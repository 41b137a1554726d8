//! The results of one strategy, as `--json` prints them.

use mm::heap::fragmentation::Thousandths;
use mm::heap::strategy::Strategy;
use mm::heap::workload::Lifetimes;
use serde::Serialize;

use super::play::{Difference, Played};

#[derive(Serialize)]
pub struct Row {
    pub strategy: &'static str,
    pub requests: u64,
    pub failures: u64,
    pub first_failure: u64,
    pub corruptions: u64,
    pub moves: u64,
    pub arena_bytes: u64,
    pub peak_requested_bytes: u64,
    pub peak_heap_bytes: u64,
    pub utilisation_thousandths: u32,
    pub internal_fragmentation_thousandths: u32,
    pub external_fragmentation_thousandths: u32,
    pub largest_free_bytes: u64,
    pub nanoseconds_a_request: u64,
    /// In the kernel, if it was booted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions_a_request: Option<u64>,
    pub placements: String,
    /// The first request that this strategy places unlike the first one of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_difference: Option<FirstDifference>,
    lifetimes: Vec<SizeClass>,
}

#[derive(Serialize)]
struct FirstDifference {
    from: &'static str,
    request: usize,
    /// The offset with the first strategy, and with this one. Null: no block.
    offsets: [Option<u32>; 2],
}

/// The freed blocks of these requested bytes and of the following sizes, below the next class.
#[derive(Serialize)]
struct SizeClass {
    bytes: u64,
    blocks: u32,
    mean_requests: u64,
}

impl Row {
    pub fn new(strategy: Strategy, arena: u64, played: &Played) -> Row {
        let outcome = played.outcome;
        Row {
            strategy: strategy.key(),
            requests: outcome.requests,
            failures: outcome.failures,
            first_failure: outcome.first_failure,
            corruptions: outcome.corruptions,
            moves: outcome.moves,
            arena_bytes: arena,
            peak_requested_bytes: outcome.peak_requested,
            peak_heap_bytes: outcome.peak_heap,
            utilisation_thousandths: Thousandths::of(outcome.peak_requested, outcome.peak_heap).0,
            internal_fragmentation_thousandths: played.internal.0,
            external_fragmentation_thousandths: played.free.external().0,
            largest_free_bytes: played.free.largest,
            nanoseconds_a_request: played.nanoseconds / outcome.requests.max(1),
            instructions_a_request: None,
            placements: format!("{:016x}", outcome.checksum),
            first_difference: None,
            lifetimes: classes(&played.lifetimes),
        }
    }

    /// Adds the first difference from the first strategy of the list.
    pub fn compare(&mut self, first: &'static str, difference: Option<Difference>) {
        self.first_difference = difference.map(|(request, offsets)| FirstDifference {
            from: first,
            request,
            offsets,
        });
    }
}

fn classes(lifetimes: &Lifetimes) -> Vec<SizeClass> {
    let class = |(bytes, class): (u64, &mm::heap::workload::Lifetime)| SizeClass {
        bytes,
        blocks: class.blocks,
        mean_requests: class.mean(),
    };
    lifetimes.classes().map(class).collect()
}
