//! A small run in each form, read again.

use memviz::dashboard::record::{Record, Start, StoredCaption};
use memviz::input::keyboard_layout::KeyboardLayout;
use memviz::view::board::Board;
use memviz::view::caption::Part;
use memviz::view::map_mode::MapMode;
use mm::event::{Event, Payload, ProcessState};
use mm::memory_map::MemoryKind;
use mm::paging::{ErrorCode, FaultCause, FaultOutcome};
use mm::tag::Tag;
use prost::Message;
use serde_json::json;
use tracefile::Writer;
use x86_64::{PhysAddr, VirtAddr};

use super::schema::{DebugAnnotation, EventType, Trace, TracePacket, TrackEvent};
use super::*;

const MILLISECOND: u64 = 1_000_000;

fn start() -> Record<'static> {
    Record::Start(Start {
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
    })
}

fn caption(number: u32, step: u8, part: Part) -> Record<'static> {
    Record::Caption(StoredCaption {
        number,
        lesson: "counting",
        title: "Counting",
        step,
        steps: 2,
        part,
        words: "Two, of \"many\"",
        question: None,
        choices: Default::default(),
        right: 0,
        is_answered: true,
        because: "",
        conceals: false,
        board: Board::Overview,
        figure: None,
        mode: MapMode::Tags,
        selection: None,
        zoom: None,
    })
}

/// A process with a fault inside a fault; a refusal; two lesson steps. The second fault and the
/// step do not end.
fn payloads() -> Vec<Payload> {
    let fault = |address| Payload::FaultBegin {
        address: VirtAddr::new(address),
        instruction: VirtAddr::new(0x1234),
        code: ErrorCode::USER,
        cause: FaultCause::DemandZero,
    };
    let (user, heap) = (Tag::USER, VirtAddr::new(0xffff_c000_0000_0000));
    vec![
        Payload::FirmwareRegion {
            start: PhysAddr::new(0),
            bytes: 4 << 20,
            kind: MemoryKind::Usable,
        },
        Payload::Caption {
            number: 1,
            previous: 0,
        },
        Payload::ProcessStart {
            number: 3,
            parent: 0,
            program: 1,
            started: 3,
        },
        Payload::SpaceSwitch {
            number: 3,
            previous: 0,
        },
        fault(0x40_0000),
        fault(0x50_0000),
        Payload::FrameAllocate {
            first: PhysAddr::new(0x1000),
            frames: 2,
            tag: user,
        },
        Payload::FaultEnd {
            address: VirtAddr::new(0x40_0000),
            nanoseconds: 77,
            cause: FaultCause::DemandZero,
            outcome: FaultOutcome::Mapped,
        },
        Payload::HeapRefuse {
            heap,
            requested: 99,
            owner: user,
        },
        Payload::ProcessState {
            number: 3,
            from: ProcessState::Ready,
            to: ProcessState::Asleep,
        },
        Payload::Caption {
            number: 2,
            previous: 1,
        },
        fault(0x60_0000),
    ]
}

/// A trace of these events, 100 ms apart.
fn trace(payloads: &[Payload]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes).unwrap();
    let function = Record::Function(0xffff_ffff_8000_1000, "heap::<A, B>::allocate");
    for record in [
        start(),
        Record::CommandLine("mode=demo"),
        Record::Program("init"),
        Record::Program("counter"),
        function,
        caption(1, 1, Part::Question),
        caption(2, 2, Part::Answer),
    ] {
        writer.record(&record).unwrap();
    }
    for (time, &payload) in (1..).zip(payloads) {
        let event = Event {
            time: time * 100 * MILLISECOND,
            cpu: 0,
            site: 0x8000_1000,
            payload,
        };
        writer.events(&[event.to_words()]).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

fn converted(form: ExportForm) -> Vec<u8> {
    let mut bytes = Vec::new();
    let trace = trace(&payloads());
    let (follower, ending) = convert(&trace[..], form, &mut bytes).unwrap();
    assert_eq!((follower.events(), ending), (12, Ending::Whole));
    bytes
}

/// A packet in words: milliseconds, the event, the name of its track.
fn words(packet: &TracePacket, names: &[(u64, String)]) -> Option<String> {
    let event: &TrackEvent = packet.track_event.as_ref()?;
    let track = event.track_uuid.unwrap();
    let name = names.iter().find(|(uuid, _)| *uuid == track);
    let (_, track) = name.expect("the track is described before");
    let time = packet.timestamp.unwrap() / MILLISECOND;
    let value = |detail: &DebugAnnotation| {
        let text = detail.string_value.clone();
        let number = detail.uint_value.or(detail.pointer_value);
        let value = text.or(number.map(|number| number.to_string()));
        (detail.name.clone().unwrap(), value.unwrap())
    };
    let details: Vec<_> = event.debug_annotations.iter().map(value).collect();
    let what = match EventType::try_from(event.r#type.unwrap()).unwrap() {
        EventType::SliceBegin => format!("begin {}", event.name.as_ref().unwrap()),
        EventType::SliceEnd => details.iter().fold("end".into(), |words, (name, value)| {
            format!("{words} {name}={value}")
        }),
        EventType::Instant => format!("mark {} {}", event.name.as_ref().unwrap(), details[0].1),
        EventType::Counter => format!("= {}", event.counter_value.unwrap()),
    };
    Some(format!("{time} {track}: {what}"))
}

#[test]
fn perfetto_has_nested_slices_counters_and_marks() {
    let trace = Trace::decode(&converted(ExportForm::Perfetto)[..]).unwrap();
    let (mut names, mut all) = (Vec::new(), Vec::new());
    for packet in &trace.packet {
        if let Some(track) = &packet.track_descriptor {
            let process = track.process.clone();
            let process = process.map(|process| {
                assert_eq!(process.process_name.as_deref(), Some("counter"));
                format!("process {}", process.pid.unwrap())
            });
            names.push((track.uuid.unwrap(), process.or(track.name.clone()).unwrap()));
        }
        all.extend(words(packet, &names));
    }
    let is_slice = |words: &&String| !words.contains(": =");
    let slices: Vec<String> = all.iter().filter(is_slice).cloned().collect();
    assert_eq!(
        slices,
        [
            "200 lessons: begin counting/1",
            "300 process 3: begin counter",
            "300 state: begin ready",
            "400 address space: begin process 3 counter",
            "500 page faults: begin demand-zero",
            "600 page faults: begin demand-zero",
            "800 page faults: end",
            "800 page faults: end outcome=frame mapped handler_ns=77",
            "900 refusals: mark heap refuse 99 B for user heap::<A, B>::allocate",
            "1000 state: end",
            "1000 state: begin asleep",
            "1100 lessons: end",
            "1100 lessons: begin counting/2",
            "1200 page faults: begin demand-zero",
            "1200 page faults: end",
            "1200 state: end",
            "1200 process 3: end",
            "1200 address space: end",
            "1200 lessons: end",
        ]
    );
    let counter = |name: &str| {
        let values = all.iter().filter_map(|words| words.split_once(name));
        let values = values.map(|(time, value)| format!("{time}{value}"));
        values.collect::<Vec<String>>()
    };
    assert_eq!(counter("free frames: = "), ["100 1024", "700 1022"]);
    // Two faults from 500 ms on, one from 1,000 ms on, in a quarter of a second each.
    let rates = ["0 0", "250 0", "500 8", "750 0", "1000 4"];
    assert_eq!(counter("page faults: = "), rates);
}

#[test]
fn the_table_has_a_row_for_each_event() {
    let json = converted(ExportForm::Json);
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["kernel"], "1.2.3");
    assert_eq!(json["command_line"], "mode=demo");
    assert_eq!(json["clock"], "guest instructions");
    let rows = json["events"].as_array().unwrap();
    assert_eq!(rows.len(), 12);
    assert_eq!(rows[6]["kind"], "frame allocate");
    assert_eq!(rows[6]["free_frames"], 1022);
    assert_eq!(rows[6]["process"], 3);
    assert_eq!(
        (&rows[0]["step"], &rows[11]["step"]),
        (&json!(null), &json!(2))
    );

    let csv = converted(ExportForm::Csv);
    let mut csv = csv::Reader::from_reader(&csv[..]);
    let columns: Vec<String> = csv.headers().unwrap().iter().map(Into::into).collect();
    let mut count = 0;
    for (row, object) in csv.records().zip(rows) {
        let row = row.unwrap();
        for (name, cell) in columns.iter().zip(&row) {
            let value = match &object[name] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(cell, value, "{name}");
        }
        assert_eq!(row.len(), object.as_object().unwrap().len());
        count += 1;
    }
    assert_eq!(count, 12);
}

#[test]
fn every_column_is_described() {
    let csv = converted(ExportForm::Csv);
    let page = include_str!("../../../docs/export.md");
    let mut csv = csv::Reader::from_reader(&csv[..]);
    for name in csv.headers().unwrap() {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn damaged_files_leave_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.trace");
    let output = folder.path().join("a.csv");
    let mut damaged = trace(&payloads());
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    for bytes in [&b""[..], b"no trace", &damaged] {
        std::fs::write(&file, bytes).unwrap();
        let options = ExportOptions {
            file: file.clone(),
            perfetto: false,
            csv: true,
            json: false,
            output: None,
        };
        let error = export(&options).unwrap_err();
        assert!(crate::is_bad_input(&error), "{error:#}");
        assert!(!output.exists());
    }
}

#[test]
fn times_that_jump_take_no_time() {
    let mut trace = Vec::new();
    let mut writer = Writer::new(&mut trace).unwrap();
    writer.record(&start()).unwrap();
    for time in [u64::MAX, 0, u64::MAX / 2, 5] {
        let payload = Payload::HeapMark { live: 1 };
        let event = Event {
            time,
            cpu: 0,
            site: 0,
            payload,
        };
        writer.events(&[event.to_words()]).unwrap();
    }
    writer.finish().unwrap();
    for form in [ExportForm::Perfetto, ExportForm::Csv, ExportForm::Json] {
        convert(&trace[..], form, &mut Vec::new()).unwrap();
    }
}
