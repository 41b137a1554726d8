//! Segregated lists: a list of free blocks for each size class.
//!
//! ```text
//! classes   1 2 3 4 5 6 7 | 8 10 12 14 | 16 20 24 28 | …      units of 16 B, four a doubling
//! class 10  ──► [ 10 ] ──► [ 10 ]                              freed last, allocated first
//! arena     [ 10 ][ 3 ][ 10 ][ 7 ] … │ top ──►                 an empty list cuts from the top
//! ```
//! Blocks neither split nor merge: each operation takes constant time, and memory of one class
//! never serves another.

use super::block_allocator::{ArenaSizes, BlockAllocator, FreeBlock, Setup};
use super::fragmentation::FreeSpace;
use super::live_blocks::{LiveBlocks, UNIT};
use crate::tracer::Tracer;

/// Classes of sizes below 4 GiB.
const CLASSES: usize = 112;
/// The end of a list.
const NONE: u32 = u32::MAX;

/// An arena with size classes. The tracer `T` records the events.
#[derive(Debug)]
pub struct Segregated<'m, T> {
    live: LiveBlocks<'m, T>,
    /// For each unit at which a free block begins: the next one of its class, and its units.
    links: &'m mut [FreeBlock],
    /// For each class: its first free block, and their number.
    lists: &'m mut [FreeBlock],
    /// No block begins here or later.
    top: u32,
}

impl<T> Segregated<'_, T> {
    /// Blocks do not merge.
    pub(super) const IS_BUDDY: bool = false;

    /// Returns the buffers of an arena of this many bytes.
    pub(super) const fn sizes(bytes: u64, _blocks: usize) -> ArenaSizes {
        let units = (bytes / UNIT) as usize;
        ArenaSizes {
            free: units + CLASSES,
            live: units,
            ..ArenaSizes::NONE
        }
    }

    /// Returns the tracer that records the events.
    pub(super) const fn tracer(&self) -> &T {
        &self.live.tracer
    }
}

impl<'m, T: Tracer> Segregated<'m, T> {
    /// Creates an empty arena.
    pub(super) fn new(setup: Setup<'m, T>) -> Self {
        let units = (setup.bytes / UNIT) as usize;
        let (links, lists) = setup.storage.free.split_at_mut(units);
        lists.fill(FreeBlock {
            first: NONE,
            units: 0,
        });
        let requested = &mut setup.storage.live[..units];
        Segregated {
            live: LiveBlocks::new(setup.tracer, setup.start, requested, rounded),
            links,
            lists,
            top: 0,
        }
    }
}

/// Returns the size of the class of a request.
fn rounded(units: u32) -> u32 {
    match units {
        0..8 => units,
        _ => units.next_multiple_of(1 << (units.ilog2() - 2)),
    }
}

/// Returns the class of a size that [`rounded`] returns.
fn class(size: u32) -> usize {
    match size {
        0..4 => size as usize,
        _ => {
            let doubling = size.ilog2();
            (4 * (doubling - 1) + ((size >> (doubling - 2)) & 3)) as usize
        }
    }
}

impl<T: Tracer> BlockAllocator for Segregated<'_, T> {
    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        let Some(units) = self.live.units_for(bytes) else {
            self.live.refuse(bytes);
            return None;
        };
        let list = &mut self.lists[class(units)];
        let first = list.first;
        if first != NONE {
            list.first = self.links[first as usize].first;
            list.units -= 1;
            self.links[first as usize] = FreeBlock::default();
            return Some(self.live.add(first, bytes));
        }
        if units > self.live.units() - self.top {
            self.live.refuse(bytes);
            return None;
        }
        let first = self.top;
        self.top += units;
        Some(self.live.add(first, bytes))
    }

    fn free(&mut self, offset: u64) -> bool {
        let Some((first, units)) = self.live.remove(offset) else {
            return false;
        };
        let list = &mut self.lists[class(units)];
        self.links[first as usize] = FreeBlock {
            first: list.first,
            units,
        };
        list.first = first;
        list.units += 1;
        true
    }

    /// Keeps a block in place while it stays in its class.
    fn resize_in_place(&mut self, offset: u64, bytes: u64) -> bool {
        match self.live.resized(offset, bytes) {
            Some((first, before, after)) if before == after => {
                self.live.replace(first, bytes);
                true
            }
            _ => false,
        }
    }

    fn block_bytes(&self, offset: u64) -> u64 {
        self.live.bytes_at(offset)
    }

    fn allocated(&self) -> u64 {
        self.live.allocated()
    }

    fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        for list in self.lists.iter().filter(|list| list.units > 0) {
            let size = self.links[list.first as usize].units;
            space.add(u64::from(size) * UNIT, list.units.into());
        }
        space.add(u64::from(self.live.units() - self.top) * UNIT, 1);
        space
    }

    fn validate(&self) -> Result<(), u64> {
        self.live
            .tile(self.top, |at| self.links[at as usize].units)?;
        for (number, list) in self.lists.iter().enumerate() {
            let (mut at, mut count) = (list.first, 0);
            while at != NONE && count <= list.units {
                let block = self.links[at as usize];
                if block.units == 0 || class(block.units) != number {
                    return Err(u64::from(at) * UNIT);
                }
                (at, count) = (block.first, count + 1);
            }
            if count != list.units {
                return Err(u64::from(list.first) * UNIT);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_ascend_and_each_has_one_size() {
        let end = if cfg!(miri) { 1_000 } else { 100_000 };
        let mut last = (0, 0);
        for units in 1..end {
            let size = rounded(units);
            assert!(size >= units && size * 4 <= units * 5, "{units}");
            assert_eq!(rounded(size), size);
            if size != last.0 {
                assert!(class(size) > last.1, "{units}");
            }
            last = (size, class(size));
        }
        assert!(class(1 << 28) < CLASSES);
    }
}
