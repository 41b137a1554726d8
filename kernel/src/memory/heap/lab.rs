//! Arenas in which strategies play the same workload, request by request, with recorded events.
//!
//! The addresses of the arenas are reserved and not mapped.

use super::arena_buffers::ArenaBuffers;
use super::arena_watch::{self, ArenaWatch};
use crate::memory::paging::layout;
use crate::memory::physical::slices::Slices;
use heapless::Vec;
use mm::frame::AllocateError;
use mm::heap::CHUNK_BYTES;
use mm::heap::arena::WorkloadId;
use mm::heap::strategy::{Arena, Setup, Strategy};
use mm::heap::workload::{Held, Outcome, Player, Request};
use mm::tag::Tag;

/// The most strategies.
const MOST: usize = 4;
/// The distance of two arenas.
const STRIDE: u64 = 1 << 30;

/// An arena of 1 MiB for each strategy. Dropping this frees all blocks and closes the arenas.
pub struct Lab {
    benches: Vec<Bench, MOST>,
}

/// One arena. The player is dropped before its memory.
struct Bench {
    strategy: Strategy,
    player: Player<'static, ArenaWatch>,
    _buffers: ArenaBuffers,
    _memory: Slices,
}

impl Lab {
    /// Empty arenas for a workload of this many blocks.
    ///
    /// # Errors
    /// When there are no frames for their metadata.
    pub fn new(
        strategies: &[Strategy],
        blocks: usize,
        id: WorkloadId,
    ) -> Result<Lab, AllocateError> {
        let mut benches = Vec::new();
        for (number, &strategy) in (0..).zip(strategies) {
            let bench = Bench::new(layout::RACE + number * STRIDE, strategy, blocks, id)?;
            assert!(
                benches.push(bench).is_ok(),
                "a lab has room for its strategies"
            );
        }
        Ok(Lab { benches })
    }

    /// Plays a request in all arenas.
    pub fn play(&mut self, request: Request) {
        for bench in &mut self.benches {
            arena_watch::play(&mut bench.player, request);
        }
    }

    /// What came of the requests with a strategy.
    pub fn outcome(&self, strategy: Strategy) -> Option<Outcome> {
        let mut benches = self.benches.iter();
        let bench = benches.find(|bench| bench.strategy == strategy)?;
        Some(bench.player.outcome())
    }
}

impl Bench {
    fn new(
        start: x86_64::VirtAddr,
        strategy: Strategy,
        blocks: usize,
        id: WorkloadId,
    ) -> Result<Bench, AllocateError> {
        let mut memory = Slices::new(Tag::KERNEL);
        // SAFETY: zeros are valid blocks, and the slice lives as long as `memory`, which the bench
        // owns.
        let held = unsafe { memory.add::<Held>(blocks)? };
        // A resize that moves a block has both for a moment.
        let buffers = ArenaBuffers::new(strategy.sizes(CHUNK_BYTES, blocks + 2))?;
        // SAFETY: the arena is the only user of the buffers, and is dropped before them.
        let storage = unsafe { buffers.storage() };
        let setup = Setup {
            start,
            bytes: CHUNK_BYTES,
            storage,
            tracer: ArenaWatch::open(start, CHUNK_BYTES, strategy, id),
        };
        Ok(Bench {
            strategy,
            player: Player::new(Arena::new(strategy, setup), held),
            _buffers: buffers,
            _memory: memory,
        })
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        arena_watch::close(&mut self.player);
    }
}
