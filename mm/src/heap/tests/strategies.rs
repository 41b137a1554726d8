//! Every strategy against a naive model: the live blocks by their offsets.

use super::super::block_allocator::BlockAllocator;
use super::super::strategy::Arena;
use super::arenas::with_arena;
use crate::tracer::Silent;
use crate::vocabulary::order::CHUNK_BYTES;
use crate::vocabulary::strategy::Strategy;
use proptest::prelude::{any, prop, prop_oneof, proptest};
use proptest::strategy::Strategy as Strategies;
use std::collections::BTreeMap;

const BLOCKS: usize = 64;

/// An allocation of this many bytes, a resize of a live block by its number to this many bytes, or
/// a free: of a live block by its number, or of an offset.
#[derive(Clone, Copy, Debug)]
enum Step {
    Allocate(u64),
    Resize(usize, u64),
    Free(usize),
    FreeAt(u64),
}

fn step() -> impl Strategies<Value = Step> {
    prop_oneof![
        4 => (0..18_u32, any::<u64>()).prop_map(|(bits, n)| Step::Allocate(n % (2 << bits))),
        2 => (any::<usize>(), 0..18_u32, any::<u64>())
            .prop_map(|(at, bits, n)| Step::Resize(at, n % (2 << bits))),
        3 => any::<usize>().prop_map(Step::Free),
        1 => (0..CHUNK_BYTES / 8).prop_map(|at| Step::FreeAt(at * 8)),
    ]
}

fn place(live: &mut BTreeMap<u64, u64>, offset: u64, bytes: u64) {
    assert!(bytes > 0 && offset.is_multiple_of(16));
    assert!(offset + bytes <= CHUNK_BYTES, "past the end");
    let before = live.range(..offset + bytes).next_back();
    let overlaps = before.is_some_and(|(at, bytes)| at + bytes > offset);
    assert!(!overlaps, "{offset} {bytes} overlaps {before:?}");
    live.insert(offset, bytes);
}

fn play(arena: &mut Arena<'_, Silent>, steps: &[Step]) {
    let mut live: BTreeMap<u64, u64> = BTreeMap::new();
    for &step in steps {
        match step {
            Step::Allocate(bytes) => {
                let found = (live.len() < BLOCKS).then(|| arena.allocate(bytes));
                if let Some(offset) = found.flatten() {
                    place(&mut live, offset, bytes);
                }
            }
            Step::Resize(number, bytes) => {
                let index = number % live.len().max(1);
                let block = live.iter().nth(index).map(|(&offset, _)| offset);
                // A resize that moves a block has both for a moment.
                if let Some(offset) = block.filter(|_| live.len() < BLOCKS) {
                    let before = arena.block_bytes(offset);
                    let resized = arena.resize(offset, bytes);
                    assert!(bytes > 0 || resized.is_none());
                    if let Some(new) = resized {
                        live.remove(&offset);
                        place(&mut live, new, bytes);
                        assert!(arena.block_bytes(new) >= bytes);
                    } else {
                        assert_eq!(arena.block_bytes(offset), before);
                    }
                }
            }
            Step::Free(number) => {
                let index = number % live.len().max(1);
                if let Some((&offset, _)) = live.iter().nth(index) {
                    live.remove(&offset);
                    assert!(arena.free(offset), "a live block");
                    assert!(!arena.free(offset), "a double free");
                }
            }
            Step::FreeAt(offset) => {
                assert_eq!(arena.free(offset), live.remove(&offset).is_some());
            }
        }
        if !cfg!(miri) {
            assert_eq!(arena.validate(), Ok(()));
        }
        let free = arena.free_space();
        assert_eq!(arena.allocated() + free.bytes, CHUNK_BYTES);
        assert!(arena.allocated() >= live.values().sum());
        assert!(free.largest <= free.bytes);
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(24))]
    #[test]
    fn all_strategies_equal_the_naive_model(steps in prop::collection::vec(step(), 1..crate::testing::steps(80))) {
        for &strategy in Strategy::ALL {
            with_arena(strategy, CHUNK_BYTES, BLOCKS, |mut arena| play(&mut arena, &steps));
        }
    }
}

/// Offsets of the allocations of these steps, `None` where one is refused.
fn placements(strategy: Strategy, steps: &[Step]) -> Vec<Option<u64>> {
    with_arena(strategy, CHUNK_BYTES, BLOCKS, |mut arena| {
        let mut placed = vec![];
        for step in steps {
            match *step {
                Step::Allocate(bytes) => placed.push(arena.allocate(bytes)),
                Step::Free(number) => drop(placed[number].map(|offset| arena.free(offset))),
                Step::FreeAt(_) | Step::Resize(..) => {}
            }
        }
        placed
    })
}

#[test]
fn every_strategy_places_blocks_unlike_every_other() {
    use Step::{Allocate, Free};
    // Holes of 560 B, 600,000 B and 304 B between blocks that stay live, then requests for them.
    let sizes = [560, 32, 600_000, 32, 304, 32];
    let mut steps = sizes.map(Allocate).to_vec();
    steps.extend([Free(0), Free(2), Free(4)]);
    // The last one fits only in the hole of 600,000 B.
    steps.extend([300, 550, 5100, 300, 500_000].map(Allocate));
    let all: Vec<_> = Strategy::ALL
        .iter()
        .map(|&strategy| (strategy.key(), placements(strategy, &steps)))
        .collect();
    for (at, (key, placed)) in all.iter().enumerate() {
        for (other, others) in &all[..at] {
            assert_ne!(placed, others, "{key} and {other}");
        }
    }
}

#[test]
fn segregated_fits_follow_their_definitions() {
    use Step::{Allocate, Free};
    // A hole of 48 B, which only a list of another class or a merge could use.
    let steps = [Allocate(48), Allocate(16), Free(0), Allocate(32)];
    let last = |strategy| placements(strategy, &steps)[2];
    assert_eq!(last(Strategy::FirstFit), Some(0));
    assert_eq!(last(Strategy::Tlsf), Some(0));
    assert_eq!(last(Strategy::Segregated), Some(64), "cut from the top");
    // TLSF refuses a request of the size of a free block that is not the start of its list.
    let whole = CHUNK_BYTES - 16;
    let steps = [Allocate(16), Allocate(whole), Free(1), Allocate(whole)];
    assert_eq!(placements(Strategy::Tlsf, &steps)[1], None);
    assert_eq!(placements(Strategy::FirstFit, &steps)[2], Some(16));
    // The second object of a slab, a slab of another size, and whole pages.
    let steps = [Allocate(40), Allocate(40), Allocate(100), Allocate(2049)];
    let offsets = [0, 48, 4096, 8192].map(Some);
    assert_eq!(placements(Strategy::Slab, &steps), offsets);
}
