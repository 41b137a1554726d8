//! The heap race: all heap strategies serve the same requests.
//!
//! Only the metadata of the arenas exists, in frames that are freed at the end; no code touches the
//! blocks. The lists of live blocks are also in such frames, because they are too large for a
//! stack.

use super::arena_buffers::{ArenaBuffers, Scratch};
use crate::machine::clock;
use crate::memory::paging::layout;
use crate::memory::trace::KernelTracer;
use heapless::Vec;
use mm::frame::AllocateError;
use mm::heap::CHUNK_BYTES;
use mm::heap::arena::ArenaTracer;
use mm::heap::race::{Held, RaceFigures, RequestTrace, mixed_arena_chunks, race};
use mm::heap::strategy::{Arena, BlockAllocator, Setup, Strategy};
use mm::tracer::{Silent, Tracer};
use x86_64::VirtAddr;

/// Live blocks of an arena.
pub const BLOCKS: usize = 500;
/// Live blocks of an arena in a race step by step.
pub const RACE_BLOCKS: usize = 160;
/// The distance of two such arenas.
const RACE_STRIDE: u64 = 1 << 30;

/// The result of one strategy.
#[derive(Clone, Copy, Debug)]
pub struct Result {
    /// Its figures.
    pub figures: RaceFigures,
    /// Ticks of the time-stamp counter for the whole race: instructions under `-icount`.
    pub ticks: u64,
}

/// Number of strategies.
const STRATEGIES: usize = Strategy::RACED.len();

/// Races all strategies; the same seed gives the same figures.
///
/// # Errors
/// When there are no frames for the metadata.
pub fn run(seed: u64, steps: u32) -> core::result::Result<Vec<Result, STRATEGIES>, AllocateError> {
    let bytes = mixed_arena_chunks(BLOCKS as u64) * CHUNK_BYTES;
    let measured = Strategy::RACED.iter().map(|&strategy| {
        let buffers = ArenaBuffers::new(strategy.sizes(bytes, BLOCKS))?;
        // SAFETY: the arena is the only user of the buffers, and is dropped before them.
        let storage = unsafe { buffers.storage() };
        let setup = Setup {
            start: layout::HEAP,
            bytes,
            storage,
            tracer: Silent,
        };
        Ok(measure(&mut Arena::new(strategy, setup), seed, steps))
    });
    measured.collect()
}

fn measure<T: Tracer>(arena: &mut Arena<'_, T>, seed: u64, steps: u32) -> Result {
    let mut held = [Held::default(); BLOCKS];
    let begin = clock::ticks();
    let figures = race(arena, RequestTrace::mixed(seed, steps), &mut held);
    Result {
        figures,
        ticks: clock::ticks() - begin,
    }
}

/// A race step by step, one arena a strategy, with recorded events. The addresses of the arenas
/// are reserved and not mapped. Dropping this frees all blocks and closes the arenas.
pub struct Race {
    lanes: Vec<Lane, STRATEGIES>,
    random: fastrand::Rng,
}

/// One arena, and the blocks in it.
struct Lane {
    arena: Arena<'static, ArenaTracer<KernelTracer>>,
    held: &'static mut [HeldBlock],
    refused: u64,
    /// Requests so far, and the ticks that they took.
    requests: u64,
    ticks: u64,
    /// The metadata of the arena, and the list of blocks: dropped after their users.
    _buffers: (ArenaBuffers, Scratch),
}

/// A block of an arena; all zeros if there is none.
#[derive(Clone, Copy, Default)]
struct HeldBlock {
    offset: u64,
    requested: u64,
}

/// The figures of an arena in a race.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The strategy.
    pub strategy: Strategy,
    /// Refused requests.
    pub refused: u64,
    /// Requested bytes of live blocks.
    pub requested: u64,
    /// Allocated bytes of live blocks.
    pub allocated: u64,
    /// The largest free block in bytes.
    pub largest: u64,
    /// The mean cost of a request in ticks.
    pub cost: u32,
}

impl Race {
    /// Creates an empty arena of 1 MiB for each strategy.
    ///
    /// # Errors
    /// When there are no frames for their metadata.
    pub fn new(seed: u64) -> core::result::Result<Race, AllocateError> {
        let mut lanes = Vec::new();
        for (number, &strategy) in (0..).zip(Strategy::RACED) {
            let start = layout::RACE + number * RACE_STRIDE;
            let lane = Lane::new(start, strategy)?;
            assert!(lanes.push(lane).is_ok(), "a lane for each strategy");
        }
        let random = fastrand::Rng::with_seed(seed);
        Ok(Race { lanes, random })
    }

    /// Replaces a random block by a new one in every arena.
    pub fn step(&mut self) {
        let index = self.random.usize(..RACE_BLOCKS);
        let doubling = self.random.u32(4..15);
        let bytes = (1 << doubling) + self.random.u64(..=1 << doubling);
        for lane in &mut self.lanes {
            lane.replace(index, bytes);
        }
    }

    /// Records the mean cost of a request in every arena.
    pub fn record_costs(&self) {
        for lane in &self.lanes {
            lane.arena.tracer().set_cost(lane.cost());
        }
    }

    /// Frees every second block in every arena.
    pub fn free_every_second(&mut self) {
        for lane in &mut self.lanes {
            (0..RACE_BLOCKS)
                .step_by(2)
                .for_each(|index| lane.free(index));
        }
    }

    /// Returns the figures of each arena.
    pub fn standings(&self) -> impl Iterator<Item = Standing> {
        self.lanes.iter().map(Lane::standing)
    }
}

impl Lane {
    fn new(start: VirtAddr, strategy: Strategy) -> core::result::Result<Lane, AllocateError> {
        let buffers = ArenaBuffers::new(strategy.sizes(CHUNK_BYTES, RACE_BLOCKS))?;
        // SAFETY: the arena is the only user of the buffers, and is dropped before them.
        let storage = unsafe { buffers.storage() };
        let list = Scratch::new::<HeldBlock>(RACE_BLOCKS)?;
        // SAFETY: zeros are no block, and the lane drops the list after its user.
        let held = unsafe { list.slice(RACE_BLOCKS) };
        let setup = Setup {
            start,
            bytes: CHUNK_BYTES,
            storage,
            tracer: ArenaTracer::open(KernelTracer, start, 1, strategy),
        };
        Ok(Lane {
            arena: Arena::new(strategy, setup),
            held,
            refused: 0,
            requests: 0,
            ticks: 0,
            _buffers: (buffers, list),
        })
    }

    fn replace(&mut self, index: usize, bytes: u64) {
        let begin = clock::ticks();
        self.free(index);
        match self.arena.allocate(bytes) {
            Some(offset) => {
                self.held[index] = HeldBlock {
                    offset,
                    requested: bytes,
                };
            }
            None => self.refused += 1,
        }
        self.ticks += clock::ticks() - begin;
        self.requests += 1;
    }

    /// The mean ticks of a request.
    fn cost(&self) -> u32 {
        let mean = self.ticks.checked_div(self.requests).unwrap_or_default();
        mean.try_into().unwrap_or(u32::MAX)
    }

    fn free(&mut self, index: usize) {
        let block = core::mem::take(&mut self.held[index]);
        if block.requested > 0 {
            let freed = self.arena.free(block.offset);
            assert!(freed, "a live block can be freed");
        }
    }

    fn standing(&self) -> Standing {
        Standing {
            strategy: self.arena.strategy(),
            refused: self.refused,
            requested: self.held.iter().map(|block| block.requested).sum(),
            allocated: self.arena.allocated(),
            largest: self.arena.free_space().largest,
            cost: self.cost(),
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        (0..RACE_BLOCKS).for_each(|index| self.free(index));
        self.arena.tracer().close();
    }
}
