//! The words of captions, with the figures of the moment in them.
//!
//! ```text
//! "{copied} frame is copied, to {copy}"  +  notes  ──►  "1 frame is copied, to 0x1f3000"  ──► kept under a serial number
//! ```
//! An event has no room for words: it carries a number, of which a part is serial. So captions that
//! were said can be read again in the past, with the figures that they had then. What is not kept
//! any more shows `…` for each figure.

use core::fmt::{self, Write};
use heapless::LinearMap;
use memviz::units;
use memviz::view::caption::Words;
use memviz::view::selection::Selection;
use memviz::view::zoom::Zoom;
use mm::heap::fragmentation::Thousandths;
use spin::Mutex;

/// Captions that are kept.
const KEPT: usize = 128;
/// Figures that a lesson can note.
const NOTES: usize = 40;

/// A figure of a lesson, and so how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// `48,211`
    Count(u64),
    /// `0x1f3000`
    Address(u64),
    /// `1.5 KiB`
    Bytes(u64),
    /// `33.3 %`
    Share(Thousandths),
    /// `26.8 %`
    Percent { part: u64, whole: u64 },
    /// As it is.
    Text(&'static str),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Note::Count(count) => units::Count(count).fmt(f),
            Note::Address(address) => write!(f, "{address:#x}"),
            Note::Bytes(bytes) => units::Bytes(bytes).fmt(f),
            Note::Share(share) => share.fmt(f),
            Note::Percent { part, whole } => units::Percent { part, whole }.fmt(f),
            Note::Text(text) => f.write_str(text),
        }
    }
}

/// Figures by name.
pub type Notes = LinearMap<&'static str, Note, NOTES>;

/// Puts the figures in their places. A figure that nobody noted is `…`.
pub fn fill(template: &str, notes: &Notes) -> Words {
    let mut words = Words::new();
    // What does not fit is cut.
    let _ = write_filled(&mut words, template, notes);
    words
}

/// The first figure that the template has a place for and nobody noted.
pub fn missing<'t>(template: &'t str, notes: &Notes) -> Option<&'t str> {
    let mut names = template.split('{').skip(1);
    names.find_map(|rest| {
        let name = rest.split_once('}').map_or(rest, |(name, _)| name);
        notes.get(name).is_none().then_some(name)
    })
}

fn write_filled(words: &mut Words, template: &str, notes: &Notes) -> fmt::Result {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        words.write_str(before)?;
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match notes.get(name) {
            Some(note) => write!(words, "{note}")?,
            None => words.write_str("…")?,
        }
        rest = after;
    }
    words.write_str(rest)
}

/// A caption that was said.
#[derive(Clone)]
pub struct Said {
    /// Its words, with the figures of then.
    pub words: Words,
    /// What they are about.
    pub selection: Option<Selection>,
    /// The part of memory in which it can be seen.
    pub zoom: Option<Zoom>,
}

/// What was said last: a ring by serial number.
struct Log {
    next: u16,
    kept: [Option<(u16, Said)>; KEPT],
}

static LOG: Mutex<Log> = Mutex::new(Log {
    next: 0,
    kept: [const { None }; KEPT],
});

/// Keeps a caption: its serial number.
pub fn keep(said: Said) -> u16 {
    let mut log = LOG.lock();
    let serial = log.next;
    log.next = serial.wrapping_add(1);
    log.kept[usize::from(serial) % KEPT] = Some((serial, said));
    serial
}

/// The caption with this serial number, if it is kept.
pub fn kept(serial: u16) -> Option<Said> {
    match &LOG.lock().kept[usize::from(serial) % KEPT] {
        Some((kept, said)) if *kept == serial => Some(said.clone()),
        _ => None,
    }
}
