//! Records: everything that the dashboard receives, in order. A trace file is a list of them.
//!
//! ```text
//! kernel: Dashboard ◄── events, ticks, actions, … ──► Record ──► trace file ──► another Dashboard
//! ```
//! Invariant: a dashboard that receives the same records draws the same pictures, byte for byte.
//! The encoding is postcard's: numbers of variable length, variants by their position. So the order
//! of the variants here, and of those of the types inside, is part of the format. A change of it
//! needs another [`VERSION`].

use crate::dashboard::Notice;
use crate::dashboard::actions::Action;
use crate::input::keyboard_layout::KeyboardLayout;
use crate::view::board::Board;
use crate::view::caption::{Caption, LessonEntry, Part};
use crate::view::figure::Figure;
use crate::view::map_mode::MapMode;
use crate::view::meter::FrameCosts;
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;
use heapless::Vec;
use serde::{Deserialize, Serialize};

/// The oldest version whose records are read: later versions have more variants at the end.
pub const OLDEST_VERSION: u16 = 2;
/// The version of the records.
pub const VERSION: u16 = 4;
/// The first bytes of a stream of records from a machine; the last is the version.
pub const MAGIC: [u8; 8] = *b"memviz\xe9\x04";
/// The maximum number of bytes of an encoded record, apart from texts that the host adds.
pub const RECORD_BYTES: usize = 2048;
/// The maximum number of characters of one [`Record::Text`].
pub const TEXT_CELLS: usize = 1024;
/// The maximum number of answers to choose from.
pub const CHOICES: usize = 4;

/// One input of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record<'a> {
    /// The machine and its screen. It comes first, and once.
    #[serde(borrow)]
    Start(Start<'a>),
    /// The kernel's command line, which the host adds.
    CommandLine(&'a str),
    /// The name of the next program, from number 0.
    Program(&'a str),
    /// A part of the address space begins here, and ends where the next one begins.
    Area(u64, &'a str),
    /// The next lesson of the list.
    #[serde(borrow)]
    Lesson(StoredLesson<'a>),
    /// A caption that an event after this record may show.
    #[serde(borrow)]
    Caption(StoredCaption<'a>),
    /// The function at an address of the kernel, for events after this record.
    Function(u64, &'a str),
    /// All events up to this number, without it, were applied.
    Events(u64),
    /// The time in nanoseconds since boot, before a picture.
    Tick(u64, FrameCosts),
    /// A picture was drawn, with the tip of the pointer here.
    Draw(Option<(u16, u16)>),
    /// An action of a key or of the mouse.
    Action(Action),
    /// The notice in the bar at the bottom.
    Notice(Option<Notice>),
    /// The keyboard has this layout.
    Keyboard(KeyboardLayout),
    /// The shell is shown or hidden.
    Shell(bool),
    /// The shell was scrolled by pages.
    TurnShell(i32),
    /// The next pictures are still, or normal again.
    Still(bool),
    /// Text on the terminal, as cells of the glyph atlas.
    Text(&'a [u8]),
    /// The line that the user types, without the prompt, and its cursor.
    Line(&'a str, u16),
    /// The host saves the screen under this name.
    Picture(&'a str),
    /// A whole comparison with the machine found this many mismatches.
    Mismatches(u64),
    /// Events were lost, and the model was rebuilt from the machine.
    Rebuilt(u64),
    /// The run ended. Nothing follows.
    End,
    /// The bookmark at this position has this name, or was removed. It changes nothing that the
    /// actions did not change.
    Bookmark(u64, Option<&'a str>),
}

/// The machine and its screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start<'a> {
    /// The version of the kernel.
    pub kernel: &'a str,
    /// The memory that is not reserved, in bytes.
    pub memory: u64,
    /// The number of frames, from address 0.
    pub frames: u64,
    /// The largest size of the heap, in bytes.
    pub heap_bytes: u64,
    /// The physical address of the history, for the host.
    pub history: u64,
    /// The number of events that the history holds.
    pub history_events: u64,
    /// The width of the screen in pixels.
    pub width: u32,
    /// The height of the screen in pixels.
    pub height: u32,
    /// The prompt of the shell.
    pub prompt: &'a str,
    /// The first palette.
    pub palette: &'a str,
    /// The first layout of the keyboard.
    pub keyboard: KeyboardLayout,
    /// True if the run starts in projector mode.
    pub projector: bool,
    /// True if the run is a classroom.
    pub classroom: bool,
    /// The name of the panel that is shown alone, or nothing.
    pub only: &'a str,
    /// The clock counts guest instructions: see [`Names`](crate::view::names::Names).
    pub counts_instructions: bool,
}

/// A [`LessonEntry`] with borrowed text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as in LessonEntry")]
pub struct StoredLesson<'a> {
    pub name: &'a str,
    pub title: &'a str,
    pub goal: &'a str,
    pub steps: u8,
    pub seconds: u16,
}

/// A [`Caption`] with borrowed text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as in Caption")]
pub struct StoredCaption<'a> {
    /// The number that the event carries.
    pub number: u32,
    pub lesson: &'a str,
    pub title: &'a str,
    pub step: u8,
    pub steps: u8,
    pub part: Part,
    pub words: &'a str,
    pub question: Option<&'a str>,
    #[serde(borrow)]
    pub choices: Vec<&'a str, CHOICES>,
    pub right: u8,
    pub is_answered: bool,
    pub because: &'a str,
    pub conceals: bool,
    pub board: Board,
    pub figure: Option<Figure>,
    pub mode: MapMode,
    pub selection: Option<Selection>,
    pub zoom: Option<Zoom>,
}

impl From<LessonEntry> for StoredLesson<'static> {
    fn from(entry: LessonEntry) -> StoredLesson<'static> {
        let LessonEntry {
            name,
            title,
            goal,
            steps,
            seconds,
        } = entry;
        StoredLesson {
            name,
            title,
            goal,
            steps,
            seconds,
        }
    }
}

impl<'a> StoredCaption<'a> {
    /// Returns the caption with this number, for a record.
    pub fn new(number: u32, caption: &'a Caption) -> StoredCaption<'a> {
        StoredCaption {
            number,
            lesson: caption.lesson,
            title: caption.title,
            step: caption.step,
            steps: caption.steps,
            part: caption.part,
            words: &caption.words,
            question: caption.question.as_deref(),
            choices: caption.choices.iter().copied().take(CHOICES).collect(),
            right: caption.right as u8,
            is_answered: caption.is_answered,
            because: caption.because,
            conceals: caption.conceals,
            board: caption.board,
            figure: caption.figure,
            mode: caption.mode,
            selection: caption.selection,
            zoom: caption.zoom,
        }
    }
}
