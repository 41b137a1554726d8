//! The words of captions, with the figures that the lesson noted.
//!
//! ```text
//! "{copied} frame is copied, to {copy}"  +  notes  ──►  "1 frame is copied, to 0x1f3000"
//!                                                           └► stored under a serial number
//! ```
//! An event has no room for words, so it carries a number, part of which is a serial number. In the
//! past a caption shows the figures that it had then. A caption that is no longer stored shows `…`
//! for each figure.

use crate::lock::Mutex;
use core::fmt::{self, Write};
use heapless::LinearMap;
use memviz::view::caption::Words;
use memviz::view::selection::Selection;
use memviz::view::zoom::Zoom;
use mm::heap::fragmentation::Thousandths;
use mm::units;

/// The maximum number of captions that are stored.
const STORED: usize = 128;
const _: () = assert!((u16::MAX as usize + 1).is_multiple_of(STORED));
/// The maximum number of figures that a lesson can note.
const NOTES: usize = 40;

/// A figure of a lesson; its kind determines its format.
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
    /// `0.937`, from thousandths.
    Index(u32),
    /// The text as it is.
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
            Note::Index(index) => write!(f, "{}.{:03}", index / 1000, index % 1000),
            Note::Text(text) => f.write_str(text),
        }
    }
}

/// Figures by name.
pub type Notes = LinearMap<&'static str, Note, NOTES>;

/// Replaces each name in braces by its figure, or by `…` if the figure was not noted.
pub fn fill(template: &str, notes: &Notes) -> Words {
    let mut words = Words::new();
    // Text that does not fit is cut.
    let _ = write_filled(&mut words, template, notes);
    words
}

/// Returns the first name in braces whose figure was not noted.
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

/// A caption that was shown.
#[derive(Clone)]
pub struct StoredCaption {
    /// Its words, with the figures of that moment.
    pub words: Words,
    /// The question that they answer.
    pub question: Option<Words>,
    /// The subject of the caption, selected on the screen.
    pub selection: Option<Selection>,
    /// The part of memory that the frame map shows.
    pub zoom: Option<Zoom>,
}

/// The last captions: a ring, indexed by serial number.
struct Log {
    next: u16,
    stored: [Option<(u16, StoredCaption)>; STORED],
}

static LOG: Mutex<Log> = Mutex::new(Log {
    next: 0,
    stored: [const { None }; STORED],
});

/// Stores a caption and returns its serial number.
pub fn store(caption: StoredCaption) -> u16 {
    let mut log = LOG.lock();
    let serial = log.next;
    log.next = serial.wrapping_add(1);
    log.stored[usize::from(serial) % STORED] = Some((serial, caption));
    serial
}

/// For a test: sets the next serial number. Returns the one before.
pub fn set_next_for_test(serial: u16) -> u16 {
    core::mem::replace(&mut LOG.lock().next, serial)
}

/// Returns the caption with this serial number, if it is still stored.
pub fn stored(serial: u16) -> Option<StoredCaption> {
    match &LOG.lock().stored[usize::from(serial) % STORED] {
        Some((stored, caption)) if *stored == serial => Some(caption.clone()),
        _ => None,
    }
}
