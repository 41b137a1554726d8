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

    /// Returns the kind and the place of the mismatch, then what the picture and the machine say.
    pub fn numbers(&self, heap: VirtAddr) -> (MismatchKind, u64, u32, u32) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EntryPosition;
    use mm::paging::Access;
    use mm::tag::Tag;
    use x86_64::PhysAddr;

    const HEAP: VirtAddr = VirtAddr::new_truncate(0xffff_c000_0000_0000);

    fn block(requested: u32, owner: Option<usize>, is_cached: bool) -> Option<Block> {
        Some(Block {
            granule: 0,
            order: 1,
            owner,
            requested,
            is_cached,
        })
    }

    #[test]
    fn the_first_part_that_differs_is_named() {
        let frame = |picture, machine| {
            let mismatch = Mismatch::Frame {
                number: 3,
                picture,
                machine,
                last: None,
            };
            mismatch.numbers(HEAP)
        };
        let (kernel, cache) = (Tag::KERNEL.bits().into(), Tag::CACHE.bits().into());
        let one = Frame::known(Tag::KERNEL, 1);
        let found = frame(Frame::known(Tag::CACHE, 2), one);
        assert_eq!(found, (MismatchKind::Owner, 0x3000, cache, kernel));
        let found = frame(Frame::known(Tag::KERNEL, 2), one);
        assert_eq!(found, (MismatchKind::References, 0x3000, 2, 1));
        assert_eq!(frame(one, Frame::default()).3, 0);
    }

    #[test]
    fn entries_and_blocks_become_numbers_that_saturate() {
        let entry = |frame, access| Some(Entry::page(PhysAddr::new(frame), access));
        let write = Access::WRITE;
        let far = 1 << 50;
        assert_eq!(
            of_entry([entry(far, write), None]),
            (MismatchKind::Entry, [u32::MAX, 0])
        );
        let rights = of_entry([entry(0x1000, write), entry(0x1000, Access::empty())]);
        assert_eq!(rights, (MismatchKind::Rights, [write.bits().into(), 0]));
        assert_eq!(of_block(None), FREE);
        assert_eq!(of_block(block(0, None, true)), CACHED);
        assert_eq!(of_block(block(100, Some(0), false)), LIVE + 100);
        assert_eq!(of_block(block(u32::MAX, Some(0), false)), u32::MAX);
        let position = EntryPosition::default();
        let mismatch = Mismatch::Entry {
            position,
            picture: None,
            machine: entry(0x5000, write),
            last: None,
        };
        assert_eq!(mismatch.numbers(HEAP).0, MismatchKind::Entry);
    }
}
