//! The buddy heap: which block stands where, and how many live blocks touch each heap frame.
//!
//! ```text
//! granule (64 B)   0    1    2    3    4 …
//! byte            [L1] [  ] [F0] [L0] [F2]       L live, F free, 0 1 2 … order; empty: inside a block
//! block            ^^^^^^^^^ 128 B live  ^^^^… 256 B free
//! ```
//! Invariants: the blocks tile the heap without gaps; a block of order n is 64 B × 2^n long and starts at
//! a multiple of that, counted from the heap's start; the counts by order, and of each heap
//! frame, are the sums over the blocks. An event that does not fit is not applied.

mod block;

pub use block::{
    Block, FRAME_BYTES, GRANULE_BYTES, GRANULES_PER_FRAME, Granule, HeapFrame, HeapTotals, ORDERS,
    block_bytes, owner_number,
};

use super::Direction;
use crate::dirty::DirtySet;
use crate::truth::GroundTruth;
use block::CHUNK_BYTES;
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
    /// Places where the machine disagreed when it was last compared.
    pub differing: u64,
    /// Heap frames to draw again: the ones that a block changed its owner in, and the ones that a
    /// block which was split, merged or made begins in.
    pub dirty: DirtySet<'m>,
}

impl<'m> Heap<'m> {
    pub(super) fn new(
        granules: &'m mut [Granule],
        frames: &'m mut [HeapFrame],
        dirty: &'m mut [u64],
    ) -> Self {
        Heap {
            granules,
            frames,
            start: None,
            totals: HeapTotals::default(),
            differing: 0,
            dirty: DirtySet::new(dirty),
        }
    }

    /// Where it begins; none before it grew for the first time.
    pub fn start(&self) -> Option<VirtAddr> {
        self.start
    }

    /// It in numbers.
    pub fn totals(&self) -> &HeapTotals {
        &self.totals
    }

    /// The most bytes that the model can show.
    pub fn maximum_bytes(&self) -> u64 {
        self.granules.len() as u64 * GRANULE_BYTES as u64
    }

    /// Its frames, by address.
    pub fn frames(&self) -> &[HeapFrame] {
        &self.frames[..self.totals.bytes as usize / FRAME_BYTES]
    }

    /// The block that this granule belongs to.
    pub fn block_at(&self, granule: usize) -> Option<Block> {
        if granule >= self.len() {
            return None;
        }
        (0..ORDERS as u8).find_map(|order| {
            let start = granule >> order << order;
            (self.granules[start].order() == Some(order)).then(|| self.block(start, order))
        })
    }

    /// All blocks, by address.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        let mut at = 0;
        core::iter::from_fn(move || {
            let block = self.block_at(at)?;
            at = block.granules().end;
            Some(block)
        })
    }

    fn block(&self, granule: usize, order: u8) -> Block {
        Block {
            granule,
            order,
            owner: self.granules[granule].owner(),
        }
    }

    /// Granules that frames stand behind.
    fn len(&self) -> usize {
        self.totals.bytes as usize / GRANULE_BYTES
    }

    pub(super) fn step(&mut self, payload: Payload, direction: Direction) -> bool {
        self.try_step(payload, direction).is_some()
    }

    fn try_step(&mut self, payload: Payload, direction: Direction) -> Option<()> {
        let reversed = direction.reversed();
        match payload {
            Payload::HeapGrow { start, bytes } => self.grow(start, bytes, direction),
            Payload::HeapShrink { start, bytes } => self.grow(start, bytes, reversed),
            Payload::HeapSplit { block, order } => self.split(block, order, direction),
            Payload::HeapMerge { block, order } => self.split(block, order, reversed),
            Payload::HeapAllocate {
                block,
                order,
                requested,
                owner,
            } => self.allocate(block, order, requested, owner, direction),
            Payload::HeapFree {
                block,
                order,
                requested,
                owner,
            } => self.allocate(block, order, requested, owner, reversed),
            _ => None,
        }
    }

    /// Takes everything from the machine.
    pub(crate) fn rebuild(&mut self, truth: &impl GroundTruth) {
        let known = self.len();
        self.granules[..known].fill(Granule::default());
        self.frames[..known / GRANULES_PER_FRAME].fill(HeapFrame::default());
        let (start, bytes) = truth.heap();
        self.differing = 0;
        self.start = Some(start).filter(|_| bytes > 0);
        self.totals = HeapTotals {
            bytes: bytes.min(self.maximum_bytes()),
            ..HeapTotals::default()
        };
        let mut offset = 0;
        while let Some(block) = truth
            .heap_block(offset)
            .filter(|_| offset < self.totals.bytes)
        {
            let (granule, order) = (block.offset as usize / GRANULE_BYTES, block.order);
            self.granules[granule] = Granule::free(order);
            self.totals.free[usize::from(order)] += 1;
            self.mark(granule, order);
            if let Some((owner, requested)) = block.live {
                let address = start + block.offset;
                self.allocate(address, order, requested, owner, Direction::Forward);
            }
            offset = block.offset + block_bytes(order);
        }
    }

    fn grow(&mut self, start: VirtAddr, bytes: u64, direction: Direction) -> Option<()> {
        if !bytes.is_multiple_of(CHUNK_BYTES) {
            return None;
        }
        let order = ORDERS as u8 - 1;
        let base = self.start.unwrap_or(start);
        let offset = start.as_u64().checked_sub(base.as_u64())?;
        match direction {
            Direction::Forward => {
                let end = offset.checked_add(bytes)?;
                if offset != self.totals.bytes || end > self.maximum_bytes() {
                    return None;
                }
                self.start = Some(base);
                self.totals.bytes = end;
            }
            Direction::Back => {
                if offset.checked_add(bytes)? != self.totals.bytes {
                    return None;
                }
                self.totals.bytes = offset;
                self.start = Some(base).filter(|_| offset > 0);
            }
        }
        for chunk in 0..bytes / CHUNK_BYTES {
            let granule = (offset + chunk * CHUNK_BYTES) as usize / GRANULE_BYTES;
            let block = match direction {
                Direction::Forward => Granule::free(order),
                Direction::Back => Granule::default(),
            };
            self.granules[granule] = block;
            self.mark(granule, order);
        }
        let free = &mut self.totals.free[usize::from(order)];
        direction.count(free, bytes / CHUNK_BYTES);
        Some(())
    }

    fn split(&mut self, block: VirtAddr, order: u8, direction: Direction) -> Option<()> {
        let lower = self.granule(block, order)?;
        let half = order.checked_sub(1)?;
        let upper = lower + (1 << half);
        let (whole, halves) = (
            [Granule::free(order), Granule::default()],
            [Granule::free(half); 2],
        );
        let (from, to) = direction.ordered(whole, halves);
        if [self.granules[lower], self.granules[upper]] != from {
            return None;
        }
        [self.granules[lower], self.granules[upper]] = to;
        self.dirty.insert(lower / GRANULES_PER_FRAME);
        self.dirty.insert(upper / GRANULES_PER_FRAME);
        direction
            .reversed()
            .count(&mut self.totals.free[usize::from(order)], 1);
        direction.count(&mut self.totals.free[usize::from(half)], 2);
        Some(())
    }

    fn allocate(
        &mut self,
        block: VirtAddr,
        order: u8,
        requested: u32,
        owner: Tag,
        direction: Direction,
    ) -> Option<()> {
        let granule = self.granule(block, order)?;
        let (from, to) = direction.ordered(Granule::free(order), Granule::live(order, owner));
        if self.granules[granule] != from {
            return None;
        }
        self.granules[granule] = to;
        self.mark(granule, order);
        let bytes = block_bytes(order).min(FRAME_BYTES as u64) as u16;
        for frame in frames_of(granule, order) {
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
        direction.count(&mut self.totals.live[usize::from(order)], 1);
        direction
            .reversed()
            .count(&mut self.totals.free[usize::from(order)], 1);
        direction.count(&mut self.totals.requested, requested.into());
        Some(())
    }

    /// Number of the first granule of a block that lies in the heap and can have this order.
    fn granule(&self, block: VirtAddr, order: u8) -> Option<usize> {
        let offset = block.as_u64().checked_sub(self.start?.as_u64())?;
        let fits = usize::from(order) < ORDERS
            && offset % block_bytes(order) == 0
            && offset + block_bytes(order) <= self.totals.bytes;
        fits.then_some(offset as usize / GRANULE_BYTES)
    }

    fn mark(&mut self, granule: usize, order: u8) {
        for frame in frames_of(granule, order) {
            self.dirty.insert(frame);
        }
    }
}

/// The heap frames that a block touches.
fn frames_of(granule: usize, order: u8) -> core::ops::Range<usize> {
    let first = granule / GRANULES_PER_FRAME;
    first..(granule + (1 << order)).div_ceil(GRANULES_PER_FRAME)
}
