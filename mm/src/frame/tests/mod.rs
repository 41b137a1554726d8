//! The frame allocator against a naive model, with its events folded back into a third picture.

mod model;

use super::*;
use crate::event::Payload;
use crate::memory_map::{FRAME_BYTES, FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap};
use crate::tracer::{Recorder, Silent, Tracer};
use crate::vocabulary::frames::{frame, number};
use crate::vocabulary::tag::Tag;
use model::{Picture, any_step, fold, step};
use proptest::prelude::*;
use x86_64::PhysAddr;
use x86_64::structures::paging::PhysFrame;

/// Frames 0..100 and 120..300 are usable; the map ends at 300.
const USABLE: [core::ops::Range<u64>; 2] = [0..100, 120..300];

fn with_allocator<T: Tracer, R>(tracer: T, test: impl FnOnce(FrameAllocator<'_, T>) -> R) -> R {
    with_usable(USABLE, tracer, test)
}

fn with_usable<T: Tracer, R>(
    usable: [core::ops::Range<u64>; 2],
    tracer: T,
    test: impl FnOnce(FrameAllocator<'_, T>) -> R,
) -> R {
    let raw = usable.map(|frames| FirmwareEntry {
        start: frames.start * FRAME_BYTES,
        bytes: (frames.end - frames.start) * FRAME_BYTES,
        kind: MemoryKind::Usable,
    });
    let mut regions = [FirmwareRegion::EMPTY; 8];
    let map = MemoryMap::build(&raw, &mut regions).unwrap();
    let (words, records) = FrameStorage::sizes(map.frames());
    let (mut bits, mut records) = (vec![0; words], crate::testing::defaults(records));
    let storage = FrameStorage {
        bits: &mut bits,
        records: &mut records,
    };
    test(FrameAllocator::new(&map, storage, tracer).unwrap())
}

fn usable(number: u64) -> bool {
    USABLE.iter().any(|frames| frames.contains(&number))
}

fn picture_of<T: Tracer>(frames: &FrameAllocator<'_, T>) -> Picture {
    let in_use = |number: usize| match frames.state(frame(number)) {
        FrameState::InUse(info) => Some((number as u64, (info.references, info.tag))),
        _ => None,
    };
    (0..frames.frames()).filter_map(in_use).collect()
}

proptest! {
    #![proptest_config(crate::testing::cases(256))]
    #[test]
    fn equals_the_model_and_its_own_events(steps in prop::collection::vec(any_step(), 1..crate::testing::steps(60))) {
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
        let most = (1 << 24) - 1;
        assert!(frames.records.set_references(number(frame), most));
        assert_eq!(frames.share(frame), Err(ShareError::TooMany(frame)));
        assert!(matches!(frames.state(frame), FrameState::InUse(info) if info.references == most));
        assert_eq!(frames.free(frame), Ok(Freed::StillShared(most - 1)));
    });
}

/// Two references fit into every record; larger counts need room in the table.
#[test]
fn large_counts_of_too_many_frames_are_refused() {
    with_usable([0..2000, 2000..4096], Silent, |mut frames| {
        let first = frames.allocate_run(Run::of(2048), Tag::USER).unwrap();
        let shared = (0..2048).map(|at| frame(number(first) + at));
        let shared: Vec<PhysFrame> = shared.collect();
        let mut refused = 0;
        for &frame in &shared {
            assert_eq!(frames.share(frame), Ok(2));
            refused += usize::from(frames.share(frame) == Err(ShareError::TooMany(frame)));
        }
        assert!(refused > 0 && refused < 2048);
        // Dropping references makes room again.
        for &frame in &shared[..100] {
            assert_eq!(frames.free(frame), Ok(Freed::StillShared(2)));
        }
        assert_eq!(frames.share(shared[2047]), Ok(3));
        assert_eq!(frames.validate(), Ok(()));
        for &frame in &shared {
            while frames.free(frame) != Ok(Freed::Free) {}
        }
        assert_eq!(frames.validate(), Ok(()));
        assert_eq!(frames.statistics().free, 4096);
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
        frames.set_placement(Placement::FirstFit);
        let run = |frames: &mut FrameAllocator<'_, Silent>, length| {
            number(frames.allocate_run(Run::of(length), Tag::USER).unwrap())
        };
        assert_eq!(frames.allocate(Tag::USER).map(number), Ok(0));
        assert_eq!(run(&mut frames, 3), 4);
        assert_eq!(run(&mut frames, 64), 128);
        assert_eq!(run(&mut frames, 100), 192);
        // No multiple of 128 has 80 free frames left, so any run is right.
        assert_eq!(run(&mut frames, 80), 7);
    });
}

#[test]
fn long_runs_are_aligned_to_a_huge_page_and_no_further() {
    with_usable([0..4000, 4000..4096], Silent, |mut frames| {
        frames.set_placement(Placement::FirstFit);
        frames.allocate(Tag::USER).unwrap();
        let first = frames.allocate_run(Run::of(600), Tag::USER);
        assert_eq!(first.map(number), Ok(512));
    });
}

#[test]
fn free_frames_are_counted_by_stretches() {
    with_allocator(Silent, |mut frames| {
        assert_eq!(frames.free_stretches(), (2, 180));
        for at in [0, 2, 121] {
            let allocated = frames.reserve(frame(at), 1, Tag::KERNEL);
            assert_eq!(allocated, Ok(1));
        }
        // 1, 3 to 99, 120, 122 to 299
        assert_eq!(frames.free_stretches(), (4, 178));
        let allocated = frames.reserve(frame(130), 170, Tag::KERNEL);
        assert_eq!((allocated, frames.free_stretches()), (Ok(170), (4, 97)));
        assert_eq!(frames.statistics().total, 280);
    });
}

#[test]
fn a_refusal_records_the_request() {
    let recorder = Recorder::default();
    with_allocator(&recorder, |mut frames| {
        let run = Run {
            frames: 64,
            align_frames: 128,
            ceiling: Some(PhysAddr::new(32 * FRAME_BYTES)),
        };
        recorder.0.take();
        for requested in [
            run,
            Run {
                ceiling: None,
                ..Run::of(281)
            },
        ] {
            assert!(frames.allocate_run(requested, Tag::DEVICE).is_err());
            let [Payload::FrameRefuse { refused, tag }] = recorder.0.take()[..] else {
                panic!("one refusal is one event")
            };
            assert_eq!((refused.run(), tag), (requested, Tag::DEVICE));
        }
    });
}

#[test]
fn the_best_range_has_movable_frames_only() {
    with_allocator(Silent, |mut frames| {
        let allocated = frames.allocate_run(Run::of(280), Tag::USER);
        assert!(allocated.is_err(), "a reserved frame interrupts the run");
        for _ in 0..280 {
            frames.allocate(Tag::USER).unwrap();
        }
        let run = Run {
            align_frames: 64,
            ..Run::of(64)
        };
        let best = |frames: &FrameAllocator<'_, Silent>| {
            let range = frames.why_not(run).best_range;
            range.map(|range| (range.first, range.used))
        };
        assert_eq!(best(&frames), Some((0, 64)));
        frames.retag(frame(5), 1, Tag::PAGE_TABLE).unwrap();
        assert_eq!(best(&frames), Some((128, 64)));
        frames.free(frame(200)).unwrap();
        assert_eq!(best(&frames), Some((192, 63)));
    });
}

#[test]
fn storage_that_is_too_small_is_refused() {
    let raw = [FirmwareEntry {
        start: 0,
        bytes: 64 * FRAME_BYTES,
        kind: MemoryKind::Usable,
    }];
    let mut regions = [FirmwareRegion::EMPTY; 2];
    let map = MemoryMap::build(&raw, &mut regions).unwrap();
    let storage = FrameStorage {
        bits: &mut [0; 1],
        records: &mut [FrameRecord::default(); 63],
    };
    let refused = FrameAllocator::new(&map, storage, Silent).unwrap_err();
    let (words, records) = FrameStorage::sizes(64);
    assert_eq!(refused, StorageError { words, records });
}

#[test]
fn metadata_is_a_small_part_of_memory() {
    let frames = 1 << 20;
    let (words, records) = FrameStorage::sizes(frames);
    let bytes = words * size_of::<u64>() + records * size_of::<FrameRecord>();
    assert!(bytes * 1700 < frames * FRAME_BYTES as usize);
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
        // A run that fits above, even unaligned, gets none of them.
        let reserved = frames.reserve(frame(131), 300, Tag::KERNEL);
        assert_eq!(reserved, Ok(169));
        let above = frames.allocate_run(Run::of(20), Tag::USER).map(number);
        assert_eq!(above, Ok(72));
        // If no other frame is free, every request gets them.
        let free = frames.statistics().free;
        (0..free).for_each(|_| assert!(frames.allocate(Tag::USER).is_ok()));
        assert!(frames.allocate(Tag::USER).is_err());
    });
}

#[test]
fn requests_are_refused_on_purpose() {
    with_allocator(Silent, |mut frames| {
        frames.inject_failures(2, 2);
        let mut ask = || frames.allocate(Tag::USER).is_ok();
        assert_eq!([ask(), ask(), ask()], [true, true, false]);
        assert!(frames.allocate_run(Run::of(2), Tag::USER).is_err());
        assert!(frames.allocate_run(Run::of(2), Tag::USER).is_ok());
        frames.inject_failures(0, u64::MAX);
        let refused = frames.allocate(Tag::USER);
        let free = frames.statistics().free;
        assert_eq!(refused, Err(AllocateError::Exhausted { frames: 1, free }));
        frames.inject_failures(0, 0);
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
        // The frames in use have records of their own, the run's have one a word.
        frames.allocate_run(Run::of(64), Tag::USER).unwrap();
        for at in (0..300).step_by(if cfg!(miri) { 37 } else { 1 }) {
            let state = frames.state(frame(at));
            let wrong = match state {
                FrameState::InUse(_) => FrameRecord::default(),
                _ => FrameRecord::one(Tag::USER),
            };
            if let Some(right) = frames.records.own(at) {
                let wrong_too = FrameRecord::one(Tag::DMA_SAFE);
                for wrong in [wrong, wrong_too]
                    .into_iter()
                    .filter(|&wrong| wrong != right)
                {
                    frames.records.set_one(at, wrong);
                    assert!(frames.validate().is_err(), "frame {at} as {wrong:?}");
                }
                frames.records.set_one(at, right);
            }
            // In a word of free frames, one that is not; and a free one where there is no memory.
            frames.free.flip_for_test(at);
            assert!(frames.validate().is_err(), "the bit of frame {at}");
            frames.free.flip_for_test(at);
            assert_eq!(frames.validate(), Ok(()));
        }
    });
}

#[test]
fn a_refusal_says_whether_any_frame_is_free() {
    with_allocator(Silent, |mut frames| {
        let below = |ceiling| Run {
            ceiling: Some(PhysAddr::new(ceiling)),
            ..Run::of(1)
        };
        let refused = frames.allocate_run(below(0), Tag::DEVICE).unwrap_err();
        let words = refused.to_string();
        assert_eq!(
            words,
            "out of memory: no suitable frame, though 280 frames are free"
        );
        while frames.allocate(Tag::USER).is_ok() {}
        let words = frames.allocate(Tag::USER).unwrap_err().to_string();
        assert_eq!(words, "out of memory: no frame is free");
    });
}
