//! A lesson of two steps that a user explores: a question, its answer, another answer.

use super::Viewer;
use crate::{Ending, TraceError, Writer};
use embedded_graphics::geometry::Size;
use memviz::dashboard::Request;
use memviz::dashboard::record::{Record, Start, StoredCaption};
use memviz::input::keyboard_layout::KeyboardLayout;
use memviz::input::keys::Key;
use memviz::view::board::Board;
use memviz::view::caption::Part;
use memviz::view::layout::SMALLEST;
use memviz::view::map_mode::MapMode;
use memviz::view::meter::FrameCosts;
use mm::event::{Event, Payload};

const MILLISECOND: u64 = 1_000_000;

fn start() -> Start<'static> {
    Start {
        kernel: "0",
        memory: 4 << 20,
        frames: 1024,
        heap_bytes: 1 << 20,
        history: 0,
        history_events: 1,
        width: 800,
        height: 600,
        prompt: "> ",
        palette: "dark",
        keyboard: KeyboardLayout::Us,
        projector: false,
        classroom: false,
        only: "",
        counts_instructions: true,
    }
}

fn caption(number: u32, step: u8, part: Part) -> StoredCaption<'static> {
    let choices: &[&str] = match step {
        1 => &["one", "two", "three"],
        _ => &[],
    };
    StoredCaption {
        number,
        lesson: "counting",
        title: "Counting",
        step,
        steps: 2,
        part,
        words: "How many?",
        question: None,
        choices: choices.iter().copied().collect(),
        right: 1,
        is_answered: part == Part::Answer,
        because: "",
        conceals: false,
        board: Board::Overview,
        figure: None,
        mode: MapMode::Tags,
        selection: None,
        zoom: None,
    }
}

/// The captions of the trace, a millisecond apart, with events between them.
fn trace() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes).unwrap();
    writer.record(&Record::Start(start())).unwrap();
    let parts = [(1, Part::Question), (1, Part::Answer), (2, Part::Answer)];
    let mut previous = 0;
    for (number, (step, part)) in (1..).zip(parts) {
        let caption = caption(number, step, part);
        writer.record(&Record::Caption(caption)).unwrap();
        let event = |at: u64, number, previous| Event {
            time: u64::from(number) * MILLISECOND + at,
            cpu: 0,
            site: 0,
            payload: Payload::Caption { number, previous },
        };
        writer
            .events(&[event(0, number, previous).to_words()])
            .unwrap();
        previous = number;
        let now = u64::from(number) * MILLISECOND;
        let tick = Record::Tick(now, FrameCosts::default());
        writer.record(&tick).unwrap();
    }
    // Inputs of the run do not matter to a viewer.
    writer.record(&Record::Shell(true)).unwrap();
    writer.finish().unwrap();
    bytes
}

fn opened(bytes: &[u8]) -> Result<Viewer, TraceError> {
    Viewer::open(|| Ok(bytes), SMALLEST)
}

/// The picture, row after row.
fn picture(viewer: &mut Viewer) -> Vec<u32> {
    let size = viewer.size();
    viewer.resize(Size::new(size.width, size.height)).unwrap();
    let mut pixels = vec![u32::MAX; size.width as usize * size.height as usize];
    viewer.draw(|y, x, row| {
        pixels[y * size.width as usize + x..][..row.len()].copy_from_slice(row);
    });
    pixels
}

fn press(viewer: &mut Viewer, character: char) -> Option<Request> {
    viewer.press(Key::Character(character))
}

#[test]
fn it_begins_at_the_first_caption_and_knows_all() {
    let viewer = opened(&trace()).unwrap();
    assert_eq!(viewer.ending(), Ending::Whole);
    assert_eq!(viewer.dashboard().timeline().cursor(), 1);
    let entries = viewer.contents().entries();
    let steps: Vec<_> = entries.iter().map(|entry| entry.caption.step).collect();
    assert_eq!(steps, [1, 1, 2]);
    assert_eq!(viewer.contents().find("counting", 2).unwrap().position, 3);
    assert!(viewer.contents().find("counting", 3).is_none());
    let at = |cursor| viewer.contents().at(cursor);
    assert_eq!(
        (at(0), at(1), at(2), at(9)),
        (None, Some(0), Some(1), Some(2))
    );
    assert!(!viewer.is_playing());
}

#[test]
fn a_question_can_be_answered_although_events_follow() {
    let mut viewer = opened(&trace()).unwrap();
    let before = picture(&mut viewer);
    assert_eq!(press(&mut viewer, 'c'), None);
    assert_ne!(picture(&mut viewer), before, "the choice is shown");
    assert_eq!(
        viewer.dashboard().theme().name,
        "dark",
        "no palette was chosen"
    );
    press(&mut viewer, ']');
    press(&mut viewer, 'c');
    assert_eq!(
        viewer.dashboard().theme().name,
        "contrast",
        "no question stands"
    );
}

#[test]
fn steps_lead_to_the_end_and_no_further() {
    let mut viewer = opened(&trace()).unwrap();
    assert_eq!(press(&mut viewer, ']'), None);
    assert_eq!(press(&mut viewer, ']'), None);
    assert_eq!(press(&mut viewer, ']'), Some(Request::NextStep));
    assert_eq!(viewer.dashboard().timeline().cursor(), 3);
}

#[test]
fn a_replay_shows_each_caption_long_enough_to_read_it() {
    let mut viewer = opened(&trace()).unwrap();
    viewer.press(Key::Space);
    assert!(viewer.is_playing());
    let mut seen = Vec::new();
    for frame in 0..1000u64 {
        viewer.advance(16 * MILLISECOND);
        let step = viewer.dashboard().timeline().cursor();
        if seen.last().is_none_or(|&(last, _)| last != step) {
            seen.push((step, frame * 16));
        }
    }
    let steps: Vec<_> = seen.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [2, 3]);
    let read = seen[1].1 - seen[0].1;
    // One second and a half, and 9 characters.
    assert!((1905..2000).contains(&read), "{read} ms");
    assert!(!viewer.is_playing(), "it pauses at the end");
}

#[test]
fn a_picture_does_not_depend_on_the_way_to_it() {
    let trace = trace();
    let (mut one, mut other) = (opened(&trace).unwrap(), opened(&trace).unwrap());
    for key in [
        Key::End,
        Key::Home,
        Key::Character(']'),
        Key::Character(']'),
    ] {
        one.press(key);
        picture(&mut one);
    }
    let second = other.contents().entries()[1].position;
    other.go_to(second);
    other.resize(Size::new(1280, 800)).unwrap();
    picture(&mut other);
    other.resize(SMALLEST).unwrap();
    assert!(picture(&mut one) == picture(&mut other));
}

#[test]
fn sizes_and_files_that_cannot_be_shown_are_refused() {
    let trace = trace();
    let mut viewer = opened(&trace).unwrap();
    assert!(viewer.resize(Size::new(799, 600)).is_err());
    assert!(viewer.resize(Size::new(3841, 2160)).is_err());
    assert!(viewer.resize(Size::new(3840, 2160)).is_ok());
    assert!(opened(b"").is_err());
    let cut = opened(&trace[..12]);
    assert!(cut.is_err_and(|error| error.to_string().contains("empty")));
}

#[test]
fn every_size_has_a_whole_picture() {
    let sizes = [(800, 600), (1001, 613), (1170, 1560), (2560, 1440)];
    for (width, height) in sizes {
        let mut viewer = opened(&trace()).unwrap();
        viewer.resize(Size::new(width, height)).unwrap();
        for key in "a]5f?]l p,3+".chars() {
            press(&mut viewer, key);
            viewer.advance(100 * MILLISECOND);
            viewer.draw(|_, _, _| {});
        }
        let pixels = picture(&mut viewer);
        let missing = pixels.iter().filter(|&&pixel| pixel == u32::MAX).count();
        assert_eq!(missing, 0, "{width}x{height}");
    }
}
