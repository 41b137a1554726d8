//! A run that leaks, compared with itself at several moments.

use std::path::{Path, PathBuf};

use memviz::dashboard::record::{Record, Start};
use memviz::input::keyboard_layout::KeyboardLayout;
use mm::event::{Event, Payload};
use mm::heap::strategy::Strategy;
use mm::memory_map::MemoryKind;
use mm::paging::{Access, ErrorCode, FaultCause, PageSize};
use mm::tag::Tag;
use tracefile::Writer;
use x86_64::{PhysAddr, VirtAddr};

use super::*;
use crate::moment::Moment;

const SECOND: u64 = 1_000_000_000;
/// The number of events.
const END: u64 = 13;

const PAGE: VirtAddr = VirtAddr::new(0xffff_e000_0000_0000);
const ARENA: VirtAddr = VirtAddr::new(0xffff_e800_0000_0000);

/// An event each second.
fn payloads() -> Vec<Payload> {
    [before(), changes()].concat()
}

fn before() -> Vec<Payload> {
    vec![
        Payload::FirmwareRegion {
            start: frame(0),
            bytes: 4 << 20,
            kind: MemoryKind::Usable,
        },
        Payload::FrameAllocate {
            first: frame(1),
            frames: 3,
            tag: Tag::KERNEL,
        },
        map(0, 1),
        fault(),
    ]
}

/// Frame 4 comes, frame 3 goes, and frame 2 is shared.
fn changes() -> Vec<Payload> {
    vec![
        Payload::FrameAllocate {
            first: frame(4),
            frames: 1,
            tag: Tag::HEAP,
        },
        Payload::FrameFree {
            first: frame(3),
            frames: 1,
            tag: Tag::KERNEL,
        },
        Payload::FrameReference {
            frame: frame(2),
            from: 1,
            to: 2,
            tag: Tag::KERNEL,
        },
        map(1, 4),
        Payload::ArenaOpen {
            start: ARENA,
            workload: 0,
            requests: 0,
            chunks: 1,
            strategy: Strategy::FirstFit,
        },
        Payload::ArenaAllocate {
            block: ARENA,
            bytes: 64,
            requested: 50,
            owner: Tag::USER,
        },
        Payload::SlotAllocate { slot: 3, bytes: 70 },
        Payload::PageOut {
            page: PAGE + 2 * 4096,
            slot: 3,
            forked: false,
        },
        fault(),
    ]
}

fn frame(number: u64) -> PhysAddr {
    PhysAddr::new(number * 4096)
}

fn map(at: u64, to: u64) -> Payload {
    Payload::Map {
        page: PAGE + at * 4096,
        frame: frame(to),
        size: PageSize::Size4KiB,
        access: Access::WRITE,
    }
}

fn fault() -> Payload {
    Payload::FaultBegin {
        address: PAGE,
        instruction: VirtAddr::new(0x1234),
        code: ErrorCode::empty(),
        cause: FaultCause::DemandZero,
    }
}

fn trace(folder: &Path) -> PathBuf {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes).unwrap();
    let start = Start {
        kernel: "1.2.3",
        memory: 4 << 20,
        frames: 1024,
        heap_bytes: 1 << 20,
        history: 0,
        history_events: 64,
        width: 800,
        height: 600,
        prompt: "> ",
        palette: "dark",
        keyboard: KeyboardLayout::Us,
        projector: false,
        classroom: false,
        only: "",
        counts_instructions: true,
    };
    writer.record(&Record::Start(start)).unwrap();
    for (time, payload) in (1..).zip(payloads()) {
        let event = Event {
            time: time * SECOND,
            cpu: 0,
            site: 0,
            payload,
        };
        writer.events(&[event.to_words()]).unwrap();
    }
    writer.finish().unwrap();
    let path = folder.join("a.trace");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Returns the names of the objects of a kind that came, went and changed.
fn between(file: &Path, kind: Kind, a: Moment, b: Option<Moment>) -> [Vec<String>; 3] {
    let a = state_at(file, Some(&a)).unwrap();
    let b = state_at(file, b.as_ref()).unwrap();
    let difference = Difference::new(kind, &a, &b);
    let names = |objects: Vec<Object>| objects.into_iter().map(|object| object.name).collect();
    let changed = difference.changed.into_iter();
    let changed = changed.map(|change| format!("{}: {} → {}", change.name, change.from, change.to));
    [
        names(difference.came),
        names(difference.went),
        changed.collect(),
    ]
}

#[test]
fn objects_come_go_and_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = trace(folder.path());
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|&word| word.to_string())
            .collect::<Vec<_>>()
    };
    let from = || Moment::Event(4);
    assert_eq!(
        between(&file, Kind::Frames, from(), None),
        [
            words(&["0x4000"]),
            words(&["0x3000"]),
            words(&["0x2000: kernel, 1 reference → kernel, 2 references"]),
        ]
    );
    // One page was mapped, and one is in swap.
    let page = words(&["kernel 0xffffe00000001000", "kernel 0xffffe00000002000"]);
    assert_eq!(between(&file, Kind::Pages, from(), None)[0], page);
    let came = |kind| between(&file, kind, from(), None)[0].clone();
    assert_eq!(came(Kind::Arenas), words(&["0xffffe80000000000"]));
    assert_eq!(came(Kind::Slots), words(&["slot 3"]));
    let fault = words(&["kernel 0xffffe00000000000 demand-zero: once → 2 times"]);
    assert_eq!(between(&file, Kind::Faults, from(), None)[2], fault);
    // The same moment by its time, and the other way round.
    let [came, went, _] = between(
        &file,
        Kind::Frames,
        Moment::Time(END * SECOND),
        Some(Moment::Time(5 * SECOND - 1)),
    );
    assert_eq!((came, went), (words(&["0x3000"]), words(&["0x4000"])));
}

#[test]
fn equal_moments_do_not_differ_and_missing_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = trace(folder.path());
    let diff = |at: &[Moment]| {
        let (json, picture) = (false, Some(folder.path().join("a.svg")));
        diff(&DiffOptions {
            a: file.clone(),
            b: file.clone(),
            at: at.to_vec(),
            json,
            picture,
        })
    };
    assert!(!diff(&[]).unwrap());
    assert!(!diff(&[Moment::Event(4), Moment::Time(4 * SECOND)]).unwrap());
    assert!(diff(&[Moment::Event(4), Moment::Event(5)]).unwrap());
    assert!(!diff(&[Moment::Event(END)]).unwrap());
    for missing in [
        Moment::Event(END + 1),
        Moment::Time((END + 1) * SECOND),
        Moment::Step("frames".into(), 1),
    ] {
        let error = diff(&[missing]).unwrap_err();
        assert!(error.to_string().contains("ends before"), "{error}");
    }
}

#[test]
fn the_table_and_the_picture_count_alike() {
    let folder = tempfile::tempdir().unwrap();
    let file = trace(folder.path());
    let a = state_at(&file, Some(&Moment::Event(4))).unwrap();
    let b = state_at(&file, None).unwrap();
    let all = Kind::ALL.map(|kind| Difference::new(kind, &a, &b));
    let text = table(&a, &b, &all);
    let line = text.lines().find(|line| line.starts_with("frames "));
    let counts: Vec<_> = line.unwrap().split_whitespace().collect();
    assert_eq!(counts, ["frames", "3", "3", "1", "1", "1"]);
    let svg = picture::svg(&a, &b, &all);
    assert!(svg.contains("frames: 1 came, 1 went, 1 changed"));
    // One cell each, and one in the legend.
    for (colour, cells) in [
        ("#009e73", 2),
        ("#d55e00", 2),
        ("#0072b2", 2),
        ("#cccccc", 2),
    ] {
        assert_eq!(svg.matches(colour).count(), cells, "{colour}");
    }
}
