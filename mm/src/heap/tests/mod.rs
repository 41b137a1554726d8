//! The heap against a naive buddy system, with its events folded back into a third picture.

pub mod arenas;
mod model;
mod steps;
mod strategies;

use super::*;
use crate::event::Payload;
use crate::tracer::{Recorder, Silent, Tracer};
use crate::vocabulary::tag::Tag;
use model::{CACHED, Model, Picture};
use proptest::prelude::*;
use steps::{any_step, fold, step};
use x86_64::VirtAddr;

const START: VirtAddr = VirtAddr::new_truncate(0xffff_c000_0030_0000);
const CHUNKS: u64 = 3;

/// Runs a test on a heap that caches nothing.
fn with_heap<T: Tracer, R>(
    start: VirtAddr,
    tracer: T,
    test: impl FnOnce(Heap<'_, T>) -> R,
) -> Result<R, HeapSetupError> {
    with_caching_heap(start, tracer, 0, test)
}

fn with_caching_heap<T: Tracer, R>(
    start: VirtAddr,
    tracer: T,
    cached_sizes: usize,
    test: impl FnOnce(Heap<'_, T>) -> R,
) -> Result<R, HeapSetupError> {
    let maximum = CHUNKS * CHUNK_BYTES;
    let sizes = HeapStorage::sizes(maximum);
    let storage = HeapStorage {
        bits: &mut vec![0; sizes.bits],
        headers: &mut crate::testing::defaults(sizes.headers),
        references: &mut vec![0; sizes.references],
        cache: &mut crate::testing::defaults(cached_sizes),
    };
    Heap::new(start, maximum, storage, tracer).map(test)
}

fn picture_of<T: Tracer>(heap: &Heap<'_, T>) -> Picture {
    let entry = |block: AnyBlock| {
        let owned = match block {
            AnyBlock::Live(block) => Some((block.requested, block.owner)),
            AnyBlock::Cached { .. } => Some(CACHED),
            AnyBlock::Free { .. } => None,
        };
        let offset = block.address() - heap.start();
        (offset, (block.order().number(), owned))
    };
    heap.blocks().map(entry).collect()
}

/// Counts everything again, except under Miri: 49,152 headers take it ten seconds.
fn assert_valid<T: Tracer>(heap: &Heap<'_, T>) {
    if !cfg!(miri) {
        assert_eq!(heap.validate(), Ok(()));
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(100))]
    #[test]
    fn equals_the_textbook_and_its_own_events(is_cached in any::<bool>(), steps in prop::collection::vec(any_step(), 1..crate::testing::steps(60))) {
        let recorder = Recorder::default();
        let stacks = if is_cached { HeapStorage::sizes(CHUNK_BYTES).cache } else { 0 };
        with_caching_heap(START, &recorder, stacks, |mut heap| {
            let (mut model, mut folded) = (Model::default(), Picture::new());
            model.is_cached = is_cached;
            let mut history = vec![];
            for next in steps {
                step(&mut heap, &mut model, next);
                assert_valid(&heap);
                assert_eq!(picture_of(&heap), model.blocks);
                let starts = heap.allocations().map(|found| found.address - START);
                assert!(starts.eq(model.allocations.keys().copied()));
                for payload in recorder.0.take() {
                    history.push((folded.clone(), payload));
                    fold(&mut folded, payload, true);
                }
                assert_eq!(folded, model.blocks);
            }
            for (before, payload) in history.into_iter().rev() {
                fold(&mut folded, payload, false);
                assert_eq!(folded, before);
            }
        }).unwrap();
    }
}

#[test]
fn a_small_block_splits_fourteen_times_and_merges_back() {
    let recorder = Recorder::default();
    let events = with_heap(START, &recorder, |mut heap| {
        assert_eq!(heap.statistics().largest_free(), None);
        heap.grow().unwrap();
        let block = heap.allocate(1, 1, Tag::HEAP).unwrap();
        assert_eq!((block.address, block.order.number()), (START, 0));
        let half = heap.statistics().largest_free().unwrap();
        assert_eq!(half.number(), 13);
        heap.free(START).unwrap();
        assert_eq!(heap.statistics().largest_free(), Some(Order::LARGEST));
        recorder.0.take()
    });
    let [_, allocate, free] = events.unwrap().try_into().unwrap();
    assert_eq!(
        allocate,
        Payload::HeapAllocate {
            block: START,
            granules: 1,
            from: 14,
            requested: 1,
            owner: Tag::HEAP,
        }
    );
    assert_eq!(
        free,
        Payload::HeapFree {
            block: START,
            granules: 1,
            into: 14,
            requested: 1,
            owner: Tag::HEAP,
        }
    );
}

#[test]
fn an_allocation_keeps_its_facts() {
    with_heap(START, Silent, |mut heap| {
        heap.grow().unwrap();
        let request = Request {
            bytes: 300,
            spare: 0,
            align: 1,
            owner: Tag::USER,
            site: Site::new(0x12_3456),
            marks: Marks::empty(),
            trimmed: true,
        };
        let first = heap.serve(request).unwrap();
        assert_eq!((first.bytes, first.site), (320, request.site));
        heap.mark();
        let second = heap.serve(request).unwrap();
        assert!(heap.set_marks(second.address, Marks::REDZONE));
        assert!(!heap.set_marks(second.address + 256, Marks::REDZONE));
        let marks: Vec<_> = heap.allocations().map(|found| found.marks).collect();
        assert_eq!(marks, [Marks::OLD, Marks::REDZONE]);
        heap.mark();
        let marks = heap.allocation(second.address).map(|found| found.marks);
        assert_eq!(marks, Some(Marks::OLD | Marks::REDZONE));
        assert!(heap.set_marks(second.address, Marks::REDZONE));
        let smaller = heap.resize(second.address, 100, 0).unwrap();
        assert_eq!(
            (smaller.bytes, smaller.marks, smaller.site),
            (128, Marks::REDZONE, request.site)
        );
        assert_eq!(heap.free(second.address), Ok(smaller));
        assert_eq!(heap.statistics().allocations, 1);
    })
    .unwrap();
}

#[test]
fn a_refusal_is_counted_and_recorded() {
    let recorder = Recorder::default();
    with_heap(START, &recorder, |mut heap| {
        (0..CHUNKS).for_each(|_| heap.grow().unwrap());
        let chunk = CHUNK_BYTES as usize;
        for _ in 0..CHUNKS {
            heap.allocate(chunk, 1, Tag::USER).unwrap();
        }
        recorder.0.take();
        let full = heap.allocate(100, 1, Tag::USER | Tag::SHARED);
        assert_eq!(full, Err(HeapError::Exhausted { bytes: 100 }));
        heap.refuse(7, Tag::CACHE | Tag::SHARED);
        let refusal = |requested, owner| Payload::HeapRefuse {
            heap: START,
            requested,
            owner,
        };
        assert_eq!(
            *recorder.0.borrow(),
            [refusal(100, Tag::USER), refusal(7, Tag::CACHE)]
        );
        assert_eq!(heap.statistics().refused, 2);
    })
    .unwrap();
}

#[test]
fn the_largest_allocation_has_nothing_to_spare_and_grows_no_further() {
    with_heap(START, Silent, |mut heap| {
        (0..CHUNKS).for_each(|_| heap.grow().unwrap());
        let request = Request {
            bytes: CHUNK_BYTES as usize,
            spare: 16,
            align: 1,
            owner: Tag::USER,
            site: Site::UNKNOWN,
            marks: Marks::empty(),
            trimmed: true,
        };
        let served = heap.serve(request).unwrap();
        assert_eq!(served.bytes, CHUNK_BYTES);
        assert_eq!(heap.resize(START, 2 * request.bytes, 0), None);
        assert_eq!(heap.allocation(START), Some(served));
        assert_valid(&heap);
    })
    .unwrap();
}

#[test]
fn every_byte_of_a_block_is_found() {
    with_heap(START, Silent, |mut heap| {
        heap.grow().unwrap();
        let small = heap.allocate(100, 1, Tag::HEAP).unwrap();
        let large = heap.allocate(5000, 1, Tag::USER).unwrap();
        for block in [small, large] {
            let last = block.address + (block.order.bytes() - 1);
            for address in [block.address, last] {
                assert_eq!(heap.block_at(address), Some(AnyBlock::Live(block)));
            }
        }
        assert_eq!(heap.block_at(START + CHUNK_BYTES), None);
        assert_eq!(heap.live_blocks().collect::<Vec<_>>(), [small, large]);
        assert_eq!(heap.references()[..5], [1, 0, 1, 1, 0]);
        assert_eq!(heap.references().len(), 256);
    })
    .unwrap();
}

#[test]
fn a_start_on_a_mere_page_limits_the_alignment() {
    with_heap(START + 0x3000, Silent, |mut heap| {
        heap.grow().unwrap();
        let block = heap.allocate(64, 4096, Tag::HEAP).unwrap();
        assert!(block.address.is_aligned(4096_u64));
        let refused = heap.allocate(64, 8192, Tag::HEAP);
        assert_eq!(refused, Err(HeapError::Alignment { align: 8192 }));
    })
    .unwrap();
}

#[test]
fn a_heap_that_cannot_be_is_refused() {
    let start = START + 64;
    assert_eq!(
        with_heap(start, Silent, |_| ()),
        Err(HeapSetupError::Start(start))
    );
    let last_page = VirtAddr::new(0x7fff_ffff_f000);
    let maximum = HeapSetupError::Maximum(CHUNKS * CHUNK_BYTES);
    assert_eq!(with_heap(last_page, Silent, |_| ()), Err(maximum));
    // The end of the last block would not be an address.
    for end in [1 << 47, 0] {
        let start = VirtAddr::new((CHUNKS * CHUNK_BYTES).wrapping_neg().wrapping_add(end));
        assert_eq!(with_heap(start, Silent, |_| ()), Err(maximum));
    }
    let none = HeapStorage {
        bits: &mut [],
        headers: &mut [],
        references: &mut [],
        cache: &mut [],
    };
    let refused = Heap::new(START, CHUNK_BYTES, none, Silent).unwrap_err();
    let sizes = HeapStorage::sizes(CHUNK_BYTES);
    assert_eq!(refused, HeapSetupError::Storage(sizes));
}

#[test]
fn the_highest_heap_serves_its_last_block() {
    for end in [(1 << 47) - 4096, 4096_u64.wrapping_neg()] {
        let start = VirtAddr::new(end - CHUNKS * CHUNK_BYTES);
        with_heap(start, Silent, |mut heap| {
            (0..CHUNKS).for_each(|_| heap.grow().unwrap());
            assert_eq!(heap.next_chunk(), None);
            for _ in 0..CHUNKS {
                heap.allocate(CHUNK_BYTES as usize, 1, Tag::HEAP).unwrap();
            }
            assert_valid(&heap);
            for chunk in 0..CHUNKS {
                heap.free(start + chunk * CHUNK_BYTES).unwrap();
            }
            assert_valid(&heap);
        })
        .unwrap();
    }
}

/// A heap with one chunk and its cache.
fn with_cache<T: Tracer>(tracer: T, test: impl FnOnce(Heap<'_, T>)) {
    let stacks = HeapStorage::sizes(CHUNK_BYTES).cache;
    let result = with_caching_heap(START, tracer, stacks, |mut heap| {
        heap.grow().unwrap();
        test(heap);
    });
    result.unwrap();
}

#[test]
fn a_freed_allocation_is_cached_and_is_the_next_of_its_size() {
    let recorder = Recorder::default();
    with_cache(&recorder, |mut heap| {
        let first = heap.allocate(100, 1, Tag::HEAP).unwrap();
        let second = heap.allocate(100, 1, Tag::HEAP).unwrap();
        heap.free(first.address).unwrap();
        heap.free(second.address).unwrap();
        recorder.0.take();
        assert_eq!(heap.statistics().cached_bytes, 256);
        let other_size = heap.allocate(200, 1, Tag::HEAP).unwrap();
        assert!(![first.address, second.address].contains(&other_size.address));
        let newest = heap.allocate(90, 1, Tag::USER).unwrap();
        assert_eq!(newest.address, second.address);
        let reuse = Payload::HeapReuse {
            block: second.address,
            granules: 2,
            requested: 90,
            owner: Tag::USER,
        };
        assert_eq!(recorder.0.borrow().last(), Some(&reuse));
        assert_valid(&heap);
    });
}

#[test]
fn a_cached_allocation_cannot_be_freed_and_has_no_marks() {
    with_cache(Silent, |mut heap| {
        let block = heap.allocate(64, 1, Tag::HEAP).unwrap();
        heap.free(block.address).unwrap();
        let twice = heap.free(block.address);
        assert_eq!(twice, Err(HeapFreeError::AlreadyFree(block.address)));
        assert!(!heap.set_marks(block.address, Marks::REDZONE));
        heap.mark();
        assert_valid(&heap);
        assert_eq!(heap.allocations().count(), 0);
    });
}

#[test]
fn a_full_stack_returns_its_older_half() {
    const COUNT: usize = 17;
    with_cache(Silent, |mut heap| {
        let blocks = [(); COUNT].map(|()| heap.allocate(64, 1, Tag::HEAP).unwrap().address);
        for block in blocks {
            heap.free(block).unwrap();
        }
        assert_eq!(heap.statistics().cached[0], 9);
        assert_valid(&heap);
        for block in blocks[8..].iter().rev() {
            assert_eq!(heap.allocate(64, 1, Tag::HEAP).unwrap().address, *block);
        }
    });
}

#[test]
fn the_cache_is_drained_before_a_refusal_and_before_the_heap_shrinks() {
    with_cache(Silent, |mut heap| {
        let chunk = CHUNK_BYTES as usize;
        let block = heap.allocate(64, 1, Tag::HEAP).unwrap();
        heap.free(block.address).unwrap();
        let whole = heap.allocate(chunk, 1, Tag::HEAP).unwrap();
        assert_eq!((whole.address, heap.statistics().cached_bytes), (START, 0));
        heap.free(START).unwrap();
        let block = heap.allocate(64, 1, Tag::HEAP).unwrap();
        heap.free(block.address).unwrap();
        assert_eq!(heap.shrink(), Some(START));
    });
}
