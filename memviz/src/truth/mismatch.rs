//! A difference between the model and the machine: both states, and the last event there.

use super::ground::TrueBlock;
use crate::model::heap::FRAME_BYTES;
use crate::model::swap::StoredPage;
use crate::model::{Block, Entry, EntryPosition, Frame, Mappings, Process, WatchedWord};
use core::fmt;
use mm::event::Event;
use mm::memory_map::FirmwareRegion;
use mm::paging::Region;
use mm::units::Moment;
use x86_64::VirtAddr;

/// A difference between picture and machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// A frame.
    Frame {
        /// Its number.
        number: usize,
        /// The state in the picture.
        picture: Frame,
        /// The state of the machine.
        machine: Frame,
        /// The last event there, if it is in the history: see [`Mismatch::remember`].
        last: Option<Event>,
    },
    /// A heap block.
    Block {
        /// The offset in the heap.
        offset: u64,
        /// The state in the picture.
        picture: Option<Block>,
        /// The state of the machine.
        machine: Option<TrueBlock>,
    },
    /// The size of the heap or the bytes requested in it.
    Heap {
        /// The state in the picture: size and requested bytes.
        picture: (u64, u64),
        /// The state of the machine.
        machine: (u64, u64),
    },
    /// A region of the memory map.
    FirmwareRegion {
        /// The state in the picture.
        picture: Option<FirmwareRegion>,
        /// The state of the machine.
        machine: Option<FirmwareRegion>,
    },
    /// The counts over the page tables.
    Mappings {
        /// The state in the picture.
        picture: Mappings,
        /// The state of the machine.
        machine: Mappings,
    },
    /// An entry of the page tables.
    Entry {
        /// Its position.
        position: EntryPosition,
        /// The state in the picture.
        picture: Option<Entry>,
        /// The state of the machine.
        machine: Option<Entry>,
        /// The last event at the frame that it maps, if it is in the history.
        last: Option<Event>,
    },
    /// A region.
    Region {
        /// The process whose space it is in.
        space: u32,
        /// The state in the picture.
        picture: Option<Region>,
        /// The state of the machine.
        machine: Option<Region>,
    },
    /// Four watched bytes.
    Bytes {
        /// The bytes in the picture.
        picture: Option<WatchedWord>,
        /// The bytes of the machine.
        machine: Option<WatchedWord>,
    },
    /// A page whose entry names a swap slot.
    SwappedPage {
        /// The process whose page it is.
        space: u32,
        /// The page.
        page: VirtAddr,
        /// The slot in the picture.
        picture: Option<u32>,
        /// The slot in the machine.
        machine: Option<u32>,
    },
    /// A swap slot.
    SwapSlot {
        /// Its number.
        number: u32,
        /// The state in the picture.
        picture: StoredPage,
        /// The state of the machine.
        machine: StoredPage,
    },
    /// A process.
    Process {
        /// The state in the picture.
        picture: Option<Process>,
        /// The state of the machine.
        machine: Option<Process>,
    },
}

impl Mismatch {
    /// Adds the last event at the frame, which `last_at` finds by the frame's number.
    pub fn remember(mut self, last_at: impl FnOnce(usize) -> Option<Event>) -> Mismatch {
        match &mut self {
            Mismatch::Frame { number, last, .. } => *last = last_at(*number),
            Mismatch::Entry {
                picture,
                machine,
                last,
                ..
            } => {
                let frame = picture.or(*machine).map(|entry| entry.frame.as_u64());
                *last = frame.and_then(|frame| last_at(frame as usize / FRAME_BYTES));
            }
            _ => {}
        }
        self
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Frame {
                number,
                picture,
                machine,
                last,
            } => {
                write!(
                    f,
                    "frame {:#x}: picture {:?} × {}, heat {}, machine {:?} × {}, heat {}",
                    number * FRAME_BYTES,
                    picture.tag(),
                    picture.references(),
                    picture.heat().number(),
                    machine.tag(),
                    machine.references(),
                    machine.heat().number()
                )?;
                write_last(f, last)
            }
            Mismatch::Block {
                offset,
                picture,
                machine,
            } => write!(
                f,
                "heap block at offset {offset:#x}: picture {picture:?}, machine {machine:?}"
            ),
            Mismatch::Heap { picture, machine } => write!(
                f,
                "heap of {} B with {} B requested in the picture, {} B with {} B in the machine",
                picture.0, picture.1, machine.0, machine.1
            ),
            Mismatch::FirmwareRegion { picture, machine } => {
                write!(f, "memory map: picture {picture:?}, machine {machine:?}")
            }
            Mismatch::Mappings { picture, machine } => {
                write!(f, "page tables: picture {picture:?}, machine {machine:?}")
            }
            Mismatch::Entry {
                position,
                picture,
                machine,
                last,
            } => {
                let table = position.level().map_or("CR3", |level| level.words());
                write!(
                    f,
                    "{table} entry for {:#x} of space {}: picture {picture:?}, machine {machine:?}",
                    position.base(),
                    position.space
                )?;
                write_last(f, last)
            }
            Mismatch::Region {
                space,
                picture,
                machine,
            } => write!(
                f,
                "region of space {space}: picture {picture:?}, machine {machine:?}"
            ),
            Mismatch::Bytes { picture, machine } => {
                write!(f, "bytes: picture {picture:x?}, machine {machine:x?}")
            }
            Mismatch::SwappedPage {
                space,
                page,
                picture,
                machine,
            } => write!(
                f,
                "page {page:#x} of space {space}: picture slot {picture:?}, machine {machine:?}"
            ),
            Mismatch::SwapSlot {
                number,
                picture,
                machine,
            } => write!(
                f,
                "swap slot {number}: picture {picture:?}, machine {machine:?}"
            ),
            Mismatch::Process { picture, machine } => {
                write!(f, "process: picture {picture:?}, machine {machine:?}")
            }
        }
    }
}

fn write_last(f: &mut fmt::Formatter<'_>, last: &Option<Event>) -> fmt::Result {
    match last {
        Some(event) => {
            let kind = event.payload.kind();
            write!(f, "; last: {} at {}", kind.words(), Moment(event.time))
        }
        None => f.write_str("; no event known there"),
    }
}
