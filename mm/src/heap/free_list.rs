//! The strategies of a free list: first fit and best fit.
//!
//! ```text
//! free     [ at 0: 5 ][ at 9: 2 ][ at 40: 300 ]      ascending, no two adjacent; units of 16 B
//! live     . . . . . [60] . . . . . [460] …          where a block begins: its requested bytes
//! ```
//! First fit takes the lowest free block that is large enough, best fit the smallest. Both cut from
//! its start. A block that is freed merges with the free blocks on both sides. The free list is for
//! comparison with the buddy system, not for use: each operation walks the list.

use super::block_allocator::{ArenaSizes, BlockAllocator, FreeBlock, Setup};
use super::fragmentation::FreeSpace;
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// Sizes are multiples of this many bytes.
const UNIT: u64 = 16;

/// Which free block a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    /// The lowest one that is large enough.
    First,
    /// The smallest one that is large enough; the lowest of several.
    Best,
}

/// A free list that fills its arena. The tracer `T` records the events.
#[derive(Debug)]
pub struct FreeList<'m, T> {
    tracer: T,
    /// The first address of the arena, for the events.
    start: VirtAddr,
    fit: Fit,
    free: &'m mut [FreeBlock],
    /// Number of free blocks.
    len: usize,
    live: &'m mut [u32],
    allocated: u64,
    blocks: usize,
}

impl<T> FreeList<'_, T> {
    /// Blocks have any size.
    pub(super) const IS_BUDDY: bool = false;

    /// The buffers of an arena of this many bytes with at most this many live blocks.
    pub(super) const fn sizes(bytes: u64, blocks: usize) -> ArenaSizes {
        ArenaSizes {
            free: blocks + 1,
            live: (bytes / UNIT) as usize,
            ..ArenaSizes::NONE
        }
    }

    /// The tracer that records the events.
    pub(super) const fn tracer(&self) -> &T {
        &self.tracer
    }
}

impl<'m, T: Tracer> FreeList<'m, T> {
    /// An arena that takes the lowest free block.
    pub(super) fn first_fit(setup: Setup<'m, T>) -> Self {
        FreeList::new(setup, Fit::First)
    }

    /// An arena that takes the smallest free block.
    pub(super) fn best_fit(setup: Setup<'m, T>) -> Self {
        FreeList::new(setup, Fit::Best)
    }

    fn new(setup: Setup<'m, T>, fit: Fit) -> Self {
        let bytes = u32::try_from(setup.bytes).expect("an arena below 4 GiB");
        let units = bytes / UNIT as u32;
        let (free, live) = (setup.storage.free, setup.storage.live);
        free[0] = FreeBlock { first: 0, units };
        FreeList {
            tracer: setup.tracer,
            start: setup.start,
            fit,
            free,
            len: 1,
            live: &mut live[..units as usize],
            allocated: 0,
            blocks: 0,
        }
    }

    /// The index of the free block for this many bytes, and the units that they take.
    fn fitting(&self, bytes: u64) -> Option<(usize, u32)> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).ok()?;
        // There is at most one free block more than there are live blocks.
        let room = units > 0 && self.blocks + 1 < self.free.len();
        let at = self.find(units).filter(|_| room)?;
        Some((at, units))
    }

    fn find(&self, units: u32) -> Option<usize> {
        let mut fitting = (0..self.len).filter(|&at| self.free[at].units >= units);
        match self.fit {
            Fit::First => fitting.next(),
            Fit::Best => fitting.min_by_key(|&at| self.free[at].units),
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
            self.tracer.record(Payload::HeapRefuse {
                heap: self.start,
                requested: bytes,
                owner: Tag::HEAP,
            });
            return None;
        };
        let block = &mut self.free[at];
        let first = block.first;
        block.first += units;
        block.units -= units;
        if block.units == 0 {
            self.remove(at);
        }
        self.live[first as usize] = bytes as u32;
        self.allocated += u64::from(units) * UNIT;
        self.blocks += 1;
        let offset = u64::from(first) * UNIT;
        self.tracer.record(Payload::ArenaAllocate {
            block: self.start + offset,
            bytes: units * UNIT as u32,
            requested: bytes as u32,
            owner: Tag::HEAP,
        });
        Some(offset)
    }

    fn free(&mut self, offset: u64) -> bool {
        let Ok(first) = u32::try_from(offset / UNIT) else {
            return false;
        };
        let requested = self.live.get(first as usize).copied().unwrap_or(0);
        let units = requested.div_ceil(UNIT as u32);
        if units == 0 || !offset.is_multiple_of(UNIT) {
            return false;
        }
        self.live[first as usize] = 0;
        self.tracer.record(Payload::ArenaFree {
            block: self.start + offset,
            bytes: units * UNIT as u32,
            requested,
            owner: Tag::HEAP,
        });
        self.allocated -= u64::from(units) * UNIT;
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

    fn allocated(&self) -> u64 {
        self.allocated
    }

    fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        for block in &self.free[..self.len] {
            space.add(u64::from(block.units) * UNIT, 1);
        }
        space
    }
}

#[cfg(test)]
mod tests {
    use super::super::block_allocator::ArenaStorage;
    use super::*;
    use crate::tracer::{Recorder, Silent};
    use proptest::prelude::*;

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

    /// Free runs of the model: start and length.
    fn runs(model: &[u8]) -> Vec<(usize, usize)> {
        let starts = (0..UNITS).filter(|&at| model[at] == 0 && (at == 0 || model[at - 1] != 0));
        let length = |start: usize| model[start..].iter().take_while(|&&unit| unit == 0).count();
        starts.map(|start| (start, length(start))).collect()
    }

    proptest! {
        #![proptest_config(crate::testing::cases(200))]
        #[test]
        fn equals_units_painted_one_by_one(best in any::<bool>(), steps in prop::collection::vec((any::<bool>(), 0..300_u64), 1..60)) {
            let fit = if best { Fit::Best } else { Fit::First };
            with_list(fit, |mut list| {
                let mut model = [0_u8; UNITS];
                let mut number = 0;
                for (allocate, value) in steps {
                    if allocate {
                        let units = value.div_ceil(UNIT) as usize;
                        let runs = runs(&model).into_iter().filter(|run| run.1 >= units);
                        let run = if best { runs.min_by_key(|run| run.1) } else { runs.min() };
                        let mut live: Vec<u8> = model.iter().copied().filter(|&unit| unit != 0).collect();
                        live.dedup();
                        let expected = run.filter(|_| units > 0 && live.len() < BLOCKS);
                        let found = list.allocate(value);
                        assert_eq!(found, expected.map(|run| run.0 as u64 * UNIT));
                        if let Some((start, _)) = expected {
                            number += 1;
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
