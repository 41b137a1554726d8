//! The frame allocator against a naive model, with its events folded back into a third picture.

use super::*;
use crate::memory_map::{RawRegion, Region, RegionKind};
use crate::tracer::Silent;
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Frames 0..100 and 120..300 are usable; the map ends at 300.
const USABLE: [core::ops::Range<u64>; 2] = [0..100, 120..300];

fn with_allocator<T: Tracer, R>(tracer: T, test: impl FnOnce(FrameAllocator<'_, T>) -> R) -> R {
    let raw = USABLE.map(|frames| RawRegion {
        start: frames.start * FRAME_BYTES,
        bytes: (frames.end - frames.start) * FRAME_BYTES,
        kind: RegionKind::Usable,
    });
    let mut regions = [Region::EMPTY; 8];
    let map = MemoryMap::build(&raw, &mut regions).unwrap();
    let (words, infos) = FrameStorage::sizes(map.frames());
    let (mut bits, mut info) = (vec![0; words], vec![FrameInfo::default(); infos]);
    let storage = FrameStorage {
        bits: &mut bits,
        info: &mut info,
    };
    test(FrameAllocator::new(&map, storage, tracer).unwrap())
}

fn usable(number: u64) -> bool {
    USABLE.iter().any(|frames| frames.contains(&number))
}

/// Reference count and tag of each frame in use.
type Picture = BTreeMap<u64, (u32, Tag)>;

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
        Payload::FrameRefuse { .. } | Payload::Region { .. } => {}
        other => panic!("the frame allocator does not record {other:?}"),
    }
}

fn picture_of<T: Tracer>(frames: &FrameAllocator<'_, T>) -> Picture {
    let in_use = |number: usize| match frames.state(frame(number)) {
        FrameState::InUse(info) => Some((number as u64, (info.references, info.tag))),
        _ => None,
    };
    (0..frames.frames()).filter_map(in_use).collect()
}

#[derive(Clone, Debug)]
enum Step {
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

fn any_step() -> impl Strategy<Value = Step> {
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
        1 => prop::sample::select(vec![Placement::FirstFit, Placement::NextFit]).prop_map(Step::Place),
    ]
}

/// What one reference given back must come to.
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

/// Does the step to both, and compares what they say.
fn step<T: Tracer>(frames: &mut FrameAllocator<'_, T>, model: &mut Picture, step: Step) {
    let free = |model: &Picture, number: u64| usable(number) && !model.contains_key(&number);
    let index = |at: PhysFrame| number(at) as u64;
    let numbered = |at: u64| frame(at as usize);
    match step {
        Step::Allocate(tag) => match frames.allocate(tag) {
            Ok(given) => {
                let lowest = (0..300).find(|&n| free(model, n));
                assert!(frames.placement() == Placement::NextFit || lowest == Some(index(given)));
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
                Err(AllocateError::Senseless(_)) => assert_eq!(length, 0),
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 256 }))]
    #[test]
    fn equals_the_model_and_its_own_events(steps in prop::collection::vec(any_step(), 1..60)) {
        let recorder = Recorder::default();
        with_allocator(&recorder, |mut frames| {
            let (mut model, mut folded) = (Picture::new(), Picture::new());
            let mut history = vec![];
            for next in steps {
                step(&mut frames, &mut model, next);
                assert_eq!(frames.validate(), Ok(()));
                assert_eq!(picture_of(&frames), model);
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
        });
    }
}

#[test]
fn a_reference_count_that_is_full_is_not_wrapped() {
    with_allocator(Silent, |mut frames| {
        let frame = frames.allocate(Tag::USER).unwrap();
        frames.info[number(frame)].references = u32::MAX;
        assert_eq!(frames.share(frame), Err(ShareError::TooMany(frame)));
    });
}

#[test]
fn uses_are_counted_over_many_lives() {
    with_allocator(Silent, |mut frames| {
        for life in 1..=3 {
            let frame = frames.allocate(Tag::USER).unwrap();
            frames.share(frame).unwrap();
            let FrameState::InUse(info) = frames.state(frame) else {
                panic!("{:?}", frames.state(frame))
            };
            assert_eq!((info.references, info.uses), (2, life));
            assert_eq!(frames.free_run(frame, 1), Ok(0));
            assert_eq!(frames.free(frame), Ok(Freed::Free));
        }
    });
}

#[test]
fn next_fit_goes_round() {
    with_allocator(Silent, |mut frames| {
        frames.set_placement(Placement::NextFit);
        let first = frames.allocate(Tag::USER).unwrap();
        frames.free(first).unwrap();
        let mut given = || frames.allocate(Tag::USER).map(number);
        assert_eq!(given(), Ok(1));
        (0..278).for_each(|_| assert!(given().is_ok()));
        assert_eq!(given(), Ok(0));
        assert!(given().is_err());
    });
}

#[test]
fn runs_are_placed_like_buddies_while_they_can_be() {
    with_allocator(Silent, |mut frames| {
        let run = |frames: &mut FrameAllocator<'_, Silent>, length| {
            number(frames.allocate_run(Run::of(length), Tag::USER).unwrap())
        };
        assert_eq!(frames.allocate(Tag::USER).map(number), Ok(0));
        assert_eq!(run(&mut frames, 3), 4);
        assert_eq!(run(&mut frames, 64), 128);
        assert_eq!(run(&mut frames, 100), 192);
        // No multiple of 128 has 80 free frames left, so any place will do.
        assert_eq!(run(&mut frames, 80), 7);
    });
}

#[test]
fn storage_that_is_too_small_is_refused() {
    let raw = [RawRegion {
        start: 0,
        bytes: 64 * FRAME_BYTES,
        kind: RegionKind::Usable,
    }];
    let mut regions = [Region::EMPTY; 2];
    let map = MemoryMap::build(&raw, &mut regions).unwrap();
    let storage = FrameStorage {
        bits: &mut [0; 1],
        info: &mut [FrameInfo::default(); 63],
    };
    let refused = FrameAllocator::new(&map, storage, Silent).unwrap_err();
    assert_eq!(
        refused,
        StorageError {
            words: 1,
            infos: 64
        }
    );
}

#[test]
fn metadata_is_a_small_part_of_memory() {
    let frames = 1 << 20;
    let (words, infos) = FrameStorage::sizes(frames);
    let bytes = words * size_of::<u64>() + infos * size_of::<FrameInfo>();
    assert!(bytes * 400 < frames * FRAME_BYTES as usize);
}

#[test]
fn low_frames_are_for_those_who_need_them() {
    with_allocator(Silent, |mut frames| {
        let low = PhysAddr::new(64 * FRAME_BYTES);
        frames.keep_low(low);
        let run = Run {
            ceiling: Some(low),
            ..Run::of(4)
        };
        assert_eq!(frames.allocate(Tag::USER).map(number), Ok(64));
        assert_eq!(
            frames.allocate_run(Run::of(4), Tag::USER).map(number),
            Ok(68)
        );
        assert_eq!(frames.allocate_run(run, Tag::DEVICE).map(number), Ok(0));
        // When nothing else is left, they are for everybody.
        let free = frames.statistics().free;
        (0..free).for_each(|_| assert!(frames.allocate(Tag::USER).is_ok()));
        assert!(frames.allocate(Tag::USER).is_err());
    });
}

#[test]
fn requests_are_refused_on_purpose() {
    with_allocator(Silent, |mut frames| {
        frames.refuse_requests(2, 2);
        let mut ask = || frames.allocate(Tag::USER).is_ok();
        assert_eq!([ask(), ask(), ask()], [true, true, false]);
        assert!(frames.allocate_run(Run::of(2), Tag::USER).is_err());
        assert!(frames.allocate_run(Run::of(2), Tag::USER).is_ok());
        frames.refuse_requests(0, u64::MAX);
        let refused = frames.allocate(Tag::USER);
        let free = frames.statistics().free;
        assert_eq!(refused, Err(AllocateError::Exhausted { frames: 1, free }));
        frames.refuse_requests(0, 0);
        assert!(frames.allocate(Tag::USER).is_ok());
        assert_eq!(frames.statistics().refused, 3);
        assert_eq!(frames.validate(), Ok(()));
    });
}

#[test]
fn a_wrong_record_of_any_frame_is_found() {
    with_allocator(Silent, |mut frames| {
        for _ in 0..70 {
            frames.allocate(Tag::USER).unwrap();
        }
        let (free, used) = (
            FrameInfo::default(),
            FrameInfo {
                references: 1,
                tag: Tag::USER,
                uses: 1,
            },
        );
        for at in 0..300 {
            let right = frames.info[at];
            let wrong = if right.references == 0 { used } else { free };
            for wrong in [
                wrong,
                FrameInfo {
                    tag: wrong.tag,
                    ..right
                },
            ] {
                frames.info[at] = wrong;
                assert!(frames.validate().is_err(), "frame {at} as {wrong:?}");
            }
            frames.info[at] = right;
            // In a word of free frames, one that is not; and a free one where there is no memory.
            let was_free = frames.free.contains(at);
            if was_free {
                frames.free.remove(at);
            } else {
                frames.free.insert(at);
            }
            assert!(frames.validate().is_err(), "the bit of frame {at}");
            if was_free {
                frames.free.insert(at);
            } else {
                frames.free.remove(at);
            }
            assert_eq!(frames.validate(), Ok(()));
        }
    });
}
