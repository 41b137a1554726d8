//! Files that are whole, cut, flipped, newer, empty and foreign.

use crate::player::Viewer;
use crate::{Ending, Item, Reader, TraceError, Writer};
use memviz::dashboard::actions::{Action, Magnify};
use memviz::dashboard::record::Record;
use memviz::input::keys::{Arrow, Key};
use memviz::timeline::EventWords;
use memviz::view::board::Board;
use memviz::view::layout::SMALLEST;
use memviz::view::meter::FrameCosts;
use mm::event::{Event, Payload};
use std::collections::BTreeMap;

/// A file with ticks and events in several blocks.
fn file() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes).unwrap();
    for number in 0..9 {
        let tick = Record::Tick(number, FrameCosts::default());
        writer.record(&tick).unwrap();
        writer.events(&events(number)).unwrap();
        writer.end_block().unwrap();
    }
    writer.finish().unwrap();
    bytes
}

/// Some events, different for each number.
fn events(number: u64) -> Vec<EventWords> {
    let event = |at| Event {
        time: number * 1000 + at,
        cpu: 0,
        site: 0x8010_0000,
        payload: Payload::Caption {
            number: at as u32,
            previous: number as u32,
        },
    };
    (0..number * 700).map(|at| event(at).to_words()).collect()
}

/// Reads a file: the number of ticks and of events, and how it ended.
fn read(bytes: &[u8]) -> Result<(u64, usize, Ending), TraceError> {
    let (mut ticks, mut all) = (0, Vec::new());
    let ending = Reader::new(bytes)?.for_each(|item| {
        match item {
            Item::Events(events) => all.extend_from_slice(events),
            Item::Record(Record::Tick(..)) => ticks += 1,
            Item::Record(_) => {}
        }
        Ok(true)
    })?;
    let written: Vec<EventWords> = (0..9).flat_map(events).collect();
    assert!(written.starts_with(&all), "other events");
    Ok((ticks, all.len(), ending))
}

#[test]
fn a_whole_file_has_everything() {
    let count = (0..9).map(|number| number * 700).sum::<usize>();
    assert_eq!(read(&file()).unwrap(), (9, count, Ending::Whole));
}

#[test]
fn a_cut_file_is_read_up_to_its_last_whole_block() {
    let file = file();
    let mut seen = 0;
    for length in 10..file.len() {
        let (ticks, _, ending) = read(&file[..length]).unwrap();
        assert_eq!(ending, Ending::Cut, "{length}");
        assert!(ticks >= seen);
        seen = ticks;
    }
    assert_eq!(seen, 9);
}

#[test]
fn a_flipped_bit_is_refused_or_a_cut() {
    let file = file();
    for at in 0..file.len() {
        let mut flipped = file.clone();
        flipped[at] ^= 0x10;
        match read(&flipped) {
            Ok((_, _, ending)) => assert_eq!(ending, Ending::Cut, "byte {at}"),
            Err(error) => assert!(!error.to_string().contains('\n')),
        }
    }
}

/// The first events of a run, and its first records of other kinds. Every later reader of this
/// version must read them.
#[test]
fn a_file_that_a_machine_wrote_is_read_for_ever() {
    let file = include_bytes!("../seeds/version-2.trace");
    let (mut lessons, mut events, mut start) = (Vec::new(), 0, None);
    let (mut actions, mut kinds) = (Vec::new(), BTreeMap::new());
    let ending = Reader::new(&file[..]).unwrap().for_each(|item| {
        let record = match item {
            Item::Events(more) => {
                events += more.len();
                return Ok(true);
            }
            Item::Record(record) => record,
        };
        let words = format!("{record:?}");
        let kind = words.split(['(', ' ']).next().unwrap_or_default();
        *kinds.entry(kind.to_string()).or_insert(0) += 1;
        match record {
            Record::Start(first) => start = Some((first.frames, first.width)),
            Record::Lesson(lesson) => lessons.push(lesson.name.to_string()),
            Record::Action(action) => actions.push(action),
            _ => {}
        }
        Ok(true)
    });
    assert_eq!(ending.unwrap(), Ending::Whole);
    assert_eq!((start, events), (Some((8160, 800)), 1024));
    assert_eq!((lessons.len(), lessons[6].as_str()), (21, "copy-on-write"));
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(kind, count)| format!("{kind} {count}"))
        .collect();
    assert_eq!(
        kinds.join(", "),
        "Action 19, Area 22, Caption 3, CommandLine 1, Draw 3, End 1, Function 3, Lesson 21, \
         Line 3, Notice 3, Picture 3, Program 22, Shell 3, Start 1, Still 3, Text 3, Tick 3"
    );
    let expected = [
        Action::ShowBoard(Board::Paging),
        Action::NextPanel,
        Action::Move(Arrow::Down),
        Action::Move(Arrow::Down),
        Action::Screenshot,
        Action::ShowBoard(Board::Heap),
        Action::Zoom(Magnify::Nearer),
    ];
    assert!(actions.starts_with(&expected), "{actions:?}");
    let viewer = Viewer::open(|| Ok(&file[..]), SMALLEST).unwrap();
    assert_eq!(viewer.dashboard().timeline().end(), 1024);
    assert_eq!(viewer.dashboard().model().contradictions, 0);
}

/// Version 3 has the actions of the search.
#[test]
fn a_file_with_a_search_is_read_for_ever() {
    let file = include_bytes!("../seeds/version-3.trace");
    let mut actions = Vec::new();
    let ending = Reader::new(&file[..]).unwrap().for_each(|item| {
        if let Item::Record(Record::Action(action)) = item {
            actions.push(action);
        }
        Ok(true)
    });
    assert_eq!(ending.unwrap(), Ending::Whole);
    let typed = "page".chars().map(Key::Character).chain([Key::Enter]);
    let mut expected = vec![Action::ShowBoard(Board::Paging), Action::Search];
    expected.extend(typed.map(Action::Type));
    expected.extend([Action::PreviousMatch, Action::NextMatch, Action::Back]);
    // The end of the run.
    expected.push(Action::Live);
    assert_eq!(actions, expected);
    let viewer = Viewer::open(|| Ok(&file[..]), SMALLEST).unwrap();
    assert_eq!(viewer.dashboard().timeline().end(), 1024);
}

/// Version 4 has the names of bookmarks.
#[test]
fn a_file_with_a_named_bookmark_is_read_for_ever() {
    let file = include_bytes!("../seeds/version-4.trace");
    let viewer = Viewer::open(|| Ok(&file[..]), SMALLEST).unwrap();
    let timeline = viewer.dashboard().timeline();
    assert_eq!(timeline.end(), 1024);
    assert_eq!(
        timeline.named_bookmarks().collect::<Vec<_>>(),
        [(700, "hi")]
    );
}

#[test]
fn other_files_are_refused_with_a_reason() {
    let mut newer = file();
    newer[8] = 200;
    let reason = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert!(reason(&newer).contains("version 200"));
    for bytes in [&b""[..], b"memviz", b"#!/bin/sh, and more of a script"] {
        assert!(reason(bytes).contains("not a trace file"));
    }
}
