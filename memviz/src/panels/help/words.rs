//! What the help says: keys, numbers and colours, in the order in which they stand on the screen.

use super::entry::Entry::{self, Color, Hatched, Heading, Key, Word};
use crate::graphics::theme::{Swatch, Theme};
use crate::model::OWNERS;
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
    NUMBERS.iter().try_for_each(|&entry| put(entry))?;
    PAGES.iter().try_for_each(|&entry| put(entry))
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

/// Of the panels about address spaces.
const PAGES: [Entry; 25] = [
    Heading("NUMBERS: PAGE WALK"),
    Word("47 … 39", "which bits of the address; then the bits"),
    Word("PML4  64", "a table, and which of its 512 entries"),
    Word("at 0x…", "physical address of the table, of the page"),
    Word(
        "present …",
        "what the entry allows; a page allows what every level does",
    ),
    Word("combining", "write-combining: writes are put together"),
    Word("→ 0x…", "where the address leads to"),
    Heading("NUMBERS: ADDRESS SPACES"),
    Word(
        "a cell",
        "a page; 2, 4, 8 … where a row is too large for that",
    ),
    Word("copied …", "present, and the first write copies its frame"),
    Word("not touched", "the first touch brings a frame"),
    Word("guard page", "never mapped, to catch overruns"),
    Word("selected", "the page, and all that have the same frame"),
    Word("▶", "the last events were about this space"),
    Word(
        "kernel's half",
        "each part to its own scale; a cell is looked up at its first page",
    ),
    Heading("NUMBERS: PROCESSES"),
    Word("no  of", "a process by its number, and who forked it"),
    Word(
        "state",
        "ready, asleep, ended; begins: its space is being made",
    ),
    Word("pages", "that are mapped in its half, of all sizes"),
    Word(
        "shared",
        "of these, with a frame of more than one reference",
    ),
    Word("copied", "of these, the first write copies the frame"),
    Word("tables", "page tables of all levels, its own"),
    Word("faults", "its page faults, modulo 16,777,216"),
    Word("since", "when it began"),
    Word("not listed", "processes that there was no room for"),
];

const NUMBERS: [Entry; 91] = [
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
    Heading("NUMBERS: PHYSICAL MEMORY"),
    Word(
        "1 cell",
        "so many frames; filled from below as far as they are used",
    ),
    Word("0x…", "physical address of the row's first frame"),
    Word("mean", "of references, over the used frames of a cell"),
    Word(
        "zoom",
        "how much nearer than all of memory; the line below shows which part",
    ),
    Word(
        "brighter",
        "changed lately: fades in three quarters of a second of the events' own time; stays while nothing happens",
    ),
    Word(
        "U 2 …",
        "in large cells: the legend's letter, and references from 2 on; the level of heat; references",
    ),
    Word(
        "outlined",
        "frames of what is selected; with w the best place for the run, and what is in its way",
    ),
    Word("differs", "frames that the machine says are otherwise"),
    Heading("NUMBERS: DETAIL, WHY NOT?"),
    Word("used", "how often a frame was allocated, shared or mapped"),
    Word(
        "heat",
        "how lately it was used: 127 is all the time, halved each half second",
    ),
    Word(
        "mapped at",
        "pages that lead to the frame: whose, where, and what they allow",
    ),
    Word(
        "0.000 s",
        "the last events at the frame, of the last 20,000 in all",
    ),
    Word(
        "quarantine",
        "event: given back and poisoned, kept from others for a while",
    ),
    Word(
        "corruption",
        "event: a corruption was detected: out of bounds, use after free, double or wild free",
    ),
    Word(
        "piece",
        "free frames side by side, below the ceiling of the request",
    ),
    Word(
        "index",
        "Linux's fragmentation index: -1 it can be had; near 0 too little is free, near 1 it is in too many pieces",
    ),
    Word(
        "unusable",
        "Linux's unusable free index: the share of free frames in aligned blocks too small for the run",
    ),
    Word(
        "in the way",
        "fewest frames in use in any aligned place that has nothing for good in it",
    ),
    Heading("NUMBERS: FRAMES (4 KiB EACH)"),
    Word("usable", "all that may be handed out: 100 %"),
    Word("at boot", "taken for good before the allocator began"),
    Word("since then", "handed out and not given back"),
    Word("free", "nobody's"),
    Word("refused", "requests that could not be met"),
    Word("shared frames", "with more than one reference"),
    Word(
        "guard regions",
        "ranges that are never mapped, to catch overruns",
    ),
    Word("mapped pages", "in all address spaces, of all sizes"),
    Word("of 2 MiB …", "large ones among them"),
    Word("writable", "pages that may be written"),
    Word("executable", "pages that may be run"),
    Word("of ring 3", "pages that processes may touch"),
    Word("both W and X", "written and run: should be 0"),
    Heading("NUMBERS: BUDDY HEAP"),
    Word("of … MiB", "what the heap has now, and may grow to"),
    Word("live", "bytes, and blocks of each size, in use"),
    Word("free", "bytes, and blocks of each size, not in use"),
    Word("largest", "the largest free block"),
    Word("blocks", "blocks in use"),
    Word(
        "asked",
        "what was asked for, of what the live blocks hold; the rest is lost to rounding up",
    ),
    Word("refused", "requests that could not be met"),
    Word("size", "of a block: 64 B times a power of two"),
    Word("1 cell", "so many bytes; a dark line where a block begins"),
    Word("refs", "live blocks that touch a frame, 64 at most"),
    Word(
        "waste",
        "of what blocks hold, what nobody asked for: dark or striped",
    ),
    Heading("NUMBERS: BUDDY TREE, ORDERS"),
    Word(
        "a row",
        "all blocks of an order; below each, its two halves",
    ),
    Word("buddy", "the other half: two free ones are merged at once"),
    Word(
        "chunk",
        "1 MiB, by which the heap grows; the strip: how full",
    ),
    Word(
        "index",
        "unusable free space (Linux): of the free bytes, those in smaller pieces; 0 to 1",
    ),
    Heading("NUMBERS: HEAPS SIDE BY SIDE"),
    Word(
        "external",
        "of what is free, what is not in the largest piece",
    ),
    Word("taken", "bytes in live blocks"),
    Word(
        "splits",
        "blocks halved, and pairs merged; free lists have none",
    ),
    Word(
        "ahead",
        "least refused, then least taken, then largest free piece",
    ),
    Heading("NUMBERS: OVER TIME"),
    Word(
        "now  then",
        "the last sample; in the past, that of the marked moment",
    ),
    Word("… to …", "least and most in the half minute that is shown"),
    Word(
        "top",
        "where the axis ends; what is higher is cut off and warns",
    ),
    Word(
        "heap",
        "green was asked for, above it what blocks hold beyond",
    ),
    Heading("NUMBERS: FAULT STORY"),
    Word("P W U R I", "the bits of the CPU's error code"),
    Word("[ 95]", "number of the entry, 0 to 511, in its table"),
    Word(
        "rw ro",
        "writable, read-only; nx: no code; cow: copy on write",
    ),
    Word(
        "past the…",
        "bytes between the touch and the end of what is guarded",
    ),
    Heading("NUMBERS: PAGE FAULTS"),
    Word("so far", "faults since boot; letters below: by cause"),
    Word("on average", "time in the handler"),
    Word("time", "when it came, in seconds since boot"),
    Word("address", "what was touched"),
    Word("cause", "what it means"),
    Word("outcome", "what the handler did"),
    Word("cost", "time in the handler"),
    Word(
        "where",
        "the function that touched it; ring 3: the address of its instruction",
    ),
    Heading("NUMBERS: MEMORY MAP"),
    Word(
        "regions",
        "ranges that the firmware told, cleaned up and sorted",
    ),
    Word("0x…  MiB", "where a region begins, and its size"),
    Word(
        "the bar",
        "usable memory to scale; small regions widened to be seen",
    ),
];
