//! The heap against a naive buddy system, with its events folded back into a third picture.

use super::*;
use crate::tracer::Silent;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;

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

/// Offset -> order, and who has how many bytes of it.
type Picture = BTreeMap<u64, (u8, Option<(u32, Tag)>)>;

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

fn size(order: u8) -> u64 {
    64 << order
}

/// The textbook's buddy system: the lowest of the smallest free blocks that suffice, split down.
fn model_allocate(model: &mut Picture, order: u8, owned: (u32, Tag)) -> Option<u64> {
    let free = model
        .iter()
        .filter(|(_, block)| block.1.is_none() && block.0 >= order);
    let (&offset, &(mut found, _)) = free.min_by_key(|&(&offset, block)| (block.0, offset))?;
    while found > order {
        found -= 1;
        model.insert(offset + size(found), (found, None));
    }
    model.insert(offset, (order, Some(owned)));
    Some(offset)
}

fn model_free(model: &mut Picture, mut offset: u64) {
    let (mut order, _) = model.remove(&offset).unwrap();
    while order < 14 && model.get(&(offset ^ size(order))) == Some(&(order, None)) {
        model.remove(&(offset ^ size(order)));
        offset &= !size(order);
        order += 1;
    }
    model.insert(offset, (order, None));
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
    let mut replace = |at: u64, from, to| assert_eq!(picture.insert(at, to), Some(from));
    match payload {
        Payload::HeapAllocate {
            block,
            order,
            requested,
            owner,
        }
        | Payload::HeapFree {
            block,
            order,
            requested,
            owner,
        } => {
            let (free, live) = ((order, None), (order, Some((requested, owner))));
            if matches!(payload, Payload::HeapAllocate { .. }) == forward {
                replace(offset(block), free, live);
            } else {
                replace(offset(block), live, free);
            }
        }
        Payload::HeapSplit { block, order } | Payload::HeapMerge { block, order } => {
            let (half, upper) = (order - 1, offset(block) + size(order - 1));
            if matches!(payload, Payload::HeapSplit { .. }) == forward {
                replace(offset(block), (order, None), (half, None));
                assert_eq!(picture.insert(upper, (half, None)), None);
            } else {
                replace(offset(block), (half, None), (order, None));
                assert_eq!(picture.remove(&upper), Some((half, None)));
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
    let align = prop_oneof![4 => Just(0_u32), 1 => 0..23_u32];
    let owner = prop::sample::select(vec![Tag::HEAP, Tag::USER | Tag::SHARED, Tag::empty()]);
    prop_oneof![
        12 => (bytes, align, owner).prop_map(|(b, a, o)| Step::Allocate(b, a, o)),
        8 => any::<usize>().prop_map(Step::FreeNth),
        2 => (0..CHUNKS * CHUNK_BYTES + 4096).prop_map(Step::FreeAt),
        2 => Just(Step::Grow),
        1 => Just(Step::Shrink),
    ]
}

/// Does the step to both, and compares what they say.
fn step<T: Tracer>(heap: &mut Heap<'_, T>, model: &mut Picture, step: Step) {
    let live = |model: &Picture, offset: u64| model.get(&offset).is_some_and(|b| b.1.is_some());
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
        Step::FreeNth(n) => {
            let blocks: Vec<_> = model
                .keys()
                .copied()
                .filter(|&at| live(model, at))
                .collect();
            if let Some(&offset) = blocks.get(n % blocks.len().max(1)) {
                assert!(heap.free(START + offset).is_ok());
                model_free(model, offset);
            }
        }
        Step::FreeAt(offset) => {
            let address = START + offset;
            let around = model.range(..=offset).next_back();
            let expected = match around {
                _ if offset >= chunks(model) * CHUNK_BYTES => Some("outside"),
                Some((&at, (_, Some(_)))) => (at != offset).then_some("inside"),
                _ => Some("free"),
            };
            let found = match heap.free(address) {
                Ok(_) => None,
                Err(HeapFreeError::NotInHeap(_)) => Some("outside"),
                Err(HeapFreeError::InsideBlock { .. }) => Some("inside"),
                Err(HeapFreeError::AlreadyFree(_)) => Some("free"),
            };
            assert_eq!(found, expected);
            if found.is_none() {
                model_free(model, offset);
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
            let (mut model, mut folded) = (Picture::new(), Picture::new());
            let mut history = vec![];
            for next in steps {
                step(&mut heap, &mut model, next);
                assert_eq!(heap.validate(), Ok(()));
                assert_eq!(picture_of(&heap), model);
                for payload in recorder.0.take() {
                    history.push((folded.clone(), payload));
                    fold(&mut folded, payload, true);
                }
                assert_eq!(folded, model);
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
    let kinds: Vec<_> = events.unwrap().iter().map(Payload::kind).collect();
    use crate::event::Kind::*;
    let expected = [
        vec![HeapGrow],
        vec![HeapSplit; 14],
        vec![HeapAllocate, HeapFree],
        vec![HeapMerge; 14],
    ];
    assert_eq!(kinds, expected.concat());
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
