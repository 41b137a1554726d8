//! What is known about one frame, in 8 bytes, and on which step of a scale it is.
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

/// Owners that are told apart: one for each bit of [`Tag::OWNERS`].
pub const OWNERS: usize = 8;

/// What is known about one frame. All-zero is a free frame that was never used.
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
    /// A frame as the machine says that it is.
    pub fn known(tag: Tag, references: u32) -> Frame {
        Frame {
            tag,
            references: clamped(references),
            ..Frame::default()
        }
    }

    /// The same frame as warm as this.
    pub fn with_heat(mut self, heat: Level) -> Frame {
        self.uses = self.uses & (DIFFERS | USES_MASK) | u32::from(heat.number()) << HEAT_SHIFT;
        self
    }

    /// The same frame with this tag.
    pub(super) fn with_tag(mut self, tag: Tag) -> Frame {
        self.tag = tag;
        self
    }

    /// The same frame, marked as one that the machine says is otherwise, or not.
    pub(super) fn with_mark(mut self, differs: bool) -> Frame {
        self.uses = self.uses & !DIFFERS | if differs { DIFFERS } else { 0 };
        self
    }

    /// Owners and attributes; empty for a free frame.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The reference count, 0 for a free frame; counts above 65,535 stand as that.
    pub fn references(&self) -> u16 {
        self.references
    }

    /// How often it was allocated, shared or mapped since boot, modulo 2^24.
    pub fn uses(&self) -> u32 {
        self.uses & USES_MASK
    }

    /// How much it is used of late.
    pub fn heat(&self) -> Level {
        Level::new((self.uses >> HEAT_SHIFT & 0x7f) as u8).unwrap_or(Level::HOTTEST)
    }

    /// Somebody owns it.
    pub fn is_used(&self) -> bool {
        self.owner().is_some()
    }

    /// Taken at boot and never given back.
    pub fn is_pinned(&self) -> bool {
        self.tag.contains(Tag::PINNED)
    }

    /// More than one reference.
    pub fn is_shared(&self) -> bool {
        self.references > 1
    }

    /// Number of the owner's bit in [`Tag::OWNERS`]; the lowest, should there be several.
    pub fn owner(&self) -> Option<usize> {
        let bit = self.tag.owners().trailing_zeros() as usize;
        (bit < OWNERS).then_some(bit)
    }

    /// The machine said otherwise when the picture was compared with it.
    pub fn differs(&self) -> bool {
        self.uses & DIFFERS != 0
    }

    /// Same tag, reference count and heat.
    pub fn same(&self, other: &Frame) -> bool {
        self.same_state(other) && self.heat() == other.heat()
    }

    /// What cells count of these frames, bit by bit: 0 if that is nothing.
    #[inline]
    pub fn counted(frames: &[Frame]) -> u64 {
        let bits = |frame: &Frame| {
            let state = u32::from(frame.references) << 16 | u32::from(frame.tag.bits());
            u64::from(state) << 32 | u64::from(frame.uses)
        };
        let any = frames.iter().fold(0, |any, frame| any | bits(frame));
        any & !u64::from(USES_MASK)
    }

    /// As warm as the other, and both or neither as the machine says.
    #[inline]
    pub fn same_marks(&self, other: &Frame) -> bool {
        (self.uses ^ other.uses) & !USES_MASK == 0
    }

    /// Same tag and same reference count.
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

/// Steps of reference counts that are told apart.
pub const REFERENCE_STEPS: usize = 4;
/// Steps of heat that are told apart.
pub const HEAT_STEPS: usize = 5;

/// On which step of the heat scale a level is, 0 for the hottest; none for a cold one. A step is
/// two periods, a second, but for the hottest: used in every period that is remembered.
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
