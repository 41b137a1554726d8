//! The strategies of a free list: first fit, best fit, next fit and worst fit.
//!
//! ```text
//! arena    [ live ][ free: 5 ][ live ][ free: 2 ][ live ][ free: 300 ]         units of 16 B
//! tags              5 . . . 5           2 2               300 . . 300          of each free block
//! order    by address: 5, 2, 300       by size: 2, 5, 300       by size, down: 300, 5, 2
//! ```
//! Each takes the first free block of its order that is large enough. First fit orders by address,
//! best fit by size, worst fit by decreasing size. Next fit orders by address, begins at the end of
//! the last allocation, and wraps around. All cut from the start of the free block. A block that is
//! freed merges with the free blocks on both sides, which the tags name.
//!
//! The textbook walks the list. [`FreeTree`] finds the same block without a walk, so a long
//! workload does not take hours.

#[cfg(test)]
mod tests;

use super::block_allocator::{ArenaSizes, BlockAllocator, FreeBlock, Setup};
use super::fragmentation::FreeSpace;
use super::free_tree::FreeTree;
use super::live_blocks::{LiveBlocks, UNIT};
use crate::tracer::Tracer;

/// The choice of a free block for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// The lowest one that is large enough.
    First,
    /// The smallest one that is large enough; the lowest of several.
    Best,
    /// The first one that ends after the last allocation; from the start if there is none.
    Next,
    /// The largest one; the lowest of several.
    Worst,
}

impl Fit {
    /// Returns the order of free blocks: those with lower keys come first.
    fn key(self) -> fn(FreeBlock) -> u64 {
        match self {
            Fit::First | Fit::Next => |block| u64::from(block.first),
            Fit::Best => |block| u64::from(block.units) << 32 | u64::from(block.first),
            Fit::Worst => |block| u64::from(!block.units) << 32 | u64::from(block.first),
        }
    }
}

/// A free list that fills its arena. The tracer `T` records the events.
#[derive(Debug)]
pub struct FreeList<'m, T> {
    live: LiveBlocks<'m, T>,
    fit: Fit,
    /// The end of the last allocation, in units.
    cursor: u32,
    free: FreeTree<'m>,
    /// Units of the free block of which a unit is the first or the last, or 0.
    tags: &'m mut [u32],
    /// The number of live blocks, and their maximum.
    blocks: usize,
    most: usize,
}

impl<T> FreeList<'_, T> {
    /// Blocks have any size.
    pub(super) const IS_BUDDY: bool = false;

    /// Returns the buffers of an arena of this many bytes with at most this many live blocks.
    pub(super) const fn sizes(bytes: u64, blocks: usize) -> ArenaSizes {
        ArenaSizes {
            // There is at most one free block more than there are live blocks.
            nodes: FreeTree::nodes(blocks + 1),
            live: 2 * (bytes / UNIT) as usize,
            ..ArenaSizes::NONE
        }
    }

    /// Returns the tracer that records the events.
    pub(super) const fn tracer(&self) -> &T {
        &self.live.tracer
    }
}

impl<'m, T: Tracer> FreeList<'m, T> {
    /// Returns an arena that takes the lowest free block.
    pub(super) fn first_fit(setup: Setup<'m, T>) -> Self {
        FreeList::new(setup, Fit::First)
    }

    /// Returns an arena that takes the smallest free block.
    pub(super) fn best_fit(setup: Setup<'m, T>) -> Self {
        FreeList::new(setup, Fit::Best)
    }

    /// Returns an arena that takes the first free block from the last allocation on.
    pub(super) fn next_fit(setup: Setup<'m, T>) -> Self {
        FreeList::new(setup, Fit::Next)
    }

    /// Returns an arena that takes the largest free block.
    pub(super) fn worst_fit(setup: Setup<'m, T>) -> Self {
        FreeList::new(setup, Fit::Worst)
    }

    fn new(setup: Setup<'m, T>, fit: Fit) -> Self {
        let bytes = u32::try_from(setup.bytes).expect("an arena below 4 GiB");
        let units = bytes / UNIT as u32;
        let (live, tags) = setup.storage.live.split_at_mut(units as usize);
        let most = setup.storage.nodes.len() - FreeTree::nodes(1);
        let mut list = FreeList {
            live: LiveBlocks::new(setup.tracer, setup.start, live, |units| units),
            fit,
            cursor: 0,
            free: FreeTree::new(setup.storage.nodes, fit.key()),
            tags,
            blocks: 0,
            most,
        };
        list.insert(0, units);
        list
    }

    /// Returns the free block for this many bytes, and the units that they take.
    fn fitting(&self, bytes: u64) -> Option<(FreeBlock, u32)> {
        let units = self.live.units_for(bytes)?;
        let block = self.find(units).filter(|_| self.blocks < self.most)?;
        Some((block, units))
    }

    fn find(&self, units: u32) -> Option<FreeBlock> {
        let from_start = || self.free.find(units, |_| true);
        match self.fit {
            Fit::First | Fit::Best | Fit::Worst => from_start(),
            Fit::Next => {
                let is_after = |block: FreeBlock| block.first + block.units > self.cursor;
                self.free.find(units, is_after).or_else(from_start)
            }
        }
    }

    fn insert(&mut self, first: u32, units: u32) {
        self.free.insert(FreeBlock { first, units });
        self.tag(first, units, units);
    }

    fn remove(&mut self, first: u32, units: u32) {
        self.free.remove(FreeBlock { first, units });
        self.tag(first, units, 0);
    }

    fn tag(&mut self, first: u32, units: u32, tag: u32) {
        self.tags[first as usize] = tag;
        self.tags[(first + units - 1) as usize] = tag;
    }

    /// Returns the units of the free block that begins at this unit, or 0.
    fn free_from(&self, first: u32) -> u32 {
        let is_inside = first < self.live.units();
        if is_inside {
            self.tags[first as usize]
        } else {
            0
        }
    }

    /// Returns the units of the free block that ends at this unit, or 0.
    fn free_up_to(&self, end: u32) -> u32 {
        end.checked_sub(1)
            .map_or(0, |last| self.tags[last as usize])
    }
}

impl<T: Tracer> BlockAllocator for FreeList<'_, T> {
    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        let Some((block, units)) = self.fitting(bytes) else {
            self.live.refuse(bytes);
            return None;
        };
        self.remove(block.first, block.units);
        if block.units > units {
            self.insert(block.first + units, block.units - units);
        }
        self.cursor = block.first + units;
        self.blocks += 1;
        Some(self.live.add(block.first, bytes))
    }

    fn free(&mut self, offset: u64) -> bool {
        let Some((first, units)) = self.live.remove(offset) else {
            return false;
        };
        self.blocks -= 1;
        let (before, after) = (self.free_up_to(first), self.free_from(first + units));
        if before > 0 {
            self.remove(first - before, before);
        }
        if after > 0 {
            self.remove(first + units, after);
        }
        self.insert(first - before, before + units + after);
        true
    }

    /// Grows a block into the free block after it, or returns its unused tail.
    fn resize_in_place(&mut self, offset: u64, bytes: u64) -> bool {
        let Some((first, before, after)) = self.live.resized(offset, bytes) else {
            return false;
        };
        let free = self.free_from(first + before);
        if after > before + free {
            return false;
        }
        if before != after {
            if free > 0 {
                self.remove(first + before, free);
            }
            let rest = before + free - after;
            if rest > 0 {
                self.insert(first + after, rest);
            }
        }
        self.live.replace(first, bytes);
        true
    }

    fn block_bytes(&self, offset: u64) -> u64 {
        self.live.bytes_at(offset)
    }

    fn allocated(&self) -> u64 {
        self.live.allocated()
    }

    fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        for block in self.free.iter() {
            space.add(u64::from(block.units) * UNIT, 1);
        }
        space
    }

    fn validate(&self) -> Result<(), u64> {
        self.live
            .tile(self.live.units(), |at| self.tags[at as usize])?;
        let mut listed = 0;
        for FreeBlock { first, units } in self.free.iter() {
            let is_tagged =
                self.free_from(first) == units && self.free_up_to(first + units) == units;
            if !is_tagged || self.free_from(first + units) > 0 {
                return Err(u64::from(first) * UNIT);
            }
            listed += u64::from(units) * UNIT;
        }
        let all = u64::from(self.live.units()) * UNIT;
        match listed + self.allocated() == all {
            true => Ok(()),
            false => Err(all),
        }
    }
}
