//! The heap race: all heap strategies serve the same requests.
//!
//! Only the metadata of the arenas exists, in frames that are freed at the end; no code touches the
//! blocks.

use super::error::KmallocError;
use super::rust_heap::try_box;
use crate::machine::clock;
use crate::memory::paging::layout;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::trace::KernelTracer;
use alloc::boxed::Box;
use core::slice;
use heapless::Vec;
use mm::frame::{AllocateError, Run};
use mm::heap::arena::ArenaTracer;
use mm::heap::free_list::{Fit, FreeList, FreeListStorage, Piece};
use mm::heap::strategy::{
    BlockAllocator, Buddy, Held, RaceFigures, RequestTrace, Strategy, mixed_arena_chunks, race,
};
use mm::heap::{CHUNK_BYTES, Header, Heap, HeapStorage};
use mm::tag::Tag;
use mm::tracer::Silent;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

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

/// Races all strategies; the same seed gives the same figures.
///
/// # Errors
/// When there are no frames for the metadata.
pub fn run(seed: u64, steps: u32) -> core::result::Result<[Result; 4], AllocateError> {
    let bytes = mixed_arena_chunks(BLOCKS as u64) * CHUNK_BYTES;
    Ok([
        with_buddy(bytes, false, |arena| measure(arena, seed, steps))?,
        with_buddy(bytes, true, |arena| measure(arena, seed, steps))?,
        with_list(bytes, Fit::First, |arena| measure(arena, seed, steps))?,
        with_list(bytes, Fit::Best, |arena| measure(arena, seed, steps))?,
    ])
}

fn measure(arena: &mut dyn BlockAllocator, seed: u64, steps: u32) -> Result {
    let mut held = [Held::default(); BLOCKS];
    let begin = clock::ticks();
    let figures = race(arena, RequestTrace::mixed(seed, steps), &mut held);
    Result {
        figures,
        ticks: clock::ticks() - begin,
    }
}

fn with_buddy<R>(
    bytes: u64,
    trimmed: bool,
    visit: impl FnOnce(&mut dyn BlockAllocator) -> R,
) -> core::result::Result<R, AllocateError> {
    let sizes = HeapStorage::sizes(bytes);
    let mut bits = Scratch::new(sizes.bits * size_of::<u64>())?;
    let mut headers = Scratch::new(sizes.headers * size_of::<mm::heap::Header>())?;
    let mut references = Scratch::new(sizes.references)?;
    // SAFETY: zeros are valid words, headers and counts.
    let storage = unsafe {
        HeapStorage {
            bits: bits.slice(sizes.bits),
            headers: headers.slice(sizes.headers),
            references: references.slice(sizes.references),
        }
    };
    let start = crate::memory::paging::layout::HEAP;
    let heap = Heap::new(start, bytes, storage, Silent).expect("the buffers were sized for it");
    Ok(visit(&mut Buddy::new(heap, trimmed)))
}

fn with_list<R>(
    bytes: u64,
    fit: Fit,
    visit: impl FnOnce(&mut dyn BlockAllocator) -> R,
) -> core::result::Result<R, AllocateError> {
    let sizes = FreeListStorage::sizes(bytes, BLOCKS);
    let mut pieces = Scratch::new(sizes.pieces * size_of::<mm::heap::free_list::Piece>())?;
    let mut live = Scratch::new(sizes.live * size_of::<u32>())?;
    // SAFETY: zeros are valid pieces and sizes.
    let storage = unsafe {
        FreeListStorage {
            pieces: pieces.slice(sizes.pieces),
            live: live.slice(sizes.live),
        }
    };
    Ok(visit(&mut FreeList::new(bytes, fit, storage)))
}

/// A race step by step, one arena a strategy, with recorded events. The addresses of the arenas are
/// reserved and not mapped. Dropping this frees all blocks and closes the arenas.
pub struct Race {
    lanes: Vec<Lane, 4>,
    random: fastrand::Rng,
}

/// One arena, and the blocks in it.
struct Lane {
    allocator: Racer,
    held: [Option<(u64, u64)>; RACE_BLOCKS],
    refused: u64,
    /// The allocator's metadata: dropped after it.
    _scratch: [Scratch; 3],
}

enum Racer {
    Buddy(Box<Buddy<'static, ArenaTracer<KernelTracer>>>),
    List(FreeList<'static, ArenaTracer<KernelTracer>>),
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
}

impl Race {
    /// Four empty arenas of 1 MiB.
    ///
    /// # Errors
    /// When there are no frames for their metadata.
    pub fn new(seed: u64) -> core::result::Result<Race, KmallocError> {
        let mut lanes = Vec::new();
        for (number, &strategy) in (0..).zip(Strategy::ALL) {
            let start = layout::RACE + number * RACE_STRIDE;
            let lane = Lane::new(start, strategy)?;
            assert!(
                lanes.push(lane).is_ok(),
                "there are more than four strategies"
            );
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
    fn new(start: VirtAddr, strategy: Strategy) -> core::result::Result<Lane, KmallocError> {
        let tracer = |inner| ArenaTracer::open(inner, start, 1, strategy);
        let sizes = HeapStorage::sizes(CHUNK_BYTES);
        let list = FreeListStorage::sizes(CHUNK_BYTES, RACE_BLOCKS);
        let scratch = [
            Scratch::new((sizes.bits * size_of::<u64>()).max(list.pieces * size_of::<Piece>()))?,
            Scratch::new((sizes.headers * size_of::<Header>()).max(list.live * size_of::<u32>()))?,
            Scratch::new(sizes.references)?,
        ];
        // SAFETY: zeros are valid in all of them, and the scratch is dropped after the allocator.
        let allocator = unsafe {
            match strategy {
                Strategy::BuddyWhole | Strategy::BuddyTrimmed => {
                    let storage = HeapStorage {
                        bits: scratch[0].static_slice(sizes.bits),
                        headers: scratch[1].static_slice(sizes.headers),
                        references: scratch[2].static_slice(sizes.references),
                    };
                    let heap = Heap::new(start, CHUNK_BYTES, storage, tracer(KernelTracer));
                    let heap = heap.expect("the buffers were sized for it");
                    Racer::Buddy(try_box(Buddy::new(
                        heap,
                        strategy == Strategy::BuddyTrimmed,
                    ))?)
                }
                Strategy::FirstFit | Strategy::BestFit => {
                    let storage = FreeListStorage {
                        pieces: scratch[0].static_slice(list.pieces),
                        live: scratch[1].static_slice(list.live),
                    };
                    let fit = match strategy {
                        Strategy::FirstFit => Fit::First,
                        _ => Fit::Best,
                    };
                    let tracer = tracer(KernelTracer);
                    Racer::List(FreeList::traced(start, CHUNK_BYTES, fit, storage, tracer))
                }
            }
        };
        Ok(Lane {
            allocator,
            held: [None; RACE_BLOCKS],
            refused: 0,
            _scratch: scratch,
        })
    }

    fn allocator(&mut self) -> &mut dyn BlockAllocator {
        match &mut self.allocator {
            Racer::Buddy(buddy) => &mut **buddy,
            Racer::List(list) => list,
        }
    }

    fn replace(&mut self, index: usize, bytes: u64) {
        self.free(index);
        match self.allocator().allocate(bytes) {
            Some(offset) => self.held[index] = Some((offset, bytes)),
            None => self.refused += 1,
        }
    }

    fn free(&mut self, index: usize) {
        if let Some((offset, _)) = self.held[index].take() {
            let freed = self.allocator().free(offset);
            assert!(freed, "a live block can be freed");
        }
    }

    fn standing(&self) -> Standing {
        let allocator: &dyn BlockAllocator = match &self.allocator {
            Racer::Buddy(buddy) => &**buddy,
            Racer::List(list) => list,
        };
        Standing {
            strategy: allocator.strategy(),
            refused: self.refused,
            requested: self.held.iter().flatten().map(|(_, bytes)| bytes).sum(),
            allocated: allocator.allocated(),
            largest: allocator.free_space().largest,
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        (0..RACE_BLOCKS).for_each(|index| self.free(index));
        match &self.allocator {
            Racer::Buddy(buddy) => buddy.tracer().close(),
            Racer::List(list) => list.tracer().close(),
        }
    }
}

/// Zeroed frames, freed when this is dropped.
struct Scratch {
    first: PhysFrame,
    frames: u64,
}

impl Scratch {
    fn new(bytes: usize) -> core::result::Result<Scratch, AllocateError> {
        let run = Run {
            frames: (bytes as u64).div_ceil(FRAME).max(1),
            align_frames: 1,
            ceiling: None,
        };
        let first = frames::allocate_run(run, Tag::KERNEL)?;
        Ok(Scratch {
            first,
            frames: run.frames,
        })
    }

    /// # Safety
    /// All bits zero are a valid `T`, no `T` needs to be dropped, and `count` of them fit.
    unsafe fn slice<T>(&mut self, count: usize) -> &mut [T] {
        let start = frames::pointer(self.first.start_address());
        // SAFETY: only this value uses the run, which is page-aligned and large enough; the rest is
        // the contract.
        unsafe { slice::from_raw_parts_mut(start.cast(), count) }
    }
}

impl Scratch {
    /// # Safety As [`Scratch::slice`]; the slice is the only one, and is not used after the scratch
    /// is dropped.
    unsafe fn static_slice<T>(&self, count: usize) -> &'static mut [T] {
        let start = frames::pointer(self.first.start_address());
        // SAFETY: as in `slice`.
        unsafe { slice::from_raw_parts_mut(start.cast(), count) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        frames::lock()
            .free_run(self.first, self.frames)
            .expect("the frames of a scratch are in use");
    }
}
