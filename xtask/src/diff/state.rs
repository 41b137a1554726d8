//! The state of memory at a moment, as objects with names.
//!
//! Invariant: an object has the same key in every state, so states can be compared key by key.

use std::collections::BTreeMap;
use std::fmt;

use memviz::model::Model;
use mm::paging::{Access, FaultCause};
use mm::tag::{Tag, TagWords};
use x86_64::VirtAddr;

use crate::numbers::grouped;

/// The key of an object: up to three numbers, the most significant first.
pub type Key = [u64; 3];
/// The objects of a kind, each with its state in words.
pub type Objects = BTreeMap<Key, String>;

/// A kind of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Frames with an owner, by address.
    Frames,
    /// Mapped pages, and pages in swap, by process and address.
    Pages,
    /// Live blocks of the kernel heap, by address.
    Blocks,
    /// Live blocks of arenas, by arena and address.
    Arenas,
    /// Page tables, by process, address and depth.
    Tables,
    /// Swap slots with a page, by number.
    Slots,
    /// Page faults since boot, by process, address and cause.
    Faults,
}

/// The moment of a state.
#[derive(Debug)]
pub struct At {
    pub file: String,
    pub events: u64,
    pub time: u64,
}

/// The state of memory at a moment.
pub struct State {
    pub moment: At,
    /// The number of frames, with and without an owner.
    pub frame_count: u64,
    objects: [Objects; 7],
}

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::Frames,
        Kind::Pages,
        Kind::Blocks,
        Kind::Arenas,
        Kind::Tables,
        Kind::Slots,
        Kind::Faults,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Kind::Frames => "frames",
            Kind::Pages => "pages",
            Kind::Blocks => "blocks",
            Kind::Arenas => "arenas",
            Kind::Tables => "tables",
            Kind::Slots => "slots",
            Kind::Faults => "faults",
        }
    }

    /// Returns the name of an object.
    pub fn name(self, [first, second, third]: Key) -> String {
        let process = || match first {
            0 => "kernel".into(),
            _ => format!("process {first}"),
        };
        match self {
            Kind::Frames | Kind::Blocks => format!("{first:#x}"),
            Kind::Arenas => format!("{second:#x}"),
            Kind::Slots => format!("slot {first}"),
            Kind::Pages => format!("{} {second:#x}", process()),
            Kind::Tables => {
                let level = ["PML4", "PDPT", "PD", "PT"].get(third as usize);
                format!("{} {} {second:#x}", process(), level.unwrap_or(&"table"))
            }
            Kind::Faults => {
                let cause = FaultCause::from_number(third as u8);
                let cause = cause.map_or("fault", FaultCause::words);
                format!("{} {second:#x} {cause}", process())
            }
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (milliseconds, events) = (self.time / 1_000_000, grouped(self.events));
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        write!(f, "{} at {seconds}.{rest:03} s, {events} events", self.file)
    }
}

impl State {
    pub fn new(moment: At, model: &Model, faults: BTreeMap<Key, u64>) -> State {
        let times = |count: u64| match count {
            1 => "once".to_string(),
            _ => format!("{} times", grouped(count)),
        };
        let faults = faults.into_iter();
        State {
            moment,
            frame_count: model.frames.len() as u64,
            objects: [
                frames(model),
                pages(model),
                blocks(model),
                arenas(model),
                tables(model),
                slots(model),
                faults.map(|(key, count)| (key, times(count))).collect(),
            ],
        }
    }

    /// Returns the objects of a kind.
    pub fn of(&self, kind: Kind) -> &Objects {
        &self.objects[kind as usize]
    }
}

fn frames(model: &Model) -> Objects {
    let used = (0..).zip(model.frames.all());
    let used = used.filter(|(_, frame)| frame.is_used());
    let object = |(number, frame): (u64, &memviz::model::Frame)| {
        let (tag, references) = (TagWords(frame.tag()), frame.references());
        let plural = if references == 1 { "" } else { "s" };
        let words = format!("{tag}, {references} reference{plural}");
        ([number * 4096, 0, 0], words)
    };
    used.map(object).collect()
}

fn pages(model: &Model) -> Objects {
    let pages = model.tables.all().filter(|(_, entry)| !entry.is_table);
    let object = |(position, entry): (memviz::model::EntryPosition, memviz::model::Entry)| {
        let key = [position.space.into(), position.base().as_u64(), 0];
        let bytes = position.page_size().map_or(0, |size| size.bytes());
        let (frame, access) = (entry.frame, access(entry.access));
        (
            key,
            format!("{} KiB at {frame:#x} {access}", grouped(bytes / 1024)),
        )
    };
    let in_swap = model.swap.all_pages().map(|(space, page, slot)| {
        let key = [space.into(), page.as_u64(), 0];
        (key, format!("in swap slot {slot}"))
    });
    pages.map(object).chain(in_swap).collect()
}

fn blocks(model: &Model) -> Objects {
    let heap = &model.heap;
    let object = |block: memviz::model::Block| {
        let owner = Tag::from_bits_truncate(1 << block.owner?);
        let address: VirtAddr = heap.address(block.granule);
        let (requested, bytes) = (block.requested.into(), block.bytes());
        let words = format!(
            "{} of {} B for {}",
            grouped(requested),
            grouped(bytes),
            TagWords(owner)
        );
        Some(([address.as_u64(), 0, 0], words))
    };
    heap.blocks().filter_map(object).collect()
}

fn arenas(model: &Model) -> Objects {
    let arenas = &model.arenas;
    let mut objects = Objects::new();
    for arena in arenas.all() {
        objects.extend(arenas.blocks(arena).iter().map(|block| {
            let words = format!(
                "{} of {} B for {}, {}",
                grouped(block.requested.into()),
                grouped(block.bytes.into()),
                TagWords(Tag::from_bits_truncate(1 << block.owner)),
                arena.strategy.words()
            );
            ([arena.start.as_u64(), block.address, 0], words)
        }));
    }
    objects
}

fn slots(model: &Model) -> Objects {
    let slots = (0..model.swap.slots()).map(|number| (number, model.swap.slot(number)));
    let used = slots.filter(|(_, stored)| stored.users > 0);
    let object = |(number, stored): (u32, memviz::model::swap::StoredPage)| {
        let plural = if stored.users == 1 { "" } else { "s" };
        let bytes = grouped(stored.bytes.into());
        let words = format!("{bytes} B, {} user{plural}", stored.users);
        ([number.into(), 0, 0], words)
    };
    used.map(object).collect()
}

fn tables(model: &Model) -> Objects {
    let tables = model.tables.all().filter(|(_, entry)| entry.is_table);
    let object = |(position, entry): (memviz::model::EntryPosition, memviz::model::Entry)| {
        let depth = u64::from(position.depth);
        let key = [position.space.into(), position.base().as_u64(), depth];
        (key, format!("at {:#x}", entry.frame))
    };
    tables.map(object).collect()
}

/// Returns access rights as `rwx user`.
fn access(access: Access) -> String {
    let letter = |right, letter| if access.contains(right) { letter } else { '-' };
    let (write, execute) = (letter(Access::WRITE, 'w'), letter(Access::EXECUTE, 'x'));
    let mut words = format!("r{write}{execute}");
    for (right, word) in [
        (Access::USER, " user"),
        (Access::COPY_ON_WRITE, " copy-on-write"),
    ] {
        if access.contains(right) {
            words += word;
        }
    }
    words
}
