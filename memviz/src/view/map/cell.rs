//! A cell of the map: a group of frames in numbers.

use crate::model::{Frame, OWNERS};
use mm::memory_map::MemoryKind;

/// A group of frames in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Frames by owner.
    pub owners: [u32; OWNERS],
    /// Frames by kind of memory region; a frame outside all regions is not counted.
    pub kinds: [u32; MemoryKind::ALL.len()],
    /// Frames with an owner.
    pub used: u32,
    /// Frames that are reserved at boot and never freed.
    pub pinned: u32,
    /// Frames with more than one reference.
    pub shared: u32,
    /// Frames that differ from the machine.
    pub differing: u32,
    /// The sum of the reference counts.
    pub references: u64,
    /// Frames that are not cold.
    pub warm: u32,
    /// The sum of the heat, which is 0 to 127 for each frame.
    pub heat: u64,
}

impl Cell {
    /// Returns the frames that the allocator manages, used or free.
    pub fn usable(&self) -> u32 {
        self.kinds[MemoryKind::Usable as usize]
    }

    /// Returns the owner of most used frames; the first one if several own as many.
    pub fn main_owner(&self) -> Option<usize> {
        let (mut main, mut most, mut rest) = (None, 0, self.used);
        for (owner, &count) in self.owners.iter().enumerate() {
            if count > most {
                (main, most) = (Some(owner), count);
            }
            rest -= count;
            if most >= rest {
                break;
            }
        }
        main
    }

    /// Returns whether a memory region covers any of its frames.
    pub fn is_covered(&self) -> bool {
        self.kinds.iter().any(|&count| count > 0)
    }

    /// Updates the sums after a frame changed.
    #[inline(always)]
    pub(super) fn replace(&mut self, before: &Frame, after: &Frame) {
        if before.tag() != after.tag() {
            let (old, new) = (before.owner(), after.owner());
            if let Some(owner) = old {
                self.owners[owner] -= 1;
                self.used -= 1;
            }
            if let Some(owner) = new {
                self.owners[owner] += 1;
                self.used += 1;
            }
            adjust(&mut self.pinned, before.is_pinned(), after.is_pinned());
        }
        if before.references() != after.references() {
            adjust(&mut self.shared, before.is_shared(), after.is_shared());
            let (gone, come) = (before.references().into(), u64::from(after.references()));
            self.references = self.references.wrapping_add(come).wrapping_sub(gone);
        }
        if !before.same_marks(after) {
            adjust(&mut self.differing, before.differs(), after.differs());
            let (old, new) = (before.heat(), after.heat());
            adjust(&mut self.warm, old.is_warm(), new.is_warm());
            self.heat = self.heat + u64::from(new.number()) - u64::from(old.number());
        }
    }
}

/// Updates a count of frames after a frame changed.
#[inline]
fn adjust(counter: &mut u32, before: bool, after: bool) {
    match (before, after) {
        (false, true) => *counter += 1,
        (true, false) => *counter -= 1,
        _ => {}
    }
}
