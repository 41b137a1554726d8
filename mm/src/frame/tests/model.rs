//! The naive model: a map of the frames in use. Steps are done to it and to the allocator, and
//! events are folded into it.

use super::super::*;
use super::usable;
use crate::event::Payload;
use crate::memory_map::FRAME_BYTES;
use crate::tracer::Tracer;
use crate::vocabulary::frames::{frame, number};
use crate::vocabulary::tag::Tag;
use proptest::prelude::*;
use std::collections::BTreeMap;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// Reference count and tag of each frame in use.
pub type Picture = BTreeMap<u64, (u32, Tag)>;

#[derive(Clone, Debug)]
pub enum Step {
    Allocate(Tag),
    Run(u64, u32, Option<u64>, Tag),
    Reserve(u64, u64),
    Free(u64),
    FreeRun(u64, u64),
    Share(u64),
    Retag(u64, u64, Tag),
    Place(Placement),
}

fn any_tag() -> impl Strategy<Value = Tag> {
    prop::sample::select(vec![
        Tag::USER,
        Tag::HEAP | Tag::STACK,
        Tag::USER | Tag::DMA_SAFE,
        Tag::KERNEL,
        Tag::empty(),
    ])
}

pub fn any_step() -> impl Strategy<Value = Step> {
    let at = prop_oneof![2 => 0..12_u64, 1 => 0..310_u64];
    let length = prop_oneof![0..6_u64, 0..100_u64];
    prop_oneof![
        6 => any_tag().prop_map(Step::Allocate),
        4 => (length.clone(), 0..7_u32, prop::option::of(0..310_u64), any_tag()).prop_map(|(n, a, c, t)| Step::Run(n, a, c, t)),
        1 => (at.clone(), length.clone()).prop_map(|(first, n)| Step::Reserve(first, n)),
        6 => at.clone().prop_map(Step::Free),
        2 => (at.clone(), length.clone()).prop_map(|(first, n)| Step::FreeRun(first, n)),
        4 => at.clone().prop_map(Step::Share),
        2 => (at, length, any_tag()).prop_map(|(first, n, tag)| Step::Retag(first, n, tag)),
        1 => prop::sample::select(vec![Placement::FirstFit, Placement::NextFit, Placement::SegregatedFit]).prop_map(Step::Place),
    ]
}

/// Applies the step to both, and compares the results.
pub fn step<T: Tracer>(frames: &mut FrameAllocator<'_, T>, model: &mut Picture, step: Step) {
    let free = |model: &Picture, number: u64| usable(number) && !model.contains_key(&number);
    let index = |at: PhysFrame| number(at) as u64;
    let numbered = |at: u64| frame(at as usize);
    match step {
        Step::Allocate(tag) => match frames.allocate(tag) {
            Ok(given) => {
                let lowest = (0..300).find(|&n| free(model, n));
                assert!(frames.placement() != Placement::FirstFit || lowest == Some(index(given)));
                assert!(free(model, index(given)));
                model.insert(index(given), (1, tag));
            }
            Err(AllocateError::NoOwner) => assert!(tag.is_empty()),
            Err(error) => {
                assert!((0..300).all(|n| !free(model, n)), "{error}");
            }
        },
        Step::Run(length, align, ceiling, tag) => {
            let run = Run {
                frames: length,
                align_frames: 1 << align,
                ceiling: ceiling.map(|number| PhysAddr::new(number * FRAME_BYTES)),
            };
            let end = ceiling.unwrap_or(300);
            let fits = |first: u64| {
                first + length <= end && (first..first + length).all(|n| free(model, n))
            };
            match frames.allocate_run(run, tag) {
                Ok(given) => {
                    let first = index(given);
                    assert!(fits(first) && first.is_multiple_of(1 << align));
                    model.extend((first..first + length).map(|n| (n, (1, tag))));
                }
                Err(AllocateError::NoOwner) => assert!(tag.is_empty()),
                Err(AllocateError::InvalidRequest(_)) => assert_eq!(length, 0),
                Err(AllocateError::Exhausted { .. }) => {
                    assert!((0..300).step_by(1 << align).all(|first| !fits(first)));
                }
            }
        }
        Step::Reserve(first, length) => {
            let range = first..(first + length).min(300);
            let in_use = range
                .clone()
                .find(|n| model.get(n).is_some_and(|e| !e.1.contains(Tag::PINNED)));
            let taken: Vec<_> = range.filter(|&n| free(model, n)).collect();
            let expected = match in_use {
                Some(number) => Err(ReserveError::InUse(numbered(number))),
                None => Ok(taken.len() as u64),
            };
            assert_eq!(
                frames.reserve(numbered(first), length, Tag::KERNEL),
                expected
            );
            if in_use.is_none() {
                let pinned = (1, Tag::KERNEL | Tag::PINNED);
                model.extend(taken.into_iter().map(|n| (n, pinned)));
            }
        }
        Step::Free(number) => {
            let expected = freeable(model, number).map(|()| match give_back(model, number) {
                true => Freed::Free,
                false => Freed::StillShared(model[&number].0),
            });
            assert_eq!(frames.free(numbered(number)), expected);
        }
        Step::FreeRun(first, length) => {
            let range = first..first + length;
            let expected = if range.end > 300 {
                Err(FreeError::OutOfRange(numbered(first)))
            } else {
                let checked: Result<Vec<()>, _> =
                    range.clone().map(|n| freeable(model, n)).collect();
                checked.map(|_| range.filter(|&n| give_back(model, n)).count() as u64)
            };
            assert_eq!(frames.free_run(numbered(first), length), expected);
        }
        Step::Share(number) => {
            let expected = model.get(&number).map(|entry| entry.0 + 1);
            assert_eq!(frames.share(numbered(number)).ok(), expected);
            if let Some(references) = expected {
                model.get_mut(&number).unwrap().0 = references;
            }
        }
        Step::Retag(first, length, tag) => {
            let range = first..first + length;
            let sound = range.end <= 300 && range.clone().all(|n| model.contains_key(&n));
            let done = frames.retag(numbered(first), length, tag);
            assert_eq!(done.is_ok(), sound && !tag.is_empty(), "{done:?}");
            if done.is_ok() {
                for number in range {
                    let entry = model.get_mut(&number).unwrap();
                    entry.1 = tag | entry.1 & Tag::PINNED;
                }
            }
        }
        Step::Place(placement) => frames.set_placement(placement),
    }
}

/// Returns the expected result of a release of one reference.
fn freeable(picture: &Picture, number: u64) -> Result<(), FreeError> {
    let given = frame(number as usize);
    match picture.get(&number) {
        _ if number >= 300 => Err(FreeError::OutOfRange(given)),
        _ if !usable(number) => Err(FreeError::NotUsable(given)),
        None => Err(FreeError::AlreadyFree(given)),
        Some(&(1, tag)) if tag.contains(Tag::PINNED) => Err(FreeError::Pinned(given)),
        Some(_) => Ok(()),
    }
}

fn give_back(picture: &mut Picture, number: u64) -> bool {
    let entry = picture.get_mut(&number).unwrap();
    entry.0 -= 1;
    let last = entry.0 == 0;
    if last {
        picture.remove(&number);
    }
    last
}

/// Folds an event into the picture, or out of it: going back is going forward with the ends
/// exchanged.
pub fn fold(picture: &mut Picture, payload: Payload, forward: bool) {
    let numbers = |first: PhysAddr, frames: u64| {
        let first = first.as_u64() / FRAME_BYTES;
        first..first + frames
    };
    match payload {
        Payload::FrameAllocate { first, frames, tag }
        | Payload::FrameFree { first, frames, tag } => {
            let allocates = matches!(payload, Payload::FrameAllocate { .. }) == forward;
            for number in numbers(first, frames) {
                let before = if allocates {
                    picture.insert(number, (1, tag))
                } else {
                    picture.remove(&number)
                };
                assert_eq!(before, (!allocates).then_some((1, tag)), "frame {number}");
            }
        }
        Payload::FrameReference {
            frame,
            from,
            to,
            tag,
        } => {
            let (from, to) = if forward { (from, to) } else { (to, from) };
            let before = picture.insert(frame.as_u64() / FRAME_BYTES, (to, tag));
            assert_eq!(before, Some((from, tag)));
        }
        Payload::FrameRetag {
            first,
            frames,
            from,
            to,
        } => {
            let (from, to) = if forward { (from, to) } else { (to, from) };
            for number in numbers(first, frames.into()) {
                let entry = picture.get_mut(&number).unwrap();
                assert_eq!(entry.1, from);
                entry.1 = to;
            }
        }
        Payload::FrameRefuse { .. } | Payload::FirmwareRegion { .. } => {}
        other => panic!("the frame allocator does not record {other:?}"),
    }
}
