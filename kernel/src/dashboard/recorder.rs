//! Sends everything that the dashboard receives to the host, which may keep it as a trace file.
//!
//! ```text
//! session ──► Record ──postcard──► length, bytes ──► host port
//!                                                        │ "events up to 4,711"
//! history (guest memory) ◄──────── the host reads the events itself
//! ```
//! So an event costs the kernel nothing beyond its slot in the history. Invariant: the host has
//! read the events of a record before the history reuses their slots. The kernel announces events
//! in parts, at least [`PARTS`] for a whole history. The host reads fewer bytes at a time than that
//! many announcements have.

use crate::boot::options::Options;
use crate::keys;
use crate::lessons;
use crate::machine::{console, host_port};
use crate::measure::cost::Unit;
use crate::memory::heap::kernel_heap;
use crate::memory::map;
use crate::memory::paging::areas;
use crate::memory::physical::frames;
use crate::process::programs::Program;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use heapless::String;
use memviz::dashboard::record::{MAGIC, RECORD_BYTES, Record, Start, StoredCaption, TEXT_CELLS};
use memviz::graphics::theme::Theme;
use memviz::timeline::EventWords;
use memviz::view::terminal::{Line, Terminal};
use mm::event::{Event, Kind, Payload};

/// The minimum number of parts in which the kernel announces a whole history.
const PARTS: u64 = 16;
/// The maximum number of events of a part.
const LONGEST_PART: u64 = 1024;
/// The maximum size of the name of a picture in bytes.
const NAME_BYTES: usize = 96;

/// The sender, and what it has sent.
pub struct Recorder {
    is_on: bool,
    /// The number of events that the host knows of.
    events: u64,
    /// The maximum number of events that the host may not know of yet.
    part: u64,
    /// The number of characters of the terminal that were sent.
    cells: u64,
    line: Line,
    mismatches: u64,
}

impl Recorder {
    /// Sends the facts about this machine.
    pub fn new(
        history: &[EventWords],
        screen: Size,
        theme: &Theme,
        options: &Options<'_>,
    ) -> Recorder {
        let recorder = Recorder {
            is_on: host_port::exists(),
            events: 0,
            part: (history.len() as u64 / PARTS).clamp(1, LONGEST_PART),
            cells: 0,
            line: Line::default(),
            mismatches: 0,
        };
        if recorder.is_on {
            host_port::write(&MAGIC);
            recorder.send(&Record::Start(Start {
                kernel: env!("CARGO_PKG_VERSION"),
                memory: map::usable_bytes(),
                frames: frames::lock().frames() as u64,
                heap_bytes: kernel_heap::lock().statistics().maximum_bytes,
                history: history.as_ptr() as u64 - frames::direct_map().as_u64(),
                history_events: history.len() as u64,
                width: screen.width,
                height: screen.height,
                prompt: console::PROMPT,
                palette: theme.name,
                keyboard: keys::layout(options.keyboard),
                projector: options.projector,
                classroom: options.steps_by_space(),
                only: options.panel,
                counts_instructions: Unit::find() == Unit::Instructions,
            }));
            recorder.send_names();
        }
        recorder
    }

    fn send_names(&self) {
        for program in Program::ALL {
            self.send(&Record::Program(program.name()));
        }
        for start in areas::starts() {
            self.send(&Record::Area(start, areas::name(start)));
        }
        for lesson in (0..).map_while(lessons::entry) {
            self.send(&Record::Lesson(lesson.into()));
        }
    }

    /// Sends a record. Never inlined, so that its buffer is not in the stack frames of its callers.
    #[inline(never)]
    pub fn send(&self, record: &Record<'_>) {
        if !self.is_on {
            return;
        }
        let mut bytes = [0; 2 + RECORD_BYTES];
        let length = match postcard::to_slice(record, &mut bytes[2..]) {
            Ok(encoded) => encoded.len(),
            Err(error) => return log::error!("a record was not sent: {error}"),
        };
        bytes[..2].copy_from_slice(&(length as u16).to_le_bytes());
        host_port::write(&bytes[..2 + length]);
    }

    /// Notes that this event is the last of `end` events in the history.
    #[inline]
    pub fn applied(&mut self, words: &EventWords, end: u64) {
        if words[1] as u8 == Kind::Caption as u8 {
            self.caption(words);
        }
        if end - self.events >= self.part {
            self.announce(end);
        }
    }

    /// Sends the caption that this event shows.
    #[inline(never)]
    fn caption(&self, words: &EventWords) {
        if let Ok(event) = Event::from_words(*words)
            && let Payload::Caption { number, .. } = event.payload
            && let Some(caption) = lessons::caption(number)
        {
            self.send(&Record::Caption(StoredCaption::new(number, &caption)));
        }
    }

    /// Sends the number of events in the history.
    pub fn announce(&mut self, end: u64) {
        if end != self.events {
            self.events = end;
            self.send(&Record::Events(end));
        }
    }

    /// Sends the new text of the terminal.
    pub fn follow(&mut self, terminal: &Terminal) {
        if terminal.written() != self.cells {
            for cells in terminal.cells_since(self.cells) {
                for part in cells.chunks(TEXT_CELLS) {
                    self.send(&Record::Text(part));
                }
            }
            self.cells = terminal.written();
        }
        let line = terminal.line();
        if *line != self.line
            && let Some(text) = line.text.strip_prefix(console::PROMPT)
        {
            let cursor = line.cursor - console::PROMPT.len();
            self.send(&Record::Line(text, cursor as u16));
            self.line = line.clone();
        }
    }

    /// Sends that a picture was drawn, with the tip of the pointer here.
    pub fn drawn(&self, pointer: Option<Point>) {
        let tip = pointer.map(|at| (at.x as u16, at.y as u16));
        self.send(&Record::Draw(tip));
    }

    /// Sends the number of mismatches between picture and machine, if it has changed.
    pub fn compared(&mut self, mismatches: u64) {
        if mismatches != self.mismatches {
            self.mismatches = mismatches;
            self.send(&Record::Mismatches(mismatches));
        }
    }

    /// Sends the name of a picture that the host saves.
    pub fn picture(&self, name: fmt::Arguments<'_>) {
        let mut text = String::<NAME_BYTES>::new();
        // A name that is too long is cut.
        let _ = fmt::write(&mut text, name);
        self.send(&Record::Picture(&text));
    }
}
