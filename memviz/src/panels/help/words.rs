//! The entries of the help: keys, numbers and colours, in the order of the screen.

use super::entry::Entry::{self, Color, Hatched, Heading, Key, Word};
use crate::graphics::theme::{Swatch, Theme};
use crate::model::OWNERS;
use crate::panels::PanelId;
use crate::panels::faults::short;
use crate::panels::frame_map::look;
use crate::view::map_mode::MapMode;
use mm::memory_map::MemoryKind;
use mm::paging::FaultCause;

/// Passes each entry to `put`.
pub fn each<E>(theme: &Theme, mut put: impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
    KEYS.iter().try_for_each(|&entry| put(entry))?;
    put(Heading("COLOURS: OWNERS OF FRAMES AND BLOCKS (3 tags)"))?;
    for (owner, text) in OWNER_TEXTS.into_iter().enumerate() {
        put(Color(theme.owner(owner), text))?;
    }
    let free = look::empty(MapMode::Tags, theme);
    put(Color(free, "usable, without an owner"))?;
    put(Color(
        look::not_usable(MapMode::State, theme),
        "not usable according to the memory map",
    ))?;
    put(Hatched(
        "differs",
        "the machine state differs from its events: an error",
    ))?;
    TAGS.iter().try_for_each(|&entry| put(entry))?;
    frames(theme, &mut put)?;
    paging(theme, &mut put)?;
    STATE_LINE.iter().try_for_each(|&entry| put(entry))?;
    let panels = PanelId::ALL.into_iter();
    panels
        .flat_map(PanelId::help)
        .try_for_each(|&entry| put(entry))
}

/// Passes the colours of frames to `put`: state, heat, references, and kinds of memory.
fn frames<E>(theme: &Theme, put: &mut impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
    put(Heading("COLOURS: STATE, HEAT, REFERENCES (1 2 4)"))?;
    put(Color(look::boot(theme), "reserved at boot and never freed"))?;
    put(Color(look::used(theme), "allocated"))?;
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
    Ok(())
}

/// Passes the colours of page faults and of the parts of an address to `put`.
fn paging<E>(theme: &Theme, put: &mut impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
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
    Ok(())
}

const KEYS: &[Entry] = &[
    Heading("TIME"),
    Key(
        "Space",
        "pause or resume; replay in the past; in the classroom: next step",
    ),
    Key(
        "←  →",
        "to the last, next visible change; in the present: one step",
    ),
    Key(",  .", "one event back, forward, visible or not"),
    Key("[  ]", "one lesson step back, forward"),
    Key("Home  End", "the oldest event of the history; the present"),
    Key("b  n", "set or remove a bookmark; go to the next"),
    Key("B", "set a bookmark with a name: type it, then Enter"),
    Key(
        "d",
        "changes since the last bookmark, or those of the lesson step",
    ),
    Key(
        "/",
        "search the history: words, 0x1000, process 3, …; then n and N",
    ),
    Heading("LESSONS"),
    Key("l", "the lessons: choose one with the arrows and Enter"),
    Key("a  b  c  d", "an answer, while a question is open"),
    Key(
        "1  2  a",
        "digits before a letter: votes of the class for this answer",
    ),
    Key("f", "the next figure, or the board"),
    Key("p", "projector mode: fewer and larger panels"),
    Heading("WHAT IS SHOWN"),
    Key("5  6", "overview; paging: pages, tables, processes"),
    Key("7  8  9", "the heap; over time; page faults"),
    Key("1", "state of each frame: used, free, reserved at boot"),
    Key("2", "heat: recent use of each frame"),
    Key("3", "tags: owner of each frame"),
    Key("4", "references: reference count of each frame"),
    Key(
        "+  -  0",
        "zoom the map in, down to single frames; out; all memory",
    ),
    Key("w", "reason of the last refused run of frames"),
    Heading("CHOOSING"),
    Key("Tab", "next panel for the arrow keys"),
    Key("Enter", "that panel alone, or all panels"),
    Key("Esc", "leave the panel, the arrow keys, the selection"),
    Word("mouse", "details of the item under it; a click selects it"),
    Word("", "click: a view, a key, an answer, a point in time"),
    Word("", "wheel: zoom of the map, or time; right: Esc"),
    Heading("THE SCREEN AND THE MACHINE"),
    Key("c", "the next palette"),
    Key("s", "save a screenshot"),
    Key(":", "the shell, below and on the serial line"),
    Key("k", "the next keyboard layout: US, UK, German, French, …"),
    Key("?", "open or close this help"),
    Key("q", "power off, after a second q"),
];

/// By the bit of the owner.
const OWNER_TEXTS: [&str; OWNERS] = [
    "image, boot data and tables of the allocators",
    "page tables of every level",
    "stacks of the kernel and of processes",
    "pages of the buddy heap",
    "memory of processes",
    "buffers of this dashboard",
    "a cache, which frees memory on demand",
    "buffers of a driver for a device",
];

const HEAT_TEXTS: [&str; 5] = [
    "used in every half second",
    "used in the last half second",
    "used one second ago: heat halves every half second without use",
    "used two seconds ago",
    "used three seconds ago",
];

const REFERENCE_TEXTS: [&str; 4] = [
    "one user",
    "two users, until one of them writes",
    "three users",
    "four or more users",
];

/// By the number of the kind.
const REGION_TEXTS: [&str; MemoryKind::ALL.len()] = [
    "memory for the allocator",
    "boot loader memory, free after boot",
    "ACPI tables, free after they are read",
    "the kernel and its boot modules",
    "framebuffer of the screen",
    "ACPI memory, never free",
    "firmware or device memory",
    "defective memory",
];

/// By the number of the cause.
const CAUSE_TEXTS: [&str; FaultCause::ALL.len()] = [
    "a page that was never mapped, or is no longer: overrun or use after free",
    "the first page: a null pointer",
    "first access to a page: it gets a zeroed frame",
    "first write to a shared page: its frame is copied",
    "a write to a read-only page",
    "instruction fetch from a no-execute page",
    "ring 3 accessed a page of the kernel",
    "a reserved bit is set in a page-table entry",
    "an address in no region",
    "access below a stack that may grow",
    "ring 0 accessed a page of ring 3 (SMAP, SMEP)",
    "a page whose content is in swap: it is read back",
];

/// The words after an owner: see [`Tag::attribute_words`](mm::tag::Tag::attribute_words).
const TAGS: [Entry; 7] = [
    Heading("TAGS BESIDE THE OWNER"),
    Word(
        "DMA-safe",
        "contiguous, at addresses that a device can reach",
    ),
    Word("driver", "mapped by a driver, at its own addresses"),
    Word("lent", "lent to a device: no other writes allowed"),
    Word("shared", "used by several owners"),
    Word("copied", "copy-on-write: a write makes a private copy"),
    Word("pinned", "reserved at boot and never freed"),
];

/// By depth below CR3: letter, name, explanation.
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
    ('0', "page", "bits 11 to 0: the offset within the page"),
];

const STATE_LINE: [Entry; 9] = [
    Heading("NUMBERS: STATE, ABOVE THE HISTORY"),
    Word("s", "seconds since boot"),
    Word(
        "events",
        "events of allocators, page tables and fault handler since boot; with –, events before now",
    ),
    Word("/s", "events in the last second"),
    Word("fps", "pictures in the last second"),
    Word("/frame", "mean time to draw a picture"),
    Word(
        "✓",
        "picture and machine agree; compared every second, in the present only",
    ),
    Word("differs", "entries in which picture and machine differ"),
    Word(
        "lost",
        "events that the ring dropped; the picture is then rebuilt from the machine",
    ),
];
