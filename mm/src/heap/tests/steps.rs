//! Steps that are done to the heap and to the naive model, and events that are folded into a
//! picture.

use super::super::*;
use super::model::{CACHED, Model, Picture, class, room, size, trim};
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

fn chunks(model: &Picture) -> u64 {
    model.values().map(|b| size(b.0)).sum::<u64>() / CHUNK_BYTES
}

/// Applies the step to both, and compares the results.
pub fn step<T: Tracer>(heap: &mut Heap<'_, T>, all: &mut Model, step: Step) {
    match step {
        Step::Allocate(bytes, align, owner) => {
            let order = (0..15).find(|&order| size(order) >= (bytes as u64).max(1 << align));
            let owned = (bytes as u32, owner & Tag::OWNERS);
            let sound = bytes > 0 && !owner.is_empty() && align <= 20;
            let cached = order.filter(|_| sound && align <= 6);
            let cached = cached.and_then(|order| all.reuse(1 << order, owned));
            let expected = cached.or_else(|| {
                let found = all.split(order.filter(|_| sound)?, owned)?;
                all.allocations.insert(found, 1 << order?);
                Some(found)
            });
            match heap.allocate(bytes, 1 << align, owner) {
                Ok(block) => {
                    assert_eq!(Some(block.address - START), expected);
                    assert!(block.address.is_aligned(1_u64 << align));
                }
                Err(error) => {
                    assert_eq!(expected, None);
                    let room = chunks(&all.blocks) < CHUNKS;
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
                marks: Marks::empty(),
                trimmed: true,
            };
            let order = (0..15).find(|&order| size(order) >= room(bytes, spare));
            let order = order.filter(|_| bytes > 0);
            let owned = (bytes as u32, Tag::CACHE);
            let granules = order.map(|_| class(room(bytes, spare)));
            let cached = granules.and_then(|granules| all.reuse(granules, owned));
            let expected = cached.or_else(|| {
                let found = all.split(order?, owned)?;
                trim(&mut all.blocks, found, granules?);
                all.allocations.insert(found, granules?);
                Some(found)
            });
            let found = heap.serve(request).ok();
            assert_eq!(found.map(|found| found.address - START), expected);
            if let Some(found) = found {
                let expected = (granules.unwrap() * 64, bytes as u64);
                assert_eq!((found.bytes, found.requested), expected);
            }
        }
        Step::Resize(n, bytes, spare) => {
            let count = all.allocations.len().max(1);
            let Some(&offset) = all.allocations.keys().nth(n % count) else {
                return;
            };
            let before = heap.allocation(START + offset).unwrap();
            let resized = heap.resize(START + offset, bytes, spare);
            if bytes == 0 || bytes > 1 << 20 {
                return assert_eq!(resized, None);
            }
            let granules = class(room(bytes, spare));
            let place = |all: &mut Model| {
                let old = all.clone();
                all.release(offset);
                let placed = all.place(offset, granules, (bytes as u32, before.owner));
                if !placed {
                    *all = old;
                }
                placed
            };
            let is_aligned = offset.is_multiple_of(granules.next_power_of_two() * 64);
            let placed = place(all)
                || is_aligned && {
                    all.drain();
                    place(all)
                };
            let expected = placed.then_some(bytes as u64);
            assert_eq!(resized.map(|after| after.requested), expected);
        }
        Step::FreeNth(n) => {
            let count = all.allocations.len().max(1);
            if let Some(offset) = all.allocations.keys().copied().nth(n % count) {
                let freed = heap.free(START + offset).unwrap();
                assert_eq!(freed.bytes, all.allocations[&offset] * 64);
                all.free(offset);
            }
        }
        Step::FreeAt(offset) => {
            let address = START + offset;
            let around = all.allocations.range(..=offset).next_back();
            let around = around.filter(|&(at, granules)| offset < at + granules * 64);
            let expected = match around {
                _ if offset >= chunks(&all.blocks) * CHUNK_BYTES => Some("outside"),
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
            let end = chunks(&all.blocks) * CHUNK_BYTES;
            let next = (end < CHUNKS * CHUNK_BYTES).then(|| START + end);
            assert_eq!(heap.next_chunk(), next);
            assert_eq!(heap.grow().is_ok(), next.is_some());
            if next.is_some() {
                all.blocks.insert(end, (14, None));
            }
        }
        Step::Shrink => {
            all.drain();
            let model = &mut all.blocks;
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
    match payload {
        Payload::HeapAllocate {
            block,
            granules,
            from,
            requested,
            owner,
        } => carve(picture, block, granules, from, (requested, owner), forward),
        Payload::HeapFree {
            block,
            granules,
            into,
            requested,
            owner,
        } => carve(picture, block, granules, into, (requested, owner), !forward),
        Payload::HeapReturn {
            block,
            granules,
            into,
        } => carve(picture, block, granules, into, CACHED, !forward),
        Payload::HeapReuse {
            block,
            granules,
            requested,
            owner,
        } => relabel(picture, block, granules, (requested, owner), forward),
        Payload::HeapCache {
            block,
            granules,
            requested,
            owner,
        } => relabel(picture, block, granules, (requested, owner), !forward),
        Payload::HeapGrow { start, bytes } | Payload::HeapShrink { start, bytes } => {
            assert_eq!(bytes, CHUNK_BYTES);
            let offset = start - START;
            let (before, after) = if matches!(payload, Payload::HeapGrow { .. }) == forward {
                (picture.insert(offset, (14, None)), None)
            } else {
                (picture.remove(&offset), Some((14, None)))
            };
            assert_eq!(before, after);
        }
        Payload::HeapRefuse { .. } => {}
        other => panic!("the heap does not record {other:?}"),
    }
}

/// Returns the blocks of an allocation: offset, order, order of the free block, and owner.
fn parts(
    block: VirtAddr,
    granules: u16,
    around: u8,
    (mut requested, owner): (u32, Tag),
) -> Vec<(u64, u8, u8, (u32, Tag))> {
    let granule = (block - START) as usize / 64;
    let around = Order::new(around).unwrap();
    let part = |split: Split| {
        let (at, order) = (split.granule as u64 * 64, split.order.number());
        let part = requested.min(size(order) as u32);
        requested -= part;
        (at, order, split.from.number(), (part, owner))
    };
    splits(granule, granules.into(), around).map(part).collect()
}

/// Splits an allocation off free blocks, or merges it with them.
fn carve(
    picture: &mut Picture,
    block: VirtAddr,
    granules: u16,
    around: u8,
    owned: (u32, Tag),
    forward: bool,
) {
    let mut parts = parts(block, granules, around, owned);
    if !forward {
        parts.reverse();
    }
    for (at, order, around, owned) in parts {
        let whole = at & !(size(around) - 1);
        let halves: Vec<_> = (order..around)
            .map(|half| ((at ^ size(half)) & !(size(half) - 1), (half, None)))
            .chain([(at, (order, Some(owned)))])
            .collect();
        if forward {
            assert_eq!(picture.remove(&whole), Some((around, None)));
            for (at, half) in halves {
                assert_eq!(picture.insert(at, half), None);
            }
        } else {
            for (at, half) in halves {
                assert_eq!(picture.remove(&at), Some(half));
            }
            assert_eq!(picture.insert(whole, (around, None)), None);
        }
    }
}

/// Makes a cached allocation live, or back.
fn relabel(
    picture: &mut Picture,
    block: VirtAddr,
    granules: u16,
    owned: (u32, Tag),
    forward: bool,
) {
    for (at, order, _, owned) in parts(block, granules, 0, owned) {
        let (from, to) = match forward {
            true => (CACHED, owned),
            false => (owned, CACHED),
        };
        let before = picture.insert(at, (order, Some(to)));
        assert_eq!(before, Some((order, Some(from))));
    }
}
