//! Tests of the dashboard with a naive machine. This file has the functions that they share.

use super::*;
use crate::dashboard::actions::Action;
use crate::graphics::canvas::Canvas;
use crate::graphics::theme::DARK;
use crate::graphics::theme::Theme;
use crate::input::keyboard_layout::KeyboardLayout;
use crate::model::{Fault, FirmwareRegion, Frame, HeapFrame, ModelStorage, Process, heap::Granule};
use crate::testing::{Machine, Move};
use crate::timeline::EVICTED_FAULTS;
use crate::view::caption::Caption;
use crate::view::caption::{LessonEntry, Part, Words};
use crate::view::changes::ChangesStorage;
use crate::view::map::{Cell, Subtotal};
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;
use mm::event::Payload;
use proptest::collection::vec;
use proptest::prelude::*;

mod ballot;
mod changes;
mod fitting;
mod followed;
mod heap_map;
mod inside;
mod naming;
mod pointed;
mod refused;
mod search;
mod shown_words;
mod travel;
mod truth;

const FRAMES: usize = 40_000;
const HEAP: usize = 4 << 20;
const HISTORY: usize = 400;
const SCREEN: Size = Size::new(800, 600);
/// The largest screen of any test.
const LARGEST: Size = Size::new(3840, 2160);
const UNTOUCHED: u32 = 0x12_fe_34;

pub(crate) fn with_dashboard<R>(work: impl FnOnce(&mut Dashboard) -> R) -> R {
    let needs = needs(FRAMES, HEAP, LARGEST).unwrap();
    let info = Info {
        caption: &caption,
        lessons: &lessons,
        memory: FRAMES as u64 * 4096,
        theme: &DARK,
        keyboard: KeyboardLayout::Us,
        names: Names {
            program: &|number| ["touch", "fork", "chaos"][usize::from(number) % 3],
            function: &|_| None,
            counts_instructions: true,
            area: &|address| match address {
                ..0x1000_0000 => "program",
                0x1000_0000..0x8000_0000_0000 => "stack",
                _ => "kernel",
            },
        },
        projector: false,
        only: None,
        classroom: false,
        from_trace: false,
    };
    let (mut slots, mut evicted) = (vec![[0; 4]; HISTORY], [Fault::default(); EVICTED_FAULTS]);
    let timeline = Timeline::new(&mut slots, &mut evicted);
    let work = |storage| work(&mut Dashboard::new(storage, timeline, SCREEN, info).unwrap());
    work(DashboardStorage {
        model: ModelStorage {
            frames: &mut vec![Frame::default(); needs.model.frames],
            granules: &mut vec![Granule::default(); needs.model.granules],
            heap_frames: &mut vec![HeapFrame::default(); needs.model.heap_frames],
            arena_blocks: &mut vec![Default::default(); needs.model.arena_blocks],
            faults: &mut vec![Fault::default(); needs.model.faults],
            firmware_map: &mut vec![FirmwareRegion::EMPTY; needs.model.firmware_map],
            tables: &mut vec![Default::default(); needs.model.tables],
            swapped_pages: &mut vec![Default::default(); needs.model.swapped_pages],
            swap_slots: &mut vec![Default::default(); needs.model.swap_slots],
            regions: &mut vec![Default::default(); needs.model.regions],
            processes: &mut vec![Default::default(); needs.model.processes],
        },
        changes: ChangesStorage {
            cells: &mut vec![Cell::default(); needs.changes.cells],
            accents: &mut vec![Default::default(); needs.changes.accents],
            dirty_cells: &mut vec![0; needs.changes.dirty_cells],
            subtotals: &mut vec![Subtotal::default(); needs.changes.subtotals],
            dirty_heap_frames: &mut vec![0; needs.changes.dirty_heap_frames],
        },
        samples: &mut vec![Default::default(); needs.samples],
        matches: &mut vec![0; HISTORY.div_ceil(64)],
    })
}

/// Calls `work` with a machine after these operations, and with a dashboard that got its events.
fn with_machine<R>(moves: &[Move], work: impl FnOnce(&mut Dashboard, &Machine) -> R) -> R {
    let machine = played(moves);
    with_dashboard(|dashboard| {
        let events = machine.events.iter();
        events.for_each(|event| dashboard.apply(event));
        work(dashboard, &machine)
    })
}

/// Returns a machine after these operations.
fn played(moves: &[Move]) -> Machine {
    let mut machine = Machine::new(FRAMES, HEAP as u64);
    machine.play(moves);
    machine
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    vec(any::<Move>(), 0..300)
}

/// Returns an event at time 0.
fn event(payload: Payload) -> Event {
    Event {
        time: 0,
        cpu: 0,
        site: 0,
        payload,
    }
}

/// Returns a caption event, a tenth of a second after the caption before it.
fn said(number: u32) -> Event {
    Event {
        time: u64::from(number) * 100_000_000,
        ..event(Payload::Caption {
            number,
            previous: number - 1,
        })
    }
}

/// Fills a screen with a colour that no panel uses, calls `work`, and returns the pixels.
fn painted(work: impl FnOnce(&mut Canvas)) -> Vec<u32> {
    painted_on(SCREEN, work)
}

fn painted_on(screen: Size, work: impl FnOnce(&mut Canvas)) -> Vec<u32> {
    let mut pixels = vec![UNTOUCHED; (screen.width * screen.height) as usize];
    let mut marks = vec![0; screen.height as usize];
    work(&mut Canvas::new(&mut pixels, &mut marks, screen).unwrap());
    pixels
}

const CAPTIONS: &[&str] = &[
    "one",
    "two",
    "three",
    "a caption that is so long that it does not fit into its line at all, on any screen, and must be cut somewhere",
];

/// Returns the captions by number, from 1 on. Each is a step of a lesson; numbers from 5 on belong
/// to a second lesson.
fn caption(number: u32) -> Option<Caption> {
    let (lesson, title, first) = match number {
        5.. => ("add", "Adding", 5),
        _ => ("count", "Counting", 1),
    };
    let at = number.checked_sub(first)? as usize;
    Some(Caption {
        lesson,
        title,
        step: at as u8 + 1,
        steps: CAPTIONS.len() as u8,
        part: if at == 2 {
            Part::Question
        } else {
            Part::Answer
        },
        words: Words::try_from(*CAPTIONS.get(at)?).ok()?,
        question: None,
        choices: if at == 2 {
            &["no", "yes", "sometimes"]
        } else {
            &[]
        },
        right: 1,
        is_answered: false,
        because: "",
        conceals: false,
        figure: None,
        board: if at == 2 {
            Board::Heap
        } else {
            Board::Overview
        },
        selection: (at == 1).then_some(Selection::Frames {
            first: 300,
            count: 2,
        }),
        zoom: (at == 3).then_some(Zoom {
            level: 2,
            middle: 9000,
        }),
        mode: if at == 1 {
            MapMode::Heat
        } else {
            MapMode::Tags
        },
    })
}

fn lessons(at: usize) -> Option<LessonEntry> {
    let entry = |name, title| LessonEntry {
        name,
        title,
        goal: "what is added to what, and how long that takes",
        steps: 4,
        seconds: 65,
    };
    [entry("add", "Adding"), entry("count", "Counting")]
        .get(at)
        .copied()
}
