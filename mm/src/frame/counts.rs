//! The counts that every operation on frames keeps up to date.

use crate::vocabulary::tag::Tag;
use x86_64::structures::paging::PhysFrame;

/// The counts, in frames; `refused` is in requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Usable frames, free or in use.
    pub total: u64,
    pub free: u64,
    pub pinned: u64,
    pub shared: u64,
    pub owners: [u64; 8],
    pub refused: u64,
}

/// An invariant that [`FrameAllocator::validate`](super::FrameAllocator::validate) found broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A word of 64 frames is listed wrongly in the index of free frames.
    Listing {
        /// The word's number.
        word: usize,
    },
    /// A free frame has references or a tag.
    FreeInUse(PhysFrame),
    /// A frame has references and no owner, or a tag and no references, or two records.
    Tag(PhysFrame),
    /// A count differs from its recount.
    Count {
        /// The name of the count.
        figure: &'static str,
        /// The count as kept.
        kept: u64,
        /// The count as recounted.
        recounted: u64,
    },
}

impl Counts {
    /// Counts frames that got this tag.
    #[inline(always)]
    pub fn own(&mut self, tag: Tag, frames: u64) {
        self.pinned += u64::from(tag.contains(Tag::PINNED)) * frames;
        for owner in owners(tag) {
            self.owners[owner] += frames;
        }
    }

    /// Counts frames that lost this tag.
    #[inline(always)]
    pub fn disown(&mut self, tag: Tag, frames: u64) {
        self.pinned -= u64::from(tag.contains(Tag::PINNED)) * frames;
        for owner in owners(tag) {
            self.owners[owner] -= frames;
        }
    }

    /// Finds the first count that differs from a recount.
    pub fn compare(&self, recounted: &Counts) -> Result<(), Violation> {
        for ((figure, kept), (_, recounted)) in self.named().zip(recounted.named()) {
            if kept != recounted {
                return Err(Violation::Count {
                    figure,
                    kept,
                    recounted,
                });
            }
        }
        Ok(())
    }

    /// Returns the counts that a recount can check, by name.
    fn named(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let named = [
            ("total", self.total),
            ("free", self.free),
            ("pinned", self.pinned),
            ("shared", self.shared),
        ];
        named
            .into_iter()
            .chain(self.owners.map(|owned| ("owned", owned)))
    }
}

/// Returns the bit numbers of the owners in a tag.
#[inline(always)]
fn owners(tag: Tag) -> impl Iterator<Item = usize> {
    let mut rest = tag.owners();
    core::iter::from_fn(move || {
        let owner = (rest != 0).then(|| rest.trailing_zeros() as usize);
        rest &= rest.wrapping_sub(1);
        owner
    })
}
