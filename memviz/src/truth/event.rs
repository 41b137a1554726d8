//! The event of a mismatch: what the picture and the machine say, as one number each.
//!
//! ```text
//! Owner       the tag; 0 if the frame is free         Entry    the number of the frame; 0: no entry
//! References  the count                               Rights   the bits of `Access`
//! Heat        the level                               Block    free, cached, or LIVE + requested bytes
//! ```

use super::ground::TrueBlock;
use super::mismatch::Mismatch;
use crate::model::heap::FRAME_BYTES;
use crate::model::{Block, Entry, Frame};
use mm::event::{MismatchKind, Payload};
use x86_64::VirtAddr;

/// The number of a block that is free.
pub const FREE: u32 = 0;
/// The number of a block that the heap's cache holds.
pub const CACHED: u32 = 1;
/// The number of a live block for which 0 bytes were requested.
pub const LIVE: u32 = 2;

impl Mismatch {
    /// Returns the event of the mismatch. The heap begins at `heap`.
    pub fn payload(&self, heap: VirtAddr, on_purpose: bool) -> Payload {
        let (kind, place, picture, machine) = self.numbers(heap);
        Payload::Mismatch {
            place,
            picture,
            machine,
            kind,
            on_purpose,
        }
    }

    fn numbers(&self, heap: VirtAddr) -> (MismatchKind, u64, u32, u32) {
        match self {
            Mismatch::Frame {
                number,
                picture,
                machine,
                ..
            } => {
                let (kind, [picture, machine]) = of_frame([picture, machine]);
                (kind, (number * FRAME_BYTES) as u64, picture, machine)
            }
            Mismatch::Entry {
                position,
                picture,
                machine,
                ..
            } => {
                let (kind, [picture, machine]) = of_entry([*picture, *machine]);
                (kind, position.base().as_u64(), picture, machine)
            }
            Mismatch::Block {
                offset,
                picture,
                machine,
            } => {
                let machine = machine.map(TrueBlock::drawn);
                let [picture, machine] = [*picture, machine].map(of_block);
                let place = heap.as_u64().saturating_add(*offset);
                (MismatchKind::Block, place, picture, machine)
            }
            _ => (MismatchKind::Other, 0, 0, 0),
        }
    }
}

/// Returns the part in which two states of a frame differ.
fn of_frame(states: [&Frame; 2]) -> (MismatchKind, [u32; 2]) {
    let owners = states.map(|frame| u32::from(frame.tag().bits()));
    let references = states.map(|frame| u32::from(frame.references()));
    let heats = states.map(|frame| u32::from(frame.heat().number()));
    let differ = |numbers: [u32; 2]| numbers[0] != numbers[1];
    match () {
        () if differ(owners) => (MismatchKind::Owner, owners),
        () if differ(references) => (MismatchKind::References, references),
        () => (MismatchKind::Heat, heats),
    }
}

/// Returns the part in which two entries differ. The frame's number saturates above 16 TiB.
fn of_entry(states: [Option<Entry>; 2]) -> (MismatchKind, [u32; 2]) {
    let number = |entry: Entry| entry.frame.as_u64() / FRAME_BYTES as u64;
    let frames = states.map(|entry| entry.map_or(0, number).try_into().unwrap_or(u32::MAX));
    let rights = states.map(|entry| entry.map_or(0, |entry| entry.access.bits().into()));
    match frames[0] == frames[1] {
        true => (MismatchKind::Rights, rights),
        false => (MismatchKind::Entry, frames),
    }
}

fn of_block(state: Option<Block>) -> u32 {
    match state {
        Some(block) if block.is_cached => CACHED,
        Some(block) if block.owner.is_some() => LIVE.saturating_add(block.requested),
        Some(_) | None => FREE,
    }
}
