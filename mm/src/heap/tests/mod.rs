//! The heap against a naive buddy system, with its events folded back into a third picture.

mod model;

use super::*;
use crate::tracer::Silent;
use model::{Model, Picture, class, model_allocate, room, size, trim};
use proptest::prelude::*;
use std::cell::RefCell;

const START: VirtAddr = VirtAddr::new_truncate(0xffff_c000_0030_0000);
const CHUNKS: u64 = 3;

fn with_heap<T: Tracer, R>(
    start: VirtAddr,
    tracer: T,
    test: impl FnOnce(Heap<'_, T>) -> R,
) -> Result<R, HeapSetupError> {
    let maximum = CHUNKS * CHUNK_BYTES;
    let sizes = HeapStorage::sizes(maximum);
    let storage = HeapStorage {
        bits: &mut vec![0; sizes.bits],
        headers: &mut vec![Header::default(); sizes.headers],
        references: &mut vec![0; sizes.references],
    };
    Heap::new(start, maximum, storage, tracer).map(test)
}

fn picture_of<T: Tracer>(heap: &Heap<'_, T>) -> Picture {
    let entry = |block: AnyBlock| {
        let owned = match block {
            AnyBlock::Live(block) => Some((block.requested, block.owner)),
            AnyBlock::Free { .. } => None,
        };
        let offset = block.address() - heap.start();
        (offset, (block.order().number(), owned))
    };
    heap.blocks().map(entry).collect()
}

#[derive(Default)]
struct Recorder(RefCell<Vec<Payload>>);

impl Tracer for Recorder {
    fn record(&self, payload: Payload) {
        self.0.borrow_mut().push(payload);
    }
}

/// Folds an event into the picture, or out of it: going back is going forward with the ends
/// exchanged.
fn fold(picture: &mut Picture, payload: Payload, forward: bool) {
    let offset = |address: VirtAddr| address - START;
    match payload {
        Payload::HeapAllocate {
            block,
            order,
            from: around,
            requested,
            owner,
        }
        | Payload::HeapFree {
            block,
            order,
            into: around,
            requested,
            owner,
        } => {
            let (at, live) = (offset(block), (order, Some((requested, owner))));
            let whole = at & !(size(around) - 1);
            let halves: Vec<_> = (order..around)
                .map(|half| ((at ^ size(half)) & !(size(half) - 1), (half, None)))
                .collect();
            if matches!(payload, Payload::HeapAllocate { .. }) == forward {
                assert_eq!(picture.remove(&whole), Some((around, None)));
                for &(at, half) in halves.iter().chain(&[(at, live)]) {
                    assert_eq!(picture.insert(at, half), None);
                }
            } else {
                for &(at, half) in halves.iter().chain(&[(at, live)]) {
                    assert_eq!(picture.remove(&at), Some(half));
                }
                assert_eq!(picture.insert(whole, (around, None)), None);
            }
        }
        Payload::HeapGrow { start, bytes } | Payload::HeapShrink { start, bytes } => {
            assert_eq!(bytes, CHUNK_BYTES);
            let (before, after) = if matches!(payload, Payload::HeapGrow { .. }) == forward {
                (picture.insert(offset(start), (14, None)), None)
            } else {
                (picture.remove(&offset(start)), Some((14, None)))
            };
            assert_eq!(before, after);
        }
        Payload::HeapRefuse { .. } => {}
        other => panic!("the heap does not record {other:?}"),
    }
}

#[derive(Clone, Debug)]
enum Step {
    Allocate(usize, u32, Tag),
    Trimmed(usize, usize),
    Resize(usize, usize, usize),
    FreeNth(usize),
    FreeAt(u64),
    Grow,
    Shrink,
}

fn any_step() -> impl Strategy<Value = Step> {
    let bytes = prop_oneof![
        6 => 1..300_usize,
        4 => 1..9000_usize,
        2 => 1..(1 << 20) + 2_usize,
        1 => Just(0_usize),
    ];
    let spare = prop::sample::select(vec![0, 16, 100]);
    let align = prop_oneof![4 => Just(0_u32), 1 => 0..23_u32];
    let owner = prop::sample::select(vec![Tag::HEAP, Tag::USER | Tag::SHARED, Tag::empty()]);
    prop_oneof![
        8 => (bytes.clone(), spare.clone()).prop_map(|(bytes, spare)| Step::Trimmed(bytes, spare)),
        4 => (any::<usize>(), bytes.clone(), spare)
            .prop_map(|(n, bytes, spare)| Step::Resize(n, bytes, spare)),
        8 => (bytes, align, owner).prop_map(|(b, a, o)| Step::Allocate(b, a, o)),
        8 => any::<usize>().prop_map(Step::FreeNth),
        2 => (0..CHUNKS * CHUNK_BYTES + 4096).prop_map(Step::FreeAt),
        2 => Just(Step::Grow),
        1 => Just(Step::Shrink),
    ]
}

/// Does the step to both, and compares what they say.
fn step<T: Tracer>(heap: &mut Heap<'_, T>, all: &mut Model, step: Step) {
    let Model {
        blocks: model,
        allocations,
    } = all;
    let chunks = |model: &Picture| model.values().map(|b| size(b.0)).sum::<u64>() / CHUNK_BYTES;
    match step {
        Step::Allocate(bytes, align, owner) => {
            let order = (0..15).find(|&order| size(order) >= (bytes as u64).max(1 << align));
            let owned = (bytes as u32, owner & Tag::OWNERS);
            let sound = bytes > 0 && !owner.is_empty() && align <= 20;
            let expected = order
                .filter(|_| sound)
                .and_then(|order| model_allocate(model, order, owned));
            match heap.allocate(bytes, 1 << align, owner) {
                Ok(block) => {
                    assert_eq!(Some(block.address - START), expected);
                    allocations.insert(block.address - START, 1 << block.order.number());
                    assert!(block.address.is_aligned(1_u64 << align));
                }
                Err(error) => {
                    assert_eq!(expected, None);
                    let room = chunks(model) < CHUNKS;
                    let fits = sound && order.is_some();
                    assert_eq!(matches!(error, HeapError::MustGrow { .. }), fits && room);
                    assert_eq!(matches!(error, HeapError::Exhausted { .. }), fits && !room);
                }
            }
        }
        Step::Trimmed(bytes, spare) => {
            let request = Request {
                bytes,
                spare,
                align: 1,
                owner: Tag::CACHE,
                site: Site::new(7),
                trimmed: true,
            };
            let order = (0..15).find(|&order| size(order) >= room(bytes, spare));
            let order = order.filter(|_| bytes > 0);
            let expected =
                order.and_then(|order| model_allocate(model, order, (bytes as u32, Tag::CACHE)));
            let found = heap.serve(request).ok();
            assert_eq!(found.map(|found| found.address - START), expected);
            if let Some(found) = found {
                let granules = class(room(bytes, spare));
                assert_eq!(
                    (found.bytes, found.requested),
                    (granules * 64, bytes as u64)
                );
                trim(model, found.address - START, granules);
                allocations.insert(found.address - START, granules);
            }
        }
        Step::Resize(n, bytes, spare) => {
            let count = allocations.len().max(1);
            let Some(&offset) = allocations.keys().nth(n % count) else {
                return;
            };
            let before = heap.allocation(START + offset).unwrap();
            let resized = heap.resize(START + offset, bytes, spare);
            let possible = bytes > 0 && bytes <= 1 << 20;
            let owner = before.owner;
            let old = all.clone();
            if !possible {
                return assert_eq!(resized, None);
            }
            all.free(offset);
            if all.place(offset, class(room(bytes, spare)), (bytes as u32, owner)) {
                assert_eq!(resized.map(|after| after.requested), Some(bytes as u64));
            } else {
                assert_eq!(resized, None);
                *all = old;
            }
        }
        Step::FreeNth(n) => {
            let count = allocations.len().max(1);
            if let Some(offset) = allocations.keys().copied().nth(n % count) {
                let freed = heap.free(START + offset).unwrap();
                assert_eq!(freed.bytes, allocations[&offset] * 64);
                all.free(offset);
            }
        }
        Step::FreeAt(offset) => {
            let address = START + offset;
            let around = allocations.range(..=offset).next_back();
            let around = around.filter(|&(at, granules)| offset < at + granules * 64);
            let expected = match around {
                _ if offset >= chunks(model) * CHUNK_BYTES => Some("outside"),
                Some((&at, _)) => (at != offset).then_some("inside"),
                None => Some("free"),
            };
            let found = match heap.free(address) {
                Ok(_) => None,
                Err(HeapFreeError::NotInHeap(_)) => Some("outside"),
                Err(HeapFreeError::Inside { allocation, .. }) => {
                    let start = around.map(|(&at, _)| START + at);
                    assert_eq!(Some(allocation.address), start);
                    Some("inside")
                }
                Err(HeapFreeError::AlreadyFree(_)) => Some("free"),
            };
            assert_eq!(found, expected);
            if found.is_none() {
                all.free(offset);
            }
        }
        Step::Grow => {
            let end = chunks(model) * CHUNK_BYTES;
            let next = (end < CHUNKS * CHUNK_BYTES).then(|| START + end);
            assert_eq!(heap.next_chunk(), next);
            assert_eq!(heap.grow().is_ok(), next.is_some());
            if next.is_some() {
                model.insert(end, (14, None));
            }
        }
        Step::Shrink => {
            let last = (chunks(model) * CHUNK_BYTES).checked_sub(CHUNK_BYTES);
            let free = last.filter(|last| model.get(last) == Some(&(14, None)));
            assert_eq!(heap.shrink(), free.map(|last| START + last));
            free.map(|last| model.remove(&last));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 100 }))]
    #[test]
    fn equals_the_textbook_and_its_own_events(steps in prop::collection::vec(any_step(), 1..if cfg!(miri) { 6 } else { 60 })) {
        let recorder = Recorder::default();
        with_heap(START, &recorder, |mut heap| {
            let (mut model, mut folded) = (Model::default(), Picture::new());
            let mut history = vec![];
            for next in steps {
                step(&mut heap, &mut model, next);
                assert_eq!(heap.validate(), Ok(()));
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
        heap.grow().unwrap();
        let block = heap.allocate(1, 1, Tag::HEAP).unwrap();
        assert_eq!((block.address, block.order.number()), (START, 0));
        heap.free(START).unwrap();
        assert_eq!(heap.statistics().largest_free(), Some(Order::LARGEST));
        recorder.0.take()
    });
    let [_, allocate, free] = events.unwrap().try_into().unwrap();
    assert_eq!(
        allocate,
        Payload::HeapAllocate {
            block: START,
            order: 0,
            from: 14,
            requested: 1,
            owner: Tag::HEAP,
        }
    );
    assert_eq!(
        free,
        Payload::HeapFree {
            block: START,
            order: 0,
            into: 14,
            requested: 1,
            owner: Tag::HEAP,
        }
    );
}

#[test]
fn what_is_known_about_an_allocation_stays_with_it() {
    with_heap(START, Silent, |mut heap| {
        heap.grow().unwrap();
        let request = Request {
            bytes: 300,
            spare: 0,
            align: 1,
            owner: Tag::USER,
            site: Site::new(0x12_3456),
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
    let none = HeapStorage {
        bits: &mut [],
        headers: &mut [],
        references: &mut [],
    };
    let refused = Heap::new(START, CHUNK_BYTES, none, Silent).unwrap_err();
    let sizes = HeapStorage::sizes(CHUNK_BYTES);
    assert_eq!(refused, HeapSetupError::Storage(sizes));
}

#[test]
fn the_last_addresses_can_be_a_heap() {
    let start = VirtAddr::new((CHUNKS * CHUNK_BYTES).wrapping_neg());
    with_heap(start, Silent, |mut heap| {
        (0..CHUNKS).for_each(|_| heap.grow().unwrap());
        assert_eq!(heap.next_chunk(), None);
        assert_eq!(heap.blocks().count() as u64, CHUNKS);
        assert_eq!(heap.validate(), Ok(()));
    })
    .unwrap();
}
