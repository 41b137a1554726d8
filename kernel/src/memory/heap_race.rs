//! The same requests played to the buddy system, whole and trimmed, and to free lists, first fit and best fit.
//!
//! Only the metadata of the four arenas is real, in frames that go back at the end; nobody touches the blocks.

use super::frames::{self, FRAME};
use crate::machine::clock;
use core::slice;
use mm::frame::{AllocateError, Run};
use mm::heap::free_list::{Fit, FreeList, FreeListStorage};
use mm::heap::strategy::{
    BlockAllocator, Buddy, Held, RaceFigures, RequestTrace, mixed_arena_chunks, race,
};
use mm::heap::{CHUNK_BYTES, Heap, HeapStorage};
use mm::tag::Tag;
use mm::tracer::Silent;
use x86_64::structures::paging::PhysFrame;

/// Blocks that are live at a time.
pub const BLOCKS: usize = 500;

/// How one strategy did.
#[derive(Clone, Copy, Debug)]
pub struct Result {
    /// Its figures.
    pub figures: RaceFigures,
    /// Ticks of the time-stamp counter for the whole race: instructions under `-icount`.
    pub ticks: u64,
}

/// Races all four strategies; the same seed gives the same figures.
///
/// # Errors
/// When there are no frames for the metadata; those taken go back.
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
    // SAFETY: zeroes are valid words, headers and counts.
    let storage = unsafe {
        HeapStorage {
            bits: bits.slice(sizes.bits),
            headers: headers.slice(sizes.headers),
            references: references.slice(sizes.references),
        }
    };
    let start = super::layout::HEAP;
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
    // SAFETY: zeroes are valid pieces and sizes.
    let storage = unsafe {
        FreeListStorage {
            pieces: pieces.slice(sizes.pieces),
            live: live.slice(sizes.live),
        }
    };
    Ok(visit(&mut FreeList::new(bytes, fit, storage)))
}

/// Zeroed frames that go back when this is dropped.
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
        // SAFETY: the run is this one's alone, page-aligned, and large enough; the caller promises the rest.
        unsafe { slice::from_raw_parts_mut(start.cast(), count) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        frames::lock()
            .free_run(self.first, self.frames)
            .expect("a scratch has frames of its own");
    }
}
