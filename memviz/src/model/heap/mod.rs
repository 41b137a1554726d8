//! The buddy heap: its blocks, and the number of live blocks in each heap frame.
//!
//! ```text
//! granule (64 B)   0    1    2    3    4 …
//! entry           [L1] [  ] [F0] [C0] [F2]       L live, C cached, F free, 0 1 2 … order
//! block            ^^^^^^^^^ 128 B live  ^^^^… 256 B free         empty: inside a block
//! ```
//! Invariants: the blocks tile the heap without gaps; a block of order n is 64 B × 2^n long and
//! starts at a multiple of that, counted from the heap's start; the counts by order, and of each
//! heap frame, are the sums over the blocks. An event that contradicts the blocks is not applied.

mod allocation;
pub mod arenas;
mod block;
mod growth;

pub use block::{
    Block, BlockState, FRAME_BYTES, GRANULE_BYTES, GRANULES_PER_FRAME, Granule, HeapFrame,
    HeapTotals, ORDERS, block_bytes, owner_number,
};

use super::direction::Direction;
use super::observer::Observer;
use block::frames_of;
use mm::event::Payload;
use x86_64::VirtAddr;

/// The heap.
#[derive(Debug)]
pub struct Heap<'m> {
    granules: &'m mut [Granule],
    frames: &'m mut [HeapFrame],
    start: Option<VirtAddr>,
    totals: HeapTotals,
    /// The number of refused requests since boot.
    refused: u64,
    /// The number of differences from the machine in the last comparison.
    pub differing: u64,
}

impl<'m> Heap<'m> {
    pub(super) fn new(granules: &'m mut [Granule], frames: &'m mut [HeapFrame]) -> Self {
        Heap {
            granules,
            frames,
            start: None,
            totals: HeapTotals::default(),
            refused: 0,
            differing: 0,
        }
    }

    /// Returns the first address; `None` before the heap grew for the first time.
    pub fn start(&self) -> Option<VirtAddr> {
        self.start
    }

    /// Returns the sums over the heap.
    pub fn totals(&self) -> &HeapTotals {
        &self.totals
    }

    /// Returns the number of refused requests since boot.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Returns the maximum number of bytes that the model can show.
    pub fn maximum_bytes(&self) -> u64 {
        self.granules.len() as u64 * GRANULE_BYTES as u64
    }

    /// Returns the heap frames, by address.
    pub fn frames(&self) -> &[HeapFrame] {
        &self.frames[..self.totals.bytes as usize / FRAME_BYTES]
    }

    /// Returns the block that contains a granule.
    pub fn block_at(&self, granule: usize) -> Option<Block> {
        if granule >= self.len() {
            return None;
        }
        (0..ORDERS as u8).find_map(|order| {
            let start = granule >> order << order;
            (self.granules[start].order() == Some(order)).then(|| self.block(start, order))
        })
    }

    /// Returns the block that contains a byte.
    pub fn block_of(&self, address: VirtAddr) -> Option<Block> {
        let offset = address.as_u64().checked_sub(self.start?.as_u64())?;
        self.block_at(usize::try_from(offset).ok()? / GRANULE_BYTES)
    }

    /// Returns the address of a granule.
    pub fn address(&self, granule: usize) -> VirtAddr {
        let start = self.start.unwrap_or(VirtAddr::zero());
        start + (granule * GRANULE_BYTES) as u64
    }

    /// Returns the number of granules that are backed by frames.
    pub fn granules(&self) -> usize {
        self.len()
    }

    /// Returns the number of bytes of live blocks in some granules.
    pub fn live_bytes_in(&self, granules: core::ops::Range<usize>) -> u64 {
        let frames = granules.start / GRANULES_PER_FRAME..granules.end / GRANULES_PER_FRAME;
        if granules.len().is_multiple_of(GRANULES_PER_FRAME)
            && granules.start.is_multiple_of(GRANULES_PER_FRAME)
            && let Some(frames) = self.frames().get(frames)
        {
            return frames.iter().map(|frame| u64::from(frame.bytes)).sum();
        }
        let live = self
            .blocks_in(granules.clone())
            .filter(|block| block.owner.is_some());
        let inside = live.map(|block| {
            let end = block.granules().end.min(granules.end);
            end - block.granule.max(granules.start)
        });
        (inside.sum::<usize>() * GRANULE_BYTES) as u64
    }

    /// Returns the number of live blocks that start in some granules.
    pub fn live_blocks_in(&self, granules: core::ops::Range<usize>) -> u64 {
        let live = self
            .blocks_in(granules)
            .filter(|block| block.owner.is_some());
        live.count() as u64
    }

    /// Returns the blocks that contain any of some granules, by address.
    pub fn blocks_in(&self, granules: core::ops::Range<usize>) -> impl Iterator<Item = Block> {
        let mut at = granules.start;
        core::iter::from_fn(move || {
            let block = self.block_at(at).filter(|_| at < granules.end)?;
            at = block.granules().end;
            Some(block)
        })
    }

    /// Returns all blocks, by address.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        self.blocks_in(0..self.len())
    }

    fn block(&self, granule: usize, order: u8) -> Block {
        Block {
            granule,
            order,
            owner: self.granules[granule].owner(),
            requested: self.granules[granule].requested(),
            is_cached: self.granules[granule].is_cached(),
        }
    }

    /// Returns the number of granules that are backed by frames.
    fn len(&self) -> usize {
        self.totals.bytes as usize / GRANULE_BYTES
    }

    pub(super) fn step(
        &mut self,
        payload: Payload,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> bool {
        self.try_step(payload, direction, observer).is_some()
    }

    fn try_step(
        &mut self,
        payload: Payload,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> Option<()> {
        let reversed = direction.reversed();
        match payload {
            Payload::HeapGrow { start, bytes } => self.grow(start, bytes, direction, observer),
            Payload::HeapShrink { start, bytes } => self.grow(start, bytes, reversed, observer),
            Payload::HeapAllocate {
                block,
                granules,
                from,
                requested,
                owner,
            } => {
                let live = Some((owner, requested));
                let allocation = self.allocation(block, granules, from, live)?;
                self.carve(&allocation, direction, observer)
            }
            Payload::HeapFree {
                block,
                granules,
                into,
                requested,
                owner,
            } => {
                let live = Some((owner, requested));
                let allocation = self.allocation(block, granules, into, live)?;
                self.carve(&allocation, reversed, observer)
            }
            Payload::HeapReturn {
                block,
                granules,
                into,
            } => {
                let allocation = self.allocation(block, granules, into, None)?;
                self.carve(&allocation, reversed, observer)
            }
            Payload::HeapReuse {
                block,
                granules,
                requested,
                owner,
            } => {
                let live = Some((owner, requested));
                let allocation = self.allocation(block, granules, 0, live)?;
                self.reuse(&allocation, direction, observer)
            }
            Payload::HeapCache {
                block,
                granules,
                requested,
                owner,
            } => {
                let live = Some((owner, requested));
                let allocation = self.allocation(block, granules, 0, live)?;
                self.reuse(&allocation, reversed, observer)
            }
            Payload::HeapRefuse { .. } => {
                direction.count(&mut self.refused, 1);
                Some(())
            }
            _ => None,
        }
    }

    /// Removes all blocks, and sets the first address and the number of backed bytes. The caller
    /// adds the blocks one by one: see [`Heap::put`].
    pub(crate) fn reset(&mut self, start: VirtAddr, bytes: u64) {
        let known = self.len();
        self.granules[..known].fill(Granule::default());
        self.frames[..known / GRANULES_PER_FRAME].fill(HeapFrame::default());
        self.differing = 0;
        self.start = Some(start).filter(|_| bytes > 0);
        self.totals = HeapTotals {
            bytes: bytes.min(self.maximum_bytes()),
            ..HeapTotals::default()
        };
    }

    /// Adds a block at an offset. No other block may contain its bytes: see [`Heap::reset`].
    pub(crate) fn put(
        &mut self,
        offset: u64,
        order: u8,
        state: BlockState,
        observer: &mut impl Observer,
    ) {
        let granule = offset as usize / GRANULE_BYTES;
        self.granules[granule] = Granule::free(order);
        self.totals.free[usize::from(order)] += 1;
        mark(granule, order, observer);
        let live = match state {
            BlockState::Free => return,
            BlockState::Cached => None,
            BlockState::Live(owner, requested) => Some((owner, requested)),
        };
        let Some(start) = self.start else { return };
        let allocation = self.allocation(start + offset, 1 << order, order, live);
        allocation.and_then(|allocation| self.carve(&allocation, Direction::Forward, observer));
    }
}

/// Notifies the observer of the heap frames that a block touches.
fn mark(granule: usize, order: u8, observer: &mut impl Observer) {
    for frame in frames_of(granule, order) {
        observer.heap_frame(frame);
    }
}
