//! The strategies of a free list against units that are painted in a naive model.

use super::super::block_allocator::{ArenaStorage, FreeNode};
use super::*;
use crate::event::Payload;
use crate::tracer::{Recorder, Silent};
use crate::vocabulary::tag::Tag;
use core::cmp::Reverse;
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
        free: &mut [],
        nodes: &mut vec![FreeNode::default(); sizes.nodes],
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
    fn equals_units_painted_one_by_one(fit in prop::sample::select(vec![Fit::First, Fit::Best, Fit::Next, Fit::Worst]), steps in prop::collection::vec((any::<bool>(), 0..300_u64), 1..crate::testing::steps(60))) {
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
                let free = list.free.iter();
                let mut free: Vec<_> = free.map(|block| (block.first as usize, block.units as usize)).collect();
                free.sort();
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
