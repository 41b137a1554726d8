//! Plays a trace to a strategy in an arena of its own.

use std::time::Instant;

use anyhow::{Result, ensure};
use mm::heap::Header;
use mm::heap::fragmentation::{FreeSpace, Thousandths, internal};
use mm::heap::strategy::{
    Arena, ArenaStorage, BlockAllocator, FreeBlock, FreeNode, Setup, Strategy,
};
use mm::heap::workload::{Held, Outcome, Player};
use mm::tracer::Silent;
use x86_64::VirtAddr;

use crate::trace::Trace;

/// The result of a strategy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Played {
    pub outcome: Outcome,
    /// At the first request with the peak of requested bytes.
    pub internal: Thousandths,
    pub free: FreeSpace,
    /// Host time for all requests.
    pub nanoseconds: u64,
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
    let (internal, free) = with_player(strategy, bytes, trace.blocks, |mut player| {
        for &request in &trace.requests[..outcome.peak as usize] {
            player.request(request);
        }
        let arena = player.arena();
        let internal = internal(player.requested(), arena.allocated());
        (internal, arena.free_space())
    });
    Ok(Played {
        outcome,
        internal,
        free,
        nanoseconds,
    })
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
