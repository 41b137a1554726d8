//! The blocks of a workload over time, as one strategy places them.

use std::collections::HashMap;

use mm::heap::strategy::Strategy;
use mm::heap::workload::Placed;

use super::play::with_player;
use crate::trace::Trace;

/// A block at an offset: from one request up to another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub block: usize,
    pub offset: u64,
    pub bytes: u64,
    /// The request that placed the block, from 0.
    pub begin: usize,
    /// The request that freed, moved or resized it, or the number of requests.
    pub end: usize,
}

/// Returns the spans of all blocks, in the order in which they end.
pub fn spans(trace: &Trace, strategy: Strategy, arena: u64) -> Vec<Span> {
    let mut all = Vec::new();
    let mut live: HashMap<usize, (Placed, usize)> = HashMap::new();
    let span = |(placed, begin): (Placed, usize), end| Span {
        block: placed.block,
        offset: placed.offset,
        bytes: placed.bytes,
        begin,
        end,
    };
    with_player(strategy, arena, trace.blocks, |mut player| {
        for (number, &request) in trace.requests.iter().enumerate() {
            let step = player.request(request);
            for placed in step.left.iter().chain(&step.placed) {
                let before = live.remove(&placed.block);
                all.extend(before.map(|before| span(before, number)));
            }
            if let Some(placed) = step.placed {
                live.insert(placed.block, (placed, number));
            }
        }
    });
    let end = trace.requests.len();
    let mut left: Vec<Span> = live.into_values().map(|last| span(last, end)).collect();
    left.sort_by_key(|span| span.offset);
    all.extend(left);
    all
}
