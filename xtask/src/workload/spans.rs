//! The blocks of a workload over time, as one strategy places them.

use std::collections::HashMap;

use mm::heap::strategy::Strategy;
use mm::heap::workload::Placed;

use super::play::with_player;
use crate::trace::Trace;

/// A block at an offset: from one request up to another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifetime {
    pub block: usize,
    pub offset: u64,
    pub bytes: u64,
    /// The request that placed the block, from 0.
    pub begin: usize,
    /// The request that freed, moved or resized it, or the number of requests.
    pub end: usize,
}

/// Returns all lifetimes, in the order in which they end.
pub fn lifetimes(trace: &Trace, strategy: Strategy, arena: u64) -> Vec<Lifetime> {
    let mut all = Vec::new();
    let mut live: HashMap<usize, (Placed, usize)> = HashMap::new();
    let lifetime = |(placed, begin): (Placed, usize), end| Lifetime {
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
                all.extend(before.map(|before| lifetime(before, number)));
            }
            if let Some(placed) = step.placed {
                live.insert(placed.block, (placed, number));
            }
        }
    });
    let end = trace.requests.len();
    let mut left: Vec<Lifetime> = live.into_values().map(|last| lifetime(last, end)).collect();
    left.sort_by_key(|lifetime| lifetime.offset);
    all.extend(left);
    all
}

/// Returns the first request, from 1, that two strategies serve at different offsets: the offsets,
/// or `None` where the request is refused.
pub fn first_difference(
    trace: &Trace,
    [one, other]: [Strategy; 2],
    arena: u64,
) -> Option<(usize, [Option<u64>; 2])> {
    with_player(one, arena, trace.blocks, |mut one| {
        with_player(other, arena, trace.blocks, |mut other| {
            for (number, &request) in (1..).zip(&trace.requests) {
                let offset = |placed: Option<Placed>| placed.map(|placed| placed.offset);
                let offsets = [one.request(request).placed, other.request(request).placed];
                let offsets = offsets.map(offset);
                if offsets[0] != offsets[1] {
                    return Some((number, offsets));
                }
            }
            None
        })
    })
}
