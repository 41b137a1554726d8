//! Every kind survives the wire, the bytes are where the picture says, and junk is refused.

use super::*;
use crate::vocabulary::corruption::CorruptionKind;
use crate::vocabulary::faults::{ErrorCode, FaultCause, FaultOutcome};
use crate::vocabulary::level::Level;
use crate::vocabulary::memory_kind::MemoryKind;
use crate::vocabulary::pages::{Access, PageSize, RegionPolicy, TableLevel};
use crate::vocabulary::strategy::Strategy;
use crate::vocabulary::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// One payload of every kind, with no field at its default.
fn samples() -> Vec<Payload> {
    let frame = PhysAddr::new(0x1234_5000);
    let page = VirtAddr::new(0xffff_9000_0000_6000);
    let tag = Tag::USER | Tag::COPY_ON_WRITE;
    let owner = Tag::CACHE;
    let size = PageSize::Size2MiB;
    let access = Access::WRITE | Access::USER;
    let policy = RegionPolicy::Guard;
    let cause = FaultCause::StackGrowth;
    vec![
        Payload::FirmwareRegion {
            start: frame,
            bytes: 0x3000,
            kind: MemoryKind::AcpiNvs,
        },
        Payload::FrameAllocate {
            first: frame,
            frames: 7,
            tag,
        },
        Payload::FrameFree {
            first: frame,
            frames: 7,
            tag,
        },
        Payload::FrameReference {
            frame,
            from: 3,
            to: 4,
            tag,
        },
        Payload::FrameRetag {
            first: frame,
            frames: 9,
            from: owner,
            to: tag,
        },
        Payload::FrameRefuse {
            refused: crate::vocabulary::run::Run {
                frames: 512,
                align_frames: 64,
                ceiling: Some(PhysAddr::new(0x100_0000)),
            }
            .into(),
            tag,
        },
        Payload::Map {
            page,
            frame,
            size,
            access,
        },
        Payload::Unmap {
            page,
            frame,
            size,
            access,
        },
        Payload::Protect {
            page,
            size,
            from: access,
            to: Access::USER,
        },
        Payload::RegionOpen {
            start: page,
            bytes: 0x2000,
            policy,
            owner,
        },
        Payload::RegionClose {
            start: page,
            bytes: 0x2000,
            policy,
            owner,
        },
        Payload::FaultBegin {
            address: page,
            instruction: VirtAddr::new(0xffff_ffff_8010_0042),
            code: ErrorCode::WRITE | ErrorCode::USER,
            cause,
        },
        Payload::FaultEnd {
            address: page,
            nanoseconds: 1234,
            cause,
            outcome: FaultOutcome::Copied,
        },
        Payload::HeapGrow {
            start: page,
            bytes: 1 << 20,
        },
        Payload::HeapShrink {
            start: page,
            bytes: 1 << 20,
        },
        Payload::HeapAllocate {
            block: page,
            order: 3,
            from: 14,
            requested: 300,
            owner,
        },
        Payload::HeapFree {
            block: page,
            order: 3,
            into: 5,
            requested: 300,
            owner,
        },
        Payload::HeapRefuse {
            heap: page,
            requested: 5 << 32,
            owner,
        },
        Payload::Caption {
            number: 5,
            previous: 4,
        },
        Payload::SpaceSwitch {
            number: 7,
            previous: 6,
        },
        Payload::ProcessStart {
            number: 7,
            parent: 6,
            program: 3,
            started: 1 << 39 | 8,
        },
        Payload::ProcessEnd {
            number: 7,
            parent: 6,
            program: 3,
            started: 1 << 39 | 8,
            faults: 0xab_cdef,
            by_fault: true,
        },
        Payload::FrameHeat {
            first: frame,
            frames: 11,
            from: Level::new(3).unwrap(),
            to: Level::new(65).unwrap(),
        },
        Payload::TableLink {
            table: frame,
            base: page,
            level: TableLevel::PageTable,
            access,
        },
        Payload::TableUnlink {
            table: frame,
            base: page,
            level: TableLevel::Pml4,
            access,
        },
        Payload::ProcessState {
            number: 7,
            from: ProcessState::Asleep,
            to: ProcessState::Ended,
        },
        Payload::ArenaOpen {
            start: page,
            chunks: 3,
            strategy: Strategy::BestFit,
        },
        Payload::ArenaClose {
            start: page,
            chunks: 3,
            strategy: Strategy::BuddyTrimmed,
            served: 0x1234,
            refused: 5,
            splits: 0x678,
            merges: 0x9abc,
        },
        Payload::ArenaAllocate {
            block: page + 48,
            bytes: 304,
            requested: 300,
            owner,
        },
        Payload::ArenaFree {
            block: page + 48,
            bytes: 304,
            requested: 300,
            owner,
        },
        Payload::HeapQuarantine {
            block: page + 64,
            bytes: 128,
            owner,
        },
        Payload::Corruption {
            address: page + 64,
            kind: CorruptionKind::UseAfterFree,
            first: 8,
            count: 3,
        },
    ]
}

#[test]
fn every_kind_survives_the_wire() {
    let samples = samples();
    assert_eq!(samples.len(), Kind::ALL.len());
    for (payload, &kind) in samples.into_iter().zip(Kind::ALL) {
        assert_eq!(payload.kind(), kind);
        let event = Event {
            time: 99,
            cpu: 3,
            site: 0x8010_0001,
            payload,
        };
        assert_eq!(Event::from_bytes(&event.to_bytes()), Ok(event));
    }
}

#[test]
fn the_bytes_are_where_the_picture_says() {
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

#[test]
fn more_faults_than_an_event_holds_leave_the_rest_as_it_is() {
    let end = |faults| Payload::ProcessEnd {
        number: 7,
        parent: 6,
        program: 3,
        started: 8,
        faults,
        by_fault: false,
    };
    let event = |payload| Event {
        time: 1,
        cpu: 0,
        site: 0,
        payload,
    };
    let kept = Event::from_words(event(end(0x500_0009)).to_words());
    assert_eq!(kept, Ok(event(end(9))));
}

/// What is read without decoding is what decoding gives.
#[test]
fn the_frames_that_an_event_changes_are_found_in_its_words() {
    for payload in samples() {
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
fn junk_is_refused() {
    use DecodeError::{Address, Flags, Tag, Value};
    assert_eq!(Event::from_words([0; 4]), Err(DecodeError::Kind(0)));
    let junk = [
        (Kind::HeapGrow, 0, 0, 1 << 47, 0, Address(1 << 47)),
        (Kind::Map, 0, 1 << 7, 0, 0, Flags(1 << 7)),
        (Kind::Protect, 0, 0, 0, 1 << 38, Flags(1 << 6)),
        (Kind::FaultBegin, 0, 1 << 5, 0, 0, Flags(1 << 5)),
        (Kind::ProcessEnd, 2, 0, 0, 0, Tag(2)),
        (Kind::HeapAllocate, 0, 0, 0, 1 << 40, Value(1 << 40)),
    ];
    for (kind, tag, flags, address, value, error) in junk {
        let head = kind as u64 | tag << 8 | flags << 16;
        assert_eq!(Event::from_words([0, head, address, value]), Err(error));
    }
}

/// Events are copied often: a payload is three words, not more.
#[test]
fn payloads_are_small() {
    assert_eq!(size_of::<Payload>(), 24);
}
