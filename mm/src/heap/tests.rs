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

/// Cuts a block that was just handed out down to so many granules: halves that hold some of them stay, the others
/// become free.
fn model_trim(model: &mut Picture, offset: u64, granules: u64) {
    let (order, owned) = model[&offset];
    let half = 1 << order >> 1;
    if granules == 1 << order {
        return;
    }
    let (requested, owner) = owned.expect("handed out");
    let lower = requested.min((half * 64) as u32);
    model.insert(offset, (order - 1, Some((lower, owner))));
    if granules <= half {
        model.insert(offset + half * 64, (order - 1, None));
        model_trim(model, offset, granules);
    } else {
        let upper = Some((requested - lower, owner));
        model.insert(offset + half * 64, (order - 1, upper));
        model_trim(model, offset + half * 64, granules - half);
    }
}

fn model_room(bytes: usize, spare: usize) -> u64 {
    (bytes + spare).min(bytes.max(1 << 20)) as u64
}

/// The sizes that trimmed allocations have, in granules: four significant bits.
fn model_class(bytes: u64) -> u64 {
    let granules = bytes.div_ceil(64);
    let classes = (0..20).flat_map(|shift| (1..16).map(move |bits| bits << shift));
    classes.filter(|&class| class >= granules).min().unwrap()
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

/// The blocks as the textbook has them, and where each allocation begins and how many granules it takes.
#[derive(Default)]
struct Model {
    blocks: Picture,
    allocations: BTreeMap<u64, u64>,
}

impl Model {
    /// Gives all blocks of an allocation back.
    fn free(&mut self, offset: u64) {
        let granules = self.allocations.remove(&offset).unwrap();
        let blocks = self.blocks.range(offset..offset + granules * 64);
        let blocks: Vec<_> = blocks.map(|(&at, _)| at).collect();
        blocks
            .into_iter()
            .for_each(|at| model_free(&mut self.blocks, at));
    }

    /// Puts an allocation at this place, if all of it is free and it is aligned.
    fn place(&mut self, offset: u64, granules: u64, owned: (u32, Tag)) -> bool {
        let order = granules.next_power_of_two().ilog2() as u8;
        if !offset.is_multiple_of(size(order)) {
            return false;
        }
        // Naive: a picture of granules, one by one.
        let taken = self.blocks.iter().filter(|(_, block)| block.1.is_some());
        let end = offset + granules * 64;
        let mut overlap = taken.filter(|&(&at, block)| at < end && at + size(block.0) > offset);
        let within = self
            .blocks
            .iter()
            .next_back()
            .is_some_and(|(at, b)| end <= at + size(b.0));
        if overlap.next().is_some() || !within {
            return false;
        }
        // All free blocks here go to pieces of one granule; what is not taken merges again.
        let pieces: Vec<u64> = (0..granules).map(|granule| offset + granule * 64).collect();
        let mut around = BTreeMap::new();
        for (&at, &(order, _)) in self.blocks.iter() {
            if at < end && at + size(order) > offset {
                around.insert(at, order);
            }
        }
        let mut loose = vec![];
        for (at, order) in around {
            self.blocks.remove(&at);
            loose.extend((0..1 << order).map(|granule| at + granule * 64));
        }
        loose.retain(|at| !pieces.contains(at));
        let (mut at, mut left, mut requested) = (offset, granules, owned.0);
        while left > 0 {
            let order = left.ilog2() as u8;
            let part = requested.min(size(order) as u32);
            self.blocks.insert(at, (order, Some((part, owned.1))));
            requested -= part;
            left -= 1 << order;
            at += size(order);
        }
        for at in loose {
            self.blocks.insert(at, (0, Some((1, Tag::HEAP))));
            model_free(&mut self.blocks, at);
        }
        self.allocations.insert(offset, granules);
        true
    }
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
            let room = model_room(bytes, spare);
            let order = (0..15).find(|&order| size(order) >= room);
            let order = order.filter(|_| bytes > 0);
            let expected =
                order.and_then(|order| model_allocate(model, order, (bytes as u32, Tag::CACHE)));
            let found = heap.serve(request).ok();
            assert_eq!(found.map(|found| found.address - START), expected);
            if let Some(found) = found {
                let granules = model_class(model_room(bytes, spare));
                assert_eq!(
                    (found.bytes, found.requested),
                    (granules * 64, bytes as u64)
                );
                model_trim(model, found.address - START, granules);
                allocations.insert(found.address - START, granules);
            }
        }
        Step::Resize(n, bytes, spare) => {
            let count = allocations.len().max(1);
            let Some((&offset, &granules)) = allocations.iter().nth(n % count) else {
                return;
            };
            let before = heap.allocation(START + offset).unwrap();
            let resized = heap.resize(START + offset, bytes, spare);
            let possible = bytes > 0 && bytes <= 1 << 20;
            let (requested, owner) = (before.requested as u32, before.owner);
            let whole = granules.is_power_of_two();
            let old: Vec<_> = model.clone().into_iter().collect();
            if !possible {
                return assert_eq!(resized, None);
            }
            all.free(offset);
            if all.place(
                offset,
                model_class(model_room(bytes, spare)),
                (bytes as u32, owner),
            ) {
                assert_eq!(resized.map(|after| after.requested), Some(bytes as u64));
            } else {
                assert_eq!(resized, None);
                assert!(all.place(offset, granules, (requested, owner)) || whole);
                all.blocks = old.into_iter().collect();
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
