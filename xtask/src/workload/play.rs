//! Plays a trace to a strategy in an arena of its own.

use std::time::Instant;

use anyhow::{Result, ensure};
use mm::heap::Header;
use mm::heap::RequestKind;
use mm::heap::fragmentation::{FreeSpace, Thousandths, internal};
use mm::heap::strategy::{
    Arena, ArenaStorage, BlockAllocator, FreeBlock, FreeNode, Setup, Strategy,
};
use mm::heap::workload::{Held, Lifetimes, Outcome, Player, Step};
use mm::tracer::Silent;
use x86_64::VirtAddr;

use crate::trace::Trace;

/// The result of a strategy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Played {
    pub outcome: Outcome,
    /// At the first request with the peak of requested bytes.
    pub internal: Thousandths,
    pub free: FreeSpace,
    /// The life times of the freed blocks.
    pub lifetimes: Lifetimes,
    /// Host time for all requests.
    pub nanoseconds: u64,
    /// For each request, the offset of the block that it placed. `None`: no block.
    pub placements: Vec<Option<u32>>,
}

/// The first request, from 1, that two strategies serve at different offsets, and the offsets.
pub type Difference = (usize, [Option<u32>; 2]);

impl Played {
    /// Returns the first difference from the same requests with another strategy.
    pub fn first_difference(&self, other: &Played) -> Option<Difference> {
        let pairs = self.placements.iter().zip(&other.placements);
        let mut pairs = (1..).zip(pairs);
        let (number, (&one, &other)) = pairs.find(|(_, (one, other))| one != other)?;
        Some((number, [one, other]))
    }
}

/// Plays all requests twice: to find the peak, and to examine the free blocks there.
pub fn play(trace: &Trace, strategy: Strategy, bytes: u64) -> Result<Played> {
    let (outcome, nanoseconds) = with_player(strategy, bytes, trace.blocks, |mut player| {
        let begin = Instant::now();
        for &request in &trace.requests {
            player.request(request);
        }
        let nanoseconds = begin.elapsed().as_nanos() as u64;
        let valid = player.arena().validate();
        let name = strategy.key();
        ensure!(valid.is_ok(), "{name}: blocks disagree at {valid:x?}");
        Ok((player.outcome(), nanoseconds))
    })?;
    let mut lifetimes = Lifetimes::default();
    let mut placements = Vec::with_capacity(trace.requests.len());
    let (internal, free) = with_player(strategy, bytes, trace.blocks, |mut player| {
        let mut at_peak = figures(&player);
        for (number, &request) in (1..).zip(&trace.requests) {
            let step = player.request(request);
            add(&mut lifetimes, step);
            // An arena is smaller than 4 GiB.
            placements.push(step.placed.map(|placed| placed.offset as u32));
            if number == outcome.peak {
                at_peak = figures(&player);
            }
        }
        at_peak
    });
    Ok(Played {
        outcome,
        internal,
        free,
        lifetimes,
        nanoseconds,
        placements,
    })
}

/// Returns the internal fragmentation, and the free blocks.
fn figures(player: &Player<'_, Silent>) -> (Thousandths, FreeSpace) {
    let arena = player.arena();
    let internal = internal(player.requested(), arena.allocated());
    (internal, arena.free_space())
}

/// Adds the life time of a block that was freed.
fn add(lifetimes: &mut Lifetimes, step: Step) {
    if step.kind == RequestKind::Free {
        let age = step.age.try_into().unwrap_or(u32::MAX);
        lifetimes.add(step.requested.max(1).ilog2() as u8, age);
    }
}

pub fn with_player<R>(
    strategy: Strategy,
    bytes: u64,
    blocks: usize,
    play: impl FnOnce(Player<'_, Silent>) -> R,
) -> R {
    // A resize that moves a block has both places for a moment.
    let sizes = strategy.sizes(bytes, blocks + 2);
    let storage = ArenaStorage {
        bits: &mut vec![0; sizes.heap.bits],
        headers: &mut vec![Header::default(); sizes.heap.headers],
        references: &mut vec![0; sizes.heap.references],
        free: &mut vec![FreeBlock::default(); sizes.free],
        nodes: &mut vec![FreeNode::default(); sizes.nodes],
        live: &mut vec![0; sizes.live],
    };
    let setup = Setup {
        start: VirtAddr::new(1 << 32),
        bytes,
        storage,
        tracer: Silent,
    };
    let held = &mut vec![Held::default(); blocks];
    play(Player::new(Arena::new(strategy, setup), held))
}
