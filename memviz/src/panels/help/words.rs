//! What the help says: keys, numbers and colours, in the order in which they stand on the screen.

use super::entry::Entry::{self, Color, Hatched, Heading, Key, Word};
use crate::graphics::theme::{Swatch, Theme};
use crate::model::OWNERS;
use crate::panels::PanelId;
use crate::panels::faults::short;
use crate::panels::frame_map::look;
use crate::view::map_mode::MapMode;
use mm::memory_map::MemoryKind;
use mm::paging::FaultCause;

/// Hands all entries out.
pub fn each<E>(theme: &Theme, mut put: impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
    KEYS.iter().try_for_each(|&entry| put(entry))?;
    put(Heading("COLOURS: OWNERS OF FRAMES AND BLOCKS (3 tags)"))?;
    for (owner, text) in OWNER_TEXTS.into_iter().enumerate() {
        put(Color(theme.owner(owner), text))?;
    }
    let free = look::empty(MapMode::Tags, theme);
    put(Color(free, "usable, and nobody's"))?;
    put(Color(
        look::not_usable(MapMode::State, theme),
        "what the memory map does not give out",
    ))?;
    put(Hatched(
        "differs",
        "the machine itself says otherwise than its events: an error",
    ))?;
    TAGS.iter().try_for_each(|&entry| put(entry))?;
    put(Heading("COLOURS: STATE, HEAT, REFERENCES (1 2 4)"))?;
    put(Color(
        look::boot(theme),
        "taken at boot and never given back",
    ))?;
    put(Color(look::used(theme), "handed out"))?;
    for (swatch, text) in look::heat_swatches(theme).into_iter().zip(HEAT_TEXTS) {
        put(Color(swatch, text))?;
    }
    let cold = look::empty(MapMode::Heat, theme);
    put(Color(cold, "not used for four seconds or more"))?;
    for (swatch, text) in look::reference_swatches(theme)
        .into_iter()
        .zip(REFERENCE_TEXTS)
    {
        put(Color(swatch, text))?;
    }
    put(Heading("COLOURS: REGIONS OF THE MEMORY MAP"))?;
    for (&kind, text) in MemoryKind::ALL.iter().zip(REGION_TEXTS) {
        let words = crate::panels::regions::short(kind);
        put(Color(
            Swatch {
                words,
                ..theme.region(kind)
            },
            text,
        ))?;
    }
    put(Heading("COLOURS: CAUSES OF PAGE FAULTS"))?;
    for (&cause, text) in FaultCause::ALL.iter().zip(CAUSE_TEXTS) {
        let words = short(cause);
        put(Color(
            Swatch {
                words,
                ..theme.fault(cause)
            },
            text,
        ))?;
    }
    put(Heading("COLOURS: PARTS OF AN ADDRESS, AND THEIR TABLES"))?;
    for (level, (letter, words, text)) in LEVELS.into_iter().enumerate() {
        let color = theme.level(level);
        put(Color(
            Swatch {
                color,
                letter,
                words,
            },
            text,
        ))?;
    }
    TOP_LINE.iter().try_for_each(|&entry| put(entry))?;
    let panels = PanelId::ALL.into_iter();
    panels
        .flat_map(PanelId::help)
        .try_for_each(|&entry| put(entry))
}

const KEYS: [Entry; 30] = [
    Heading("KEYS"),
    Key(
        "Space",
        "hold still, or go on; the past happens again; in the classroom: the next step",
    ),
    Key("←  →", "one event back, forward; now: one step"),
    Key("[  ]", "one lesson step back, forward"),
    Key("l", "the lessons: choose one with the arrows and Enter"),
    Key("Home", "the oldest event that is kept"),
    Key("End", "the present"),
    Key("b  n", "a bookmark here; on to the next one"),
    Key("1", "state of each frame: used, free, taken at boot"),
    Key("2", "heat: how lately each frame was used"),
    Key("3", "tags: whose each frame is"),
    Key("4", "references: how many share each frame"),
    Key("5  6", "overview; paging: pages, tables, processes"),
    Key("7  8  9", "the heap; over time; page faults"),
    Key("+  -", "the map nearer, down to single frames; back"),
    Key("0", "the map of all memory"),
    Key("w", "why was the last run of frames refused?"),
    Key("Tab", "the arrow keys go to the next panel"),
    Key("Enter", "that panel alone, or back"),
    Key("Esc", "out of it: panel, arrow keys, selection"),
    Key(",  .", "one event back, forward, wherever the arrows go"),
    Key("p", "for a projector: less and larger, or back"),
    Key("c", "the next palette"),
    Key("s", "save a picture"),
    Key(":", "the shell, below and on the serial line"),
    Key("?", "this help, or out of it"),
    Key("q", "power off; asks once"),
    Key("mouse", "tells what it points at; a click selects it"),
    Key("", "a click: a view, a key below, a place in time"),
    Key("", "its wheel: the map nearer, or through time; right: Esc"),
];

/// By bit of an owner.
const OWNER_TEXTS: [&str; OWNERS] = [
    "image, boot data and the allocators' own tables",
    "page tables of every level",
    "stacks of the kernel and of processes",
    "what the buddy heap cuts into blocks",
    "memory of processes",
    "buffers of this dashboard: the observer is seen too",
    "a cache, which gives back on demand",
    "buffers that a driver handed to a device",
];

const HEAT_TEXTS: [&str; 5] = [
    "used in every half second",
    "used in the last half second",
    "used a second ago: each half second without use halves the heat",
    "used two seconds ago",
    "used three seconds ago",
];

const REFERENCE_TEXTS: [&str; 4] = [
    "one owner",
    "two share the frame, until one of them writes",
    "three share it",
    "four or more share it",
];

/// By number of a kind.
const REGION_TEXTS: [&str; MemoryKind::ALL.len()] = [
    "memory that may be handed out",
    "the boot loader's, free after boot",
    "ACPI tables, free once they are read",
    "the kernel and its boot modules",
    "the screen's memory",
    "ACPI's, to be kept",
    "the firmware's or a device's",
    "broken memory",
];

/// By number of a cause.
const CAUSE_TEXTS: [&str; FaultCause::ALL.len()] = [
    "a page never mapped, or not any more: an overrun, or a use too late",
    "the first page: a null pointer",
    "first touch of a page: it gets a zeroed frame",
    "first write to a shared page: its frame is copied",
    "a write to a read-only page",
    "an instruction fetched from a page of data (NX)",
    "ring 3 touched a page of the kernel",
    "a reserved bit is set in a page-table entry",
    "nothing is mapped there, and nothing shall be",
    "a touch below a stack that may grow",
    "ring 0 touched a page of ring 3 unasked (SMAP, SMEP)",
];

/// The words that stand behind an owner: see
/// [`Tag::attribute_words`](mm::tag::Tag::attribute_words).
const TAGS: [Entry; 7] = [
    Heading("TAGS BESIDE THE OWNER"),
    Word("DMA-safe", "contiguous, below what a device can reach"),
    Word("driver", "mapped for a driver, at addresses of its own"),
    Word("lent", "lent to a device: nobody else may write to it"),
    Word("shared", "has more than one user"),
    Word("copied", "copied on write: whoever writes gets a copy"),
    Word("pinned", "taken at boot and never given back"),
];

/// By depth below CR3: letter, name, what it is.
const LEVELS: [(char, &str, &str); 5] = [
    (
        '4',
        "PML4",
        "bits 47 to 39: an entry of the root, for 512 GiB",
    ),
    (
        '3',
        "PDPT",
        "bits 38 to 30: for 1 GiB, or a page of that size",
    ),
    (
        '2',
        "PD",
        "bits 29 to 21: for 2 MiB, or a page of that size",
    ),
    ('1', "PT", "bits 20 to 12: a page of 4 KiB"),
    ('0', "page", "what is left: the offset in the page"),
];

const TOP_LINE: [Entry; 12] = [
    Heading("NUMBERS: TOP LINE"),
    Word("s", "seconds since boot"),
    Word(
        "events",
        "what allocators, page tables and fault handler told since boot",
    ),
    Word(
        "REPLAY",
        "the picture is of the past, so many events before now",
    ),
    Word(
        "unchecked",
        "the past cannot be compared with the machine as it is",
    ),
    Word("/s", "events in the last second"),
    Word("processes", "that live now"),
    Word(
        "lost",
        "events that came faster than they were read; the picture is then made anew",
    ),
    Word(
        "disagree",
        "places where picture and machine differ; compared every second",
    ),
    Word("fps", "pictures in the last second"),
    Word("/frame", "time to draw a picture, on average"),
    Word("MiB", "usable memory"),
];
