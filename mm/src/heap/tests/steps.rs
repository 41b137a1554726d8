//! Steps that are done to the heap and to the naive model, and events that are folded into a
//! picture.

use super::super::*;
use super::model::{Model, Picture, class, model_allocate, room, size, trim};
use super::{CHUNKS, START};
use crate::event::Payload;
use crate::tracer::Tracer;
use crate::vocabulary::tag::Tag;
use proptest::prelude::*;
use x86_64::VirtAddr;

#[derive(Clone, Debug)]
pub enum Step {
    Allocate(usize, u32, Tag),
    Trimmed(usize, usize),
    Resize(usize, usize, usize),
    FreeNth(usize),
    FreeAt(u64),
    Grow,
    Shrink,
}

pub fn any_step() -> impl Strategy<Value = Step> {
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
pub fn step<T: Tracer>(heap: &mut Heap<'_, T>, all: &mut Model, step: Step) {
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

/// Folds an event into the picture, or out of it: going back is going forward with the ends
/// exchanged.
pub fn fold(picture: &mut Picture, payload: Payload, forward: bool) {
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
