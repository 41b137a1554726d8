//! Every event survives encoding and decoding, fields saturate, the bytes are where the picture
//! shows them, and words that no event encodes to are refused.

use super::edges::edge;
use super::*;
use crate::vocabulary::run::{PackedRun, Run};
use crate::vocabulary::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

const ROUNDS: usize = if cfg!(miri) { 4 } else { 5_000 };

/// Payloads of every kind, with fields at the edges of their ranges and in between.
fn payloads(seed: u64) -> impl Iterator<Item = Payload> {
    let mut random = fastrand::Rng::with_seed(seed);
    let kinds = Kind::ALL.iter().cycle().take(ROUNDS * Kind::ALL.len());
    kinds.map(move |&kind| Payload::any(kind, &mut random))
}

#[test]
fn every_field_decodes_to_its_value_or_to_its_maximum() {
    let mut random = fastrand::Rng::with_seed(7);
    for payload in payloads(1) {
        let event = Event {
            time: edge(&mut random),
            cpu: edge(&mut random) as u8,
            site: edge(&mut random) as u32,
            payload,
        };
        let decoded = Event::from_bytes(&event.to_bytes());
        let payload = payload.fitted();
        assert_eq!(decoded, Ok(Event { payload, ..event }), "{event:x?}");
    }
}

#[test]
fn a_refused_run_decodes_to_its_request_or_to_its_maximum() {
    let step = if cfg!(miri) { 21 } else { 1 };
    let mut random = fastrand::Rng::with_seed(3);
    let mut frames = vec![0, 1, u64::MAX];
    frames.extend((1..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1]));
    for frames in frames {
        for align in (0..64).step_by(step) {
            let top = PhysAddr::new((1 << 52) - 1);
            let drawn = PhysAddr::new_truncate(edge(&mut random));
            for ceiling in [None, Some(PhysAddr::zero()), Some(drawn), Some(top)] {
                let requested = Run {
                    frames,
                    align_frames: 1 << align,
                    ceiling,
                };
                let payload = Payload::FrameRefuse {
                    refused: requested.into(),
                    tag: Tag::DEVICE,
                };
                let words = payload.to_words(0, Origin::default());
                let Payload::FrameRefuse { refused, .. } =
                    Event::from_words(words).unwrap().payload
                else {
                    panic!("another kind");
                };
                let expected = Run {
                    frames: frames.min((1 << 56) - 1),
                    ..requested
                };
                assert_eq!(refused.run(), expected);
            }
        }
    }
    assert_eq!(PackedRun::MOST_FRAMES, (1 << 56) - 1);
}

#[test]
fn an_origin_that_was_set_is_the_one_of_later_events() {
    let origin = Origin::new(6, 0xaabb_ccdd);
    let cell = OriginCell::new();
    assert_eq!(cell.get(), Origin::default());
    cell.set(origin);
    assert_eq!(cell.get(), origin);
    assert_ne!(origin, Origin::default());
}

#[test]
fn numbers_that_are_too_large_saturate() {
    let end = |started, faults| Payload::ProcessEnd {
        number: 7,
        parent: 6,
        program: 3,
        started,
        faults,
        by_fault: false,
    };
    let words = end(u64::MAX, u32::MAX).to_words(1, Origin::default());
    let decoded = Event::from_words(words).unwrap().payload;
    assert_eq!(decoded, end((1 << 40) - 1, (1 << 24) - 1));
    let words = end(1 << 39 | 8, 0xab_cdef).to_words(1, Origin::default());
    let decoded = Event::from_words(words).unwrap().payload;
    assert_eq!(decoded, end(1 << 39 | 8, 0xab_cdef));
}

#[test]
fn the_bytes_are_where_the_picture_shows_them() {
    let payload = Payload::FrameAllocate {
        first: PhysAddr::new(0x5000),
        frames: 2,
        tag: Tag::USER | Tag::DMA_SAFE,
    };
    let bytes = Event {
        time: 1,
        cpu: 6,
        site: 0xaabb_ccdd,
        payload,
    }
    .to_bytes();
    assert_eq!(
        bytes[..16],
        [1, 0, 0, 0, 0, 0, 0, 0, 2, 16, 1, 6, 0xdd, 0xcc, 0xbb, 0xaa]
    );
    assert_eq!(
        bytes[16..],
        [0, 0x50, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    );
}

/// Reading the words gives the same frames as decoding them.
#[test]
fn the_frames_that_an_event_changes_are_found_in_its_words() {
    for payload in payloads(2) {
        let expected = match payload {
            Payload::FrameAllocate { first, frames, .. }
            | Payload::FrameFree { first, frames, .. } => Some((first, frames)),
            Payload::FrameReference { frame, .. } => Some((frame, 1)),
            Payload::FrameRetag { first, frames, .. } => Some((first, frames.into())),
            _ => None,
        };
        let words = payload.to_words(99, Origin::new(3, 0x8010_0001));
        assert_eq!(changed_frames(&words), expected, "{payload:?}");
    }
}

#[test]
fn an_event_has_the_subject_of_its_topic() {
    for payload in payloads(4) {
        let topic = match payload.subject() {
            Subject::Frames(..) => Topic::Frames,
            Subject::Allocation(_) => Topic::Allocation,
            Subject::Other => Topic::Other,
        };
        assert_eq!(payload.kind().topic(), topic);
    }
}

#[test]
fn words_that_no_event_encodes_to_are_refused() {
    use DecodeError::{Address, Flags, Tag, Value};
    assert_eq!(Event::from_words([0; 4]), Err(DecodeError::Kind(0)));
    let junk = [
        (Kind::HeapGrow, 0, 0, 1 << 47, 0, Address(1 << 47)),
        (Kind::Map, 0, 1 << 7, 0, 0, Flags(1 << 7)),
        (Kind::Protect, 0, 0, 0, 1 << 39, Value(1 << 39)),
        (Kind::FaultBegin, 0, 1 << 5, 0, 0, Flags(1 << 5)),
        (Kind::ProcessEnd, 2, 0, 0, 0, Tag(2)),
        (Kind::HeapAllocate, 0, 0, 0, 1 << 48, Value(1 << 48)),
        (Kind::FrameRefuse, 0, 0, 0, 64 << 56, Value(64 << 56)),
    ];
    for (kind, tag, flags, address, value, error) in junk {
        let head = kind as u64 | tag << 8 | flags << 16;
        assert_eq!(Event::from_words([0, head, address, value]), Err(error));
    }
}

#[test]
fn an_event_in_words() {
    let block = VirtAddr::new(0xffff_c000_0000_0040);
    let cases = [
        (
            Payload::FrameRetag {
                first: PhysAddr::new(0x5000),
                frames: 1,
                from: Tag::USER,
                to: Tag::USER | Tag::SHARED | Tag::COPY_ON_WRITE,
            },
            "frame retag 0x5000 user → user, shared, copied on write",
        ),
        (
            Payload::HeapAllocate {
                block,
                granules: 1,
                from: 14,
                requested: 20,
                owner: Tag::HEAP,
            },
            "heap allocate 0xffffc00000000040 64 B for 20 B heap, split from 1 MiB",
        ),
        (
            Payload::Caption {
                number: 3,
                previous: 2,
            },
            "caption",
        ),
    ];
    for (payload, words) in cases {
        assert_eq!(payload.to_string(), words);
    }
    // No field of any event makes its words panic.
    payloads(5).for_each(|payload| assert!(!payload.to_string().is_empty()));
}

/// Events are copied often: a payload has three words, not more.
#[test]
fn payloads_are_small() {
    assert_eq!(size_of::<Payload>(), 24);
}
