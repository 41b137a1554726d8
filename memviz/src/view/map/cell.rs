//! A cell of the map: a group of frames in numbers.

use crate::model::{Frame, OWNERS};
use mm::memory_map::MemoryKind;

/// A group of frames in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Frames by owner.
    pub owners: [u32; OWNERS],
    /// Frames by kind of region; the ones that no region covers are in none.
    pub kinds: [u32; MemoryKind::ALL.len()],
    /// Frames with an owner.
    pub used: u32,
    /// Frames taken at boot for good.
    pub pinned: u32,
    /// Frames with more than one reference.
    pub shared: u32,
    /// Frames that the machine says are otherwise.
    pub differing: u32,
    /// References to all its frames.
    pub references: u64,
    /// Frames that are not cold.
    pub warm: u32,
    /// Heat of all its frames, each from 0 to 127.
    pub heat: u64,
}

impl Cell {
    /// Frames that the allocator may hand out, used or not.
    pub fn usable(&self) -> u32 {
        self.kinds[MemoryKind::Usable as usize]
    }

    /// The owner of most of its used frames; of two with as many, the first.
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

    /// Some region covers some of its frames.
    pub fn is_covered(&self) -> bool {
        self.kinds.iter().any(|&count| count > 0)
    }

    /// One of its frames was replaced.
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

/// Counts something that a frame was or is now.
#[inline]
fn adjust(counter: &mut u32, before: bool, after: bool) {
    match (before, after) {
        (false, true) => *counter += 1,
        (true, false) => *counter -= 1,
        _ => {}
    }
}
