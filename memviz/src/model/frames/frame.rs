//! The state of a frame in 8 bytes, and its step on the scales of the map.
//!
//! ```text
//! bit  31        30 … 24   23 … 0
//!     +---------+---------+-------------------------+
//!     | differs |  heat   | uses since boot         |    the `uses` word of a Frame
//!     +---------+---------+-------------------------+
//! ```

use crate::model::direction::Direction;
use mm::heat::Level;
use mm::tag::Tag;

/// The number of owners: one for each bit of [`Tag::OWNERS`].
pub const OWNERS: usize = 8;

/// The state of a frame. All-zero is a free frame that was never used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    tag: Tag,
    references: u16,
    uses: u32,
}

const DIFFERS: u32 = 1 << 31;
const HEAT_SHIFT: u32 = 24;
const USES_MASK: u32 = (1 << HEAT_SHIFT) - 1;

impl Frame {
    /// Returns a frame as the machine reports it.
    pub fn known(tag: Tag, references: u32) -> Frame {
        Frame {
            tag,
            references: clamped(references),
            ..Frame::default()
        }
    }

    /// Returns the frame with another heat.
    pub fn with_heat(mut self, heat: Level) -> Frame {
        self.uses = self.uses & (DIFFERS | USES_MASK) | u32::from(heat.number()) << HEAT_SHIFT;
        self
    }

    /// Returns the frame with another tag.
    pub(super) fn with_tag(mut self, tag: Tag) -> Frame {
        self.tag = tag;
        self
    }

    /// Returns the frame, marked or not as different from the machine.
    pub(super) fn with_mark(mut self, differs: bool) -> Frame {
        self.uses = self.uses & !DIFFERS | if differs { DIFFERS } else { 0 };
        self
    }

    /// Returns the tag: owners and attributes; empty for a free frame.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// Returns the reference count, 0 for a free frame, limited to 65,535.
    pub fn references(&self) -> u16 {
        self.references
    }

    /// Returns the number of allocations, references and mappings since boot, modulo 2^24.
    pub fn uses(&self) -> u32 {
        self.uses & USES_MASK
    }

    /// Returns the heat: how often it was used recently.
    pub fn heat(&self) -> Level {
        Level::new((self.uses >> HEAT_SHIFT & 0x7f) as u8).unwrap_or(Level::HOTTEST)
    }

    /// Returns whether it has an owner.
    pub fn is_used(&self) -> bool {
        self.owner().is_some()
    }

    /// Returns whether it was reserved at boot and is never freed.
    pub fn is_pinned(&self) -> bool {
        self.tag.contains(Tag::PINNED)
    }

    /// Returns whether it has more than one reference.
    pub fn is_shared(&self) -> bool {
        self.references > 1
    }

    /// Returns the number of the owner's bit in [`Tag::OWNERS`]; the lowest, if there are several.
    pub fn owner(&self) -> Option<usize> {
        let bit = self.tag.owners().trailing_zeros() as usize;
        (bit < OWNERS).then_some(bit)
    }

    /// Returns whether it differed from the machine in the last comparison.
    pub fn differs(&self) -> bool {
        self.uses & DIFFERS != 0
    }

    /// Returns whether tag, reference count and heat are equal.
    pub fn same(&self, other: &Frame) -> bool {
        self.same_state(other) && self.heat() == other.heat()
    }

    /// Returns the bits of some frames that cells count: 0 if there is nothing to count.
    #[inline]
    pub fn counted(frames: &[Frame]) -> u64 {
        let bits = |frame: &Frame| {
            let state = u32::from(frame.references) << 16 | u32::from(frame.tag.bits());
            u64::from(state) << 32 | u64::from(frame.uses)
        };
        let any = frames.iter().fold(0, |any, frame| any | bits(frame));
        any & !u64::from(USES_MASK)
    }

    /// Returns whether heat and the mark of a difference are equal.
    #[inline]
    pub fn same_marks(&self, other: &Frame) -> bool {
        (self.uses ^ other.uses) & !USES_MASK == 0
    }

    /// Returns whether tag and reference count are equal.
    pub fn same_state(&self, other: &Frame) -> bool {
        self.tag == other.tag && self.references == other.references
    }

    pub(super) fn used(mut self, direction: Direction) -> Frame {
        let uses = match direction {
            Direction::Forward => self.uses.wrapping_add(1),
            Direction::Back => self.uses.wrapping_sub(1),
        };
        self.uses = self.uses & !USES_MASK | uses & USES_MASK;
        self
    }

    pub(super) fn with_state(mut self, other: &Frame) -> Frame {
        self.tag = other.tag;
        self.references = other.references;
        self
    }
}

fn clamped(references: u32) -> u16 {
    references.min(u16::MAX.into()) as u16
}

/// The number of steps on the scale of reference counts.
pub const REFERENCE_STEPS: usize = 4;
/// The number of steps on the scale of heat.
pub const HEAT_STEPS: usize = 5;

/// Returns the step of a heat level on the scale: 0 is the hottest, `None` is cold. A step is two
/// periods, which is a second, except for the hottest: used in every recorded period.
pub fn heat_step(level: Level) -> Option<usize> {
    match level.number() {
        0 => None,
        127.. => Some(0),
        64.. => Some(1),
        16.. => Some(2),
        4.. => Some(3),
        1.. => Some(4),
    }
}

pub(super) fn reference_step(frame: &Frame) -> Option<usize> {
    let references = usize::from(frame.references);
    references
        .checked_sub(1)
        .map(|step| step.min(REFERENCE_STEPS - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uses_of_a_frame_start_again_at_0() {
        let hot = Frame::default().with_heat(Level::HOTTEST).with_mark(true);
        let last = hot.used(Direction::Back);
        assert_eq!(last.uses(), USES_MASK);
        assert_eq!(last.used(Direction::Forward), hot);
        assert!(last.differs() && last.heat() == Level::HOTTEST);
    }
}
