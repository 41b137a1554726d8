//! The lines about frames: details of one frame, totals of several.

use super::lines::Lines;
use crate::graphics::theme::{Swatch, Theme};
use crate::model::Model;
use crate::model::firmware_map::{FRAME_BYTES, frames_of};
use crate::model::tables::{Entry, EntryPosition};
use crate::view::changes::Changes;
use crate::view::map::Cell;
use core::fmt;
use heapless::Vec;
use mm::memory_map::MemoryKind;
use mm::paging::Access;
use mm::tag::Tag;
use mm::tag::TagWords;
use mm::units::{Bytes, Count};
use x86_64::PhysAddr;

/// The maximum number of pages that are listed one by one.
const PAGES: usize = 3;

/// Adds the lines about one frame.
pub fn add_frame(lines: &mut Lines, theme: &Theme, model: &Model, number: usize) {
    let address = PhysAddr::new(number as u64 * FRAME_BYTES);
    let kind = model.firmware_map.kind_of(number as u64);
    let words = kind.map_or("in no region", |kind| kind.words());
    lines.add(
        "address",
        format_args!("{address:#x}, frame {}, {words}", Count(number as u64)),
    );
    let owner = FrameOwner::of(model, number);
    lines.add_with("owner", owner.swatch(theme), owner);
    let Some(frame) = model.frames.get(number) else {
        return;
    };
    lines.add(
        "references",
        format_args!(
            "{}, used {}, heat {} of 127",
            frame.references(),
            Times(frame.uses()),
            frame.heat().number()
        ),
    );
    if frame.differs() {
        lines.add("differs", "the machine reports another state");
    }
    add_pages(lines, model, address);
}

/// Adds the pages that map a frame. For a page table, adds the entries that point to it.
fn add_pages(lines: &mut Lines, model: &Model, frame: PhysAddr) {
    let mut lowest: Vec<(EntryPosition, Entry), { PAGES + 1 }> = Vec::new();
    let mut all = 0;
    for (place, entry) in model.tables.leading_to(frame) {
        all += 1;
        let at = lowest.partition_point(|(other, _)| *other < place);
        if at < PAGES {
            lowest.truncate(PAGES);
            // An omitted page needs no "more" line if its own line fits.
            let _ = lowest.insert(at, (place, entry));
        }
    }
    lowest.truncate(PAGES);
    if all == 0 {
        lines.add("mapped at", "no known page");
    }
    let rest = all - lowest.len();
    for (number, &(place, entry)) in lowest.iter().enumerate() {
        let label = match (number, entry.is_table) {
            (_, true) => "table for",
            (0, false) => "mapped at",
            (_, false) => "",
        };
        let more = if number + 1 == lowest.len() { rest } else { 0 };
        let at = At {
            frame,
            place,
            entry,
            more,
        };
        lines.add(label, at);
    }
    for &(place, _) in &lowest {
        add_heap(lines, model, place);
    }
}

/// Adds the heap blocks in a page of the heap.
fn add_heap(lines: &mut Lines, model: &Model, place: EntryPosition) {
    let offset = model
        .heap
        .start()
        .and_then(|start| place.base().as_u64().checked_sub(start.as_u64()));
    let frame = offset.and_then(|offset| model.heap.frames().get((offset / FRAME_BYTES) as usize));
    if let Some(frame) = frame.filter(|_| place.space == 0) {
        let (live, bytes) = (frame.live, Bytes(frame.bytes.into()));
        let noun = if live == 1 { "block" } else { "blocks" };
        lines.add("heap", format_args!("{live} live {noun}, {bytes} of it"));
    }
}

/// Adds totals of frames: addresses, sizes, owners.
pub fn add_cell(lines: &mut Lines, theme: &Theme, sum: &Cell, first: usize, count: usize) {
    let start = first as u64 * FRAME_BYTES;
    let bytes = count as u64 * FRAME_BYTES;
    let end = start + bytes;
    lines.add("address", format_args!("{start:#x}..{end:#x}"));
    let (all, size) = (Count(count as u64), Bytes(bytes));
    lines.add("frames", format_args!("{all}, {size}"));
    add_counts(lines, theme, sum);
}

/// Adds a region of the memory map, and its frames.
pub fn add_region(
    lines: &mut Lines,
    theme: &Theme,
    model: &Model,
    changes: &mut Changes,
    number: usize,
) {
    let Some(&region) = model.firmware_map.all().get(number) else {
        lines.add("", "no such region");
        return;
    };
    let start = region.start.as_u64();
    let end = u128::from(start) + u128::from(region.bytes);
    lines.add("address", format_args!("{start:#x}..{end:#x}"));
    let swatch = theme.region(region.kind);
    lines.add_with("kind", Some(swatch), region.kind.words());
    let (frames, bytes) = (Count(region.frames()), Bytes(region.bytes));
    lines.add("frames", format_args!("{frames}, {bytes}"));
    let known = model.frames.len() as u64;
    let frames = frames_of(&region);
    let frames = frames.start.min(known) as usize..frames.end.min(known) as usize;
    if frames.is_empty() {
        lines.add("", "past the frames of the allocator");
    } else {
        add_counts(lines, theme, &changes.sum(model, frames));
    }
}

fn add_counts(lines: &mut Lines, theme: &Theme, sum: &Cell) {
    let usable = sum.usable();
    let free = usable.saturating_sub(sum.used);
    lines.add(
        "in use",
        format_args!(
            "{} of {} usable, {} free",
            Count(sum.used.into()),
            Count(usable.into()),
            Count(free.into())
        ),
    );
    for (owner, &count) in sum.owners.iter().enumerate().filter(|owned| *owned.1 > 0) {
        let swatch: Swatch = theme.owner(owner);
        let count = Count(count.into());
        lines.add_with("", Some(swatch), format_args!("{count} {}", swatch.words));
    }
    if sum.shared > 0 {
        let shared = Count(sum.shared.into());
        lines.add("shared", format_args!("{shared} by two or more"));
    }
    if sum.warm > 0 {
        let warm = Count(sum.warm.into());
        lines.add("warm", format_args!("{warm} used recently"));
    }
}

/// Formats an entry of the page tables that points to a frame.
struct At {
    frame: PhysAddr,
    place: EntryPosition,
    entry: Entry,
    more: usize,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let At {
            frame,
            place,
            entry,
            more,
        } = self;
        let base = place.base();
        match (entry.is_table, place.level()) {
            (true, Some(level)) => {
                write!(
                    f,
                    "{} {base:#x}, below its {}",
                    Space(place.space),
                    level.words()
                )?;
            }
            (true, None) => write!(f, "{}: the root", Space(place.space))?,
            // A large page maps many frames: this is the address of this one.
            _ => write!(
                f,
                "{} {:#x} {}",
                Space(place.space),
                base + (*frame - entry.frame),
                Allowed(entry.access)
            )?,
        }
        match more {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}

/// Formats a number of times.
struct Times(u32);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("once"),
            times => write!(f, "{times} times"),
        }
    }
}

/// The owner of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameOwner {
    /// The owner that allocated it.
    Owner(Tag),
    /// It is free and can be allocated.
    Free,
    /// The frame allocator does not manage it: the kernel image, or memory that the firmware keeps.
    NotAllocatable(Option<MemoryKind>),
    /// The number is past the last known frame.
    Unknown,
}

impl FrameOwner {
    /// Returns the owner of the frame with this number.
    pub fn of(model: &Model, number: usize) -> FrameOwner {
        let kind = model.firmware_map.kind_of(number as u64);
        match model.frames.get(number) {
            None => FrameOwner::Unknown,
            Some(frame) if frame.is_used() => FrameOwner::Owner(frame.tag()),
            Some(_) if kind == Some(MemoryKind::Usable) => FrameOwner::Free,
            Some(_) => FrameOwner::NotAllocatable(kind),
        }
    }

    /// Returns the swatch of the owner.
    pub fn swatch(self, theme: &Theme) -> Option<Swatch> {
        match self {
            FrameOwner::Owner(tag) => Some(theme.tag(tag)),
            FrameOwner::Free => Some(theme.tag(Tag::empty())),
            FrameOwner::NotAllocatable(kind) => kind.map(|kind| theme.region(kind)),
            FrameOwner::Unknown => None,
        }
    }
}

impl fmt::Display for FrameOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            FrameOwner::Owner(tag) => TagWords(tag).fmt(f),
            FrameOwner::Free => f.write_str("none: free"),
            FrameOwner::NotAllocatable(Some(kind)) => {
                write!(f, "not allocatable: {}", kind.words())
            }
            FrameOwner::NotAllocatable(None) => f.write_str("not allocatable: in no region"),
            FrameOwner::Unknown => f.write_str("not memory of the allocator"),
        }
    }
}

/// Formats the owner of an address space.
pub struct Space(pub u32);

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("kernel"),
            number => write!(f, "process {number}"),
        }
    }
}

/// Formats the access rights of a page.
pub struct Allowed(pub Access);

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |access, letter| if self.0.contains(access) { letter } else { "-" };
        let (write, run) = (has(Access::WRITE, "w"), has(Access::EXECUTE, "x"));
        write!(f, "r{write}{run}")?;
        if self.0.contains(Access::COPY_ON_WRITE) {
            f.write_str(", copy-on-write")?;
        }
        Ok(())
    }
}
