//! The record of a frame: 2 bytes.
//!
//! ```text
//!  15      14 13                    0
//! +----------+-----------------------+
//! | counter  |          tag          |     counter 3: three references or more, in the table
//! +----------+-----------------------+     all zero: free, not usable, or part of an alike word
//! ```

use crate::vocabulary::tag::Tag;

/// Bits of the tag.
const TAG_BITS: u32 = 14;
const TAG: u16 = (1 << TAG_BITS) - 1;
/// One reference.
const ONE: u16 = 1 << TAG_BITS;

const _: () = assert!(Tag::all().bits() & !TAG == 0, "a tag fits into its bits");

/// The record of one frame, initially zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct FrameRecord(u16);

/// The contents of a record: the state of a frame in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameInfo {
    /// Reference count; 0 while the frame is free.
    pub references: u32,
    /// Owners and attributes; empty while the frame is free.
    pub tag: Tag,
}

impl FrameRecord {
    pub(super) const EMPTY: FrameRecord = FrameRecord(0);
    /// The counter of a frame whose count is in the table.
    pub(super) const IN_TABLE: u32 = 3;

    /// Returns a record with one reference and this tag.
    #[inline(always)]
    pub(in crate::frame) const fn one(tag: Tag) -> FrameRecord {
        FrameRecord(tag.bits() & TAG | ONE)
    }

    /// Returns a record with a counter of 0 to 3 and a tag.
    pub(super) const fn new(counter: u32, tag: Tag) -> FrameRecord {
        FrameRecord(tag.bits() & TAG | (counter as u16) << TAG_BITS)
    }

    #[inline(always)]
    pub(super) const fn counter(self) -> u32 {
        (self.0 >> TAG_BITS) as u32
    }

    /// Returns the tag.
    #[inline(always)]
    pub const fn tag(self) -> Tag {
        Tag::from_bits_truncate(self.0 & TAG)
    }

    /// True if the frame has one reference and may lose it: it is not pinned.
    #[inline(always)]
    pub(in crate::frame) const fn is_freeable(self) -> bool {
        self.0 & !(TAG ^ Tag::PINNED.bits()) == ONE
    }

    /// Returns the difference to another record: 0 if they are equal.
    #[inline(always)]
    pub(super) const fn difference(self, other: FrameRecord) -> u16 {
        self.0 ^ other.0
    }
}
