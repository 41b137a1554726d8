//! The buddy heap: its blocks, and the number of live blocks in each heap frame.
//!
//! ```text
//! granule (64 B)   0    1    2    3    4 …
//! entry           [L1] [  ] [F0] [L0] [F2]       L live, F free, 0 1 2 … order; empty: inside a block
//! block            ^^^^^^^^^ 128 B live  ^^^^… 256 B free
//! ```
//! Invariants: the blocks tile the heap without gaps; a block of order n is 64 B × 2^n long and
//! starts at a multiple of that, counted from the heap's start; the counts by order, and of each
//! heap frame, are the sums over the blocks. An event that contradicts the blocks is not applied.

pub mod arenas;
mod block;
mod growth;

pub use block::{
    Block, FRAME_BYTES, GRANULE_BYTES, GRANULES_PER_FRAME, Granule, HeapFrame, HeapTotals, ORDERS,
    block_bytes, owner_number,
};

use super::direction::Direction;
use super::observer::Observer;
use block::{frames_of, other_halves};
use mm::event::Payload;
use mm::tag::Tag;
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

    /// The first address; `None` before the heap grew for the first time.
    pub fn start(&self) -> Option<VirtAddr> {
        self.start
    }

    /// The sums over the heap.
    pub fn totals(&self) -> &HeapTotals {
        &self.totals
    }

    /// The number of refused requests since boot.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The maximum number of bytes that the model can show.
    pub fn maximum_bytes(&self) -> u64 {
        self.granules.len() as u64 * GRANULE_BYTES as u64
    }

    /// The heap frames, by address.
    pub fn frames(&self) -> &[HeapFrame] {
        &self.frames[..self.totals.bytes as usize / FRAME_BYTES]
    }

    /// The block that contains a granule.
    pub fn block_at(&self, granule: usize) -> Option<Block> {
        if granule >= self.len() {
            return None;
        }
        (0..ORDERS as u8).find_map(|order| {
            let start = granule >> order << order;
            (self.granules[start].order() == Some(order)).then(|| self.block(start, order))
        })
    }

    /// The block that contains a byte.
    pub fn block_of(&self, address: VirtAddr) -> Option<Block> {
        let offset = address.as_u64().checked_sub(self.start?.as_u64())?;
        self.block_at(usize::try_from(offset).ok()? / GRANULE_BYTES)
    }

    /// The address of a granule.
    pub fn address(&self, granule: usize) -> VirtAddr {
        let start = self.start.unwrap_or(VirtAddr::zero());
        start + (granule * GRANULE_BYTES) as u64
    }

    /// The number of granules that are backed by frames.
    pub fn granules(&self) -> usize {
        self.len()
    }

    /// The number of bytes of live blocks in some granules.
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

    /// The number of live blocks that start in some granules.
    pub fn live_blocks_in(&self, granules: core::ops::Range<usize>) -> u64 {
        let live = self
            .blocks_in(granules)
            .filter(|block| block.owner.is_some());
        live.count() as u64
    }

    /// The blocks that contain any of some granules, by address.
    pub fn blocks_in(&self, granules: core::ops::Range<usize>) -> impl Iterator<Item = Block> {
        let mut at = granules.start;
        core::iter::from_fn(move || {
            let block = self.block_at(at).filter(|_| at < granules.end)?;
            at = block.granules().end;
            Some(block)
        })
    }

    /// All blocks, by address.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        self.blocks_in(0..self.len())
    }

    fn block(&self, granule: usize, order: u8) -> Block {
        Block {
            granule,
            order,
            owner: self.granules[granule].owner(),
            requested: self.granules[granule].requested(),
        }
    }

    /// The number of granules that are backed by frames.
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
                order,
                from,
                requested,
                owner,
            } => {
                let block = self.live_block(block, order, requested, owner)?;
                self.allocate(block, from, direction, observer)
            }
            Payload::HeapFree {
                block,
                order,
                into,
                requested,
                owner,
            } => {
                let block = self.live_block(block, order, requested, owner)?;
                self.allocate(block, into, reversed, observer)
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

    /// Adds a block at an offset, with owner and requested bytes if it is live. No other block may
    /// contain its bytes: see [`Heap::reset`].
    pub(crate) fn put(
        &mut self,
        offset: u64,
        order: u8,
        live: Option<(Tag, u32)>,
        observer: &mut impl Observer,
    ) {
        let granule = offset as usize / GRANULE_BYTES;
        self.granules[granule] = Granule::free(order);
        self.totals.free[usize::from(order)] += 1;
        mark(granule, order, observer);
        if let (Some((owner, requested)), Some(start)) = (live, self.start) {
            let block = self.live_block(start + offset, order, requested, owner);
            block.and_then(|block| self.allocate(block, order, Direction::Forward, observer));
        }
    }

    /// Allocates a block by splitting the free block of order `around` that contains it; the other
    /// halves become free. Or reverts that.
    fn allocate(
        &mut self,
        block: LiveBlock,
        around: u8,
        direction: Direction,
        observer: &mut impl Observer,
    ) -> Option<()> {
        let LiveBlock { granule, order, .. } = block;
        if order > around || usize::from(around) >= ORDERS {
            return None;
        }
        let whole = granule >> around << around;
        let live = Granule::live(order, block.owner, block.requested);
        let fits = match direction {
            Direction::Forward => self.granules[whole] == Granule::free(around),
            Direction::Back => {
                self.granules[granule] == live
                    && other_halves(granule, order, around)
                        .all(|(at, half)| self.granules[at] == Granule::free(half))
            }
        };
        if !fits {
            return None;
        }
        let (gone, come) = direction.ordered((whole, Granule::free(around)), (granule, live));
        self.granules[gone.0] = Granule::default();
        direction
            .reversed()
            .count(&mut self.totals.free[usize::from(around)], 1);
        for (at, half) in other_halves(granule, order, around) {
            self.granules[at] = match direction {
                Direction::Forward => Granule::free(half),
                Direction::Back => Granule::default(),
            };
            observer.heap_frame(at / GRANULES_PER_FRAME);
            direction.count(&mut self.totals.free[usize::from(half)], 1);
        }
        self.granules[come.0] = come.1;
        self.count_live(&block, direction, observer);
        Some(())
    }

    /// Updates the sums when a block becomes live or free.
    fn count_live(
        &mut self,
        block: &LiveBlock,
        direction: Direction,
        observer: &mut impl Observer,
    ) {
        mark(block.granule, block.order, observer);
        let bytes = block_bytes(block.order).min(FRAME_BYTES as u64) as u16;
        for frame in frames_of(block.granule, block.order) {
            let frame = &mut self.frames[frame];
            match direction {
                Direction::Forward => {
                    frame.live += 1;
                    frame.bytes += bytes;
                }
                Direction::Back => {
                    frame.live -= 1;
                    frame.bytes -= bytes;
                }
            }
        }
        direction.count(&mut self.totals.live[usize::from(block.order)], 1);
        direction.count(&mut self.totals.requested, block.requested.into());
    }

    /// The block of an event, if it lies in the heap and is aligned to its order.
    fn live_block(
        &self,
        address: VirtAddr,
        order: u8,
        requested: u32,
        owner: Tag,
    ) -> Option<LiveBlock> {
        let offset = address.as_u64().checked_sub(self.start?.as_u64())?;
        let fits = usize::from(order) < ORDERS
            && offset.is_multiple_of(block_bytes(order))
            && offset + block_bytes(order) <= self.totals.bytes
            && u64::from(requested) <= block_bytes(order);
        fits.then_some(LiveBlock {
            granule: offset as usize / GRANULE_BYTES,
            order,
            requested,
            owner,
        })
    }
}

/// Notifies the observer of the heap frames that a block touches.
fn mark(granule: usize, order: u8, observer: &mut impl Observer) {
    for frame in frames_of(granule, order) {
        observer.heap_frame(frame);
    }
}

/// The live block of an event.
#[derive(Clone, Copy)]
struct LiveBlock {
    granule: usize,
    order: u8,
    requested: u32,
    owner: Tag,
}
