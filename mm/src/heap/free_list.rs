//! The strategies of a free list: first fit, best fit, next fit and worst fit.
//!
//! ```text
//! free     [ at 0: 5 ][ at 9: 2 ][ at 40: 300 ]      ascending, no two adjacent; units of 16 B
//! live     . . . . . [60] . . . . . [460] …          where a block begins: its requested bytes
//! ```
//! First fit takes the lowest free block that is large enough, best fit the smallest, worst fit the
//! largest. Next fit takes the first from the end of the last allocation on, and wraps around. All
//! cut from the start of the free block. A block that is freed merges with the free blocks on both
//! sides. The free list is for comparison with the buddy system, not for use: each operation walks
//! the list.

use super::block_allocator::{ArenaSizes, BlockAllocator, FreeBlock, Setup};
use super::fragmentation::FreeSpace;
use super::live_blocks::{LiveBlocks, UNIT};
use crate::tracer::Tracer;
use core::cmp::Reverse;

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

/// A free list that fills its arena. The tracer `T` records the events.
#[derive(Debug)]
pub struct FreeList<'m, T> {
    live: LiveBlocks<'m, T>,
    fit: Fit,
    /// The end of the last allocation, in units.
    cursor: u32,
    free: &'m mut [FreeBlock],
    /// Number of free blocks.
    len: usize,
    blocks: usize,
}

impl<T> FreeList<'_, T> {
    /// Blocks have any size.
    pub(super) const IS_BUDDY: bool = false;

    /// Returns the buffers of an arena of this many bytes with at most this many live blocks.
    pub(super) const fn sizes(bytes: u64, blocks: usize) -> ArenaSizes {
        ArenaSizes {
            free: blocks + 1,
            live: (bytes / UNIT) as usize,
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
        let (free, live) = (setup.storage.free, setup.storage.live);
        free[0] = FreeBlock { first: 0, units };
        let live = &mut live[..units as usize];
        FreeList {
            live: LiveBlocks::new(setup.tracer, setup.start, live, |units| units),
            fit,
            cursor: 0,
            free,
            len: 1,
            blocks: 0,
        }
    }

    /// Returns the index of the free block for this many bytes, and the units that they take.
    fn fitting(&self, bytes: u64) -> Option<(usize, u32)> {
        let units = self.live.units_for(bytes)?;
        // There is at most one free block more than there are live blocks.
        let room = self.blocks + 1 < self.free.len();
        let at = self.find(units).filter(|_| room)?;
        Some((at, units))
    }

    fn find(&self, units: u32) -> Option<usize> {
        let mut fitting = (0..self.len).filter(|&at| self.free[at].units >= units);
        match self.fit {
            Fit::First => fitting.next(),
            Fit::Best => fitting.min_by_key(|&at| self.free[at].units),
            Fit::Worst => fitting.min_by_key(|&at| Reverse(self.free[at].units)),
            Fit::Next => {
                let free = &self.free[..self.len];
                let from = free.partition_point(|block| block.first + block.units <= self.cursor);
                let mut around = (from..self.len).chain(0..from);
                around.find(|&at| free[at].units >= units)
            }
        }
    }

    fn remove(&mut self, at: usize) {
        self.free.copy_within(at + 1..self.len, at);
        self.len -= 1;
    }

    fn insert(&mut self, at: usize, block: FreeBlock) {
        self.free.copy_within(at..self.len, at + 1);
        self.free[at] = block;
        self.len += 1;
    }
}

impl<T: Tracer> BlockAllocator for FreeList<'_, T> {
    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        let Some((at, units)) = self.fitting(bytes) else {
            self.live.refuse(bytes);
            return None;
        };
        let block = &mut self.free[at];
        let first = block.first;
        block.first += units;
        block.units -= units;
        if block.units == 0 {
            self.remove(at);
        }
        self.cursor = first + units;
        self.blocks += 1;
        Some(self.live.add(first, bytes))
    }

    fn free(&mut self, offset: u64) -> bool {
        let Some((first, units)) = self.live.remove(offset) else {
            return false;
        };
        self.blocks -= 1;
        let after = self.free[..self.len].partition_point(|block| block.first < first);
        let joins_next = after < self.len && self.free[after].first == first + units;
        let before = after.checked_sub(1).map(|at| self.free[at]);
        let joins_previous = before.is_some_and(|block| block.first + block.units == first);
        match (joins_previous, joins_next) {
            (false, false) => self.insert(after, FreeBlock { first, units }),
            (true, false) => self.free[after - 1].units += units,
            (false, true) => {
                self.free[after].first = first;
                self.free[after].units += units;
            }
            (true, true) => {
                self.free[after - 1].units += units + self.free[after].units;
                self.remove(after);
            }
        }
        true
    }

    /// Grows a block into the free block after it, or returns its unused tail.
    fn resize_in_place(&mut self, offset: u64, bytes: u64) -> bool {
        let Some((first, before, after)) = self.live.resized(offset, bytes) else {
            return false;
        };
        let at = self.free[..self.len].partition_point(|block| block.first < first);
        let joins = at < self.len && self.free[at].first == first + before;
        let free = if joins { self.free[at].units } else { 0 };
        if after > before + free {
            return false;
        }
        let rest = FreeBlock {
            first: first + after,
            units: before + free - after,
        };
        match (joins, rest.units > 0) {
            (true, true) => self.free[at] = rest,
            (true, false) => self.remove(at),
            (false, true) => self.insert(at, rest),
            (false, false) => {}
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
        for block in &self.free[..self.len] {
            space.add(u64::from(block.units) * UNIT, 1);
        }
        space
    }

    fn validate(&self) -> Result<(), u64> {
        let free = &self.free[..self.len];
        let adjacent = |pair: &&[FreeBlock]| pair[0].first + pair[0].units >= pair[1].first;
        if let Some(pair) = free.windows(2).find(adjacent) {
            return Err(u64::from(pair[1].first) * UNIT);
        }
        self.live.tile(self.live.units(), |at| {
            let found = free.binary_search_by_key(&at, |block| block.first);
            found.map_or(0, |index| free[index].units)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::block_allocator::ArenaStorage;
    use super::*;
    use crate::event::Payload;
    use crate::tracer::{Recorder, Silent};
    use crate::vocabulary::tag::Tag;
    use proptest::prelude::*;
    use x86_64::VirtAddr;

    /// The arena of the naive model, a byte for each unit: the number of the block that has it, or
    /// 0.
    const UNITS: usize = 64;
    const BLOCKS: usize = 12;

    fn with_list<R>(fit: Fit, test: impl FnOnce(FreeList<'_, Silent>) -> R) -> R {
        with_setup(VirtAddr::zero(), BLOCKS, Silent, |setup| {
            test(FreeList::new(setup, fit))
        })
    }

    fn with_setup<T, R>(
        start: VirtAddr,
        blocks: usize,
        tracer: T,
        test: impl FnOnce(Setup<'_, T>) -> R,
    ) -> R {
        let bytes = UNITS as u64 * UNIT;
        let sizes = FreeList::<Silent>::sizes(bytes, blocks);
        let storage = ArenaStorage {
            bits: &mut [],
            headers: &mut [],
            references: &mut [],
            free: &mut vec![FreeBlock::default(); sizes.free],
            live: &mut vec![0; sizes.live],
        };
        test(Setup {
            start,
            bytes,
            storage,
            tracer,
        })
    }

    /// Returns the free runs of the model: start and length.
    fn runs(model: &[u8]) -> Vec<(usize, usize)> {
        let starts = (0..UNITS).filter(|&at| model[at] == 0 && (at == 0 || model[at - 1] != 0));
        let length = |start: usize| model[start..].iter().take_while(|&&unit| unit == 0).count();
        starts.map(|start| (start, length(start))).collect()
    }

    proptest! {
        #![proptest_config(crate::testing::cases(200))]
        #[test]
        fn equals_units_painted_one_by_one(fit in prop::sample::select(vec![Fit::First, Fit::Best, Fit::Next, Fit::Worst]), steps in prop::collection::vec((any::<bool>(), 0..300_u64), 1..60)) {
            with_list(fit, |mut list| {
                let mut model = [0_u8; UNITS];
                let (mut number, mut cursor) = (0, 0);
                for (allocate, value) in steps {
                    if allocate {
                        let units = value.div_ceil(UNIT) as usize;
                        let runs = runs(&model).into_iter().filter(|run| run.1 >= units);
                        let run = match fit {
                            Fit::First => runs.min(),
                            Fit::Best => runs.min_by_key(|run| run.1),
                            Fit::Worst => runs.min_by_key(|run| Reverse(run.1)),
                            Fit::Next => runs.min_by_key(|run| (run.0 + run.1 <= cursor, run.0)),
                        };
                        let mut live: Vec<u8> = model.iter().copied().filter(|&unit| unit != 0).collect();
                        live.dedup();
                        let expected = run.filter(|_| units > 0 && live.len() < BLOCKS);
                        let found = list.allocate(value);
                        assert_eq!(found, expected.map(|run| run.0 as u64 * UNIT));
                        if let Some((start, _)) = expected {
                            number += 1;
                            cursor = start + units;
                            model[start..start + units].fill(number);
                        }
                    } else {
                        let offset = value * 8;
                        let at = (offset / UNIT) as usize;
                        let begins = offset % UNIT == 0 && at < UNITS && model[at] != 0
                            && (at == 0 || model[at - 1] != model[at]);
                        assert_eq!(list.free(offset), begins);
                        if begins {
                            let block = model[at];
                            model.iter_mut().filter(|unit| **unit == block).for_each(|unit| *unit = 0);
                        }
                    }
                    let free = list.free[..list.len].iter();
                    let free: Vec<_> = free.map(|block| (block.first as usize, block.units as usize)).collect();
                    assert_eq!(free, runs(&model));
                    let allocated = model.iter().filter(|&&unit| unit != 0).count() as u64 * UNIT;
                    assert_eq!(list.allocated(), allocated);
                    assert_eq!(list.validate(), Ok(()));
                }
            });
        }
    }

    #[test]
    fn of_equal_blocks_best_fit_takes_the_lowest() {
        with_list(Fit::Best, |mut list| {
            let blocks = [32, 16, 32, 16].map(|bytes| list.allocate(bytes).unwrap());
            assert!(list.free(blocks[2]) && list.free(blocks[0]));
            assert_eq!(list.allocate(20), Some(0));
        });
    }

    #[test]
    fn the_number_of_live_blocks_is_limited() {
        with_list(Fit::First, |mut list| {
            for _ in 0..BLOCKS {
                assert!(list.allocate(1).is_some());
            }
            assert_eq!(list.allocate(1), None);
            assert!(list.free(16) && list.allocate(1) == Some(16));
        });
    }

    #[test]
    fn operations_are_recorded() {
        let recorder = Recorder::default();
        let (start, owner) = (VirtAddr::new(0x7000), Tag::HEAP);
        with_setup(start, 2, &recorder, |setup| {
            let mut list = FreeList::first_fit(setup);
            assert_eq!([list.allocate(20), list.allocate(5)], [Some(0), Some(32)]);
            assert!(list.free(0) && list.allocate(2000).is_none());
        });
        let allocated = |offset, bytes, requested| Payload::ArenaAllocate {
            block: start + offset,
            bytes,
            requested,
            owner,
        };
        let freed = Payload::ArenaFree {
            block: start,
            bytes: 32,
            requested: 20,
            owner,
        };
        let refused = Payload::HeapRefuse {
            heap: start,
            requested: 2000,
            owner,
        };
        let recorded = [allocated(0, 32, 20), allocated(32, 16, 5), freed, refused];
        assert_eq!(*recorder.0.borrow(), recorded);
    }

    #[test]
    fn first_fit_takes_the_lowest_and_best_fit_the_smallest() {
        for (fit, expected) in [(Fit::First, 0), (Fit::Best, 320)] {
            with_list(fit, |mut list| {
                let blocks = [160, 160, 32, 32].map(|bytes| list.allocate(bytes).unwrap());
                assert_eq!(blocks, [0, 160, 320, 352]);
                assert!(list.free(0) && list.free(320));
                assert_eq!(list.allocate(20), Some(expected));
            });
        }
    }
}
