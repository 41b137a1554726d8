//! The figures of the frame allocator, kept up to date by every operation, and their recount.

use super::{FrameAllocator, FrameInfo, frame};
use crate::tag::Tag;
use crate::tracer::Tracer;
use x86_64::structures::paging::PhysFrame;

/// The figures. Counts are frames of 4 KiB unless another unit is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Usable frames: free and used.
    pub total: u64,
    /// Frames in use, pinned ones included.
    pub used: u64,
    /// Frames that nobody has.
    pub free: u64,
    /// Frames reserved for good.
    pub pinned: u64,
    /// Frames with more than one reference.
    pub shared: u64,
    /// Used frames per owner: entry *n* is the owner with bit *n* of [`Tag::OWNERS`]. A frame with
    /// two owner bits counts for both.
    pub owners: [u64; 8],
    /// Requests that were refused, since boot.
    pub refused: u64,
    /// Bytes of the allocator's metadata.
    pub metadata_bytes: u64,
}

/// What [`FrameAllocator::validate`] found broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A summary bit does not tell the truth about this word of this level.
    Summary {
        /// 0 is the level with one bit a frame.
        level: usize,
        /// The word's index in its level.
        word: usize,
    },
    /// A free frame has references or a tag.
    FreeInUse(PhysFrame),
    /// A frame has references and no owner, or a tag and no references.
    Tag(PhysFrame),
    /// A figure differs from its recount.
    Count {
        /// Which.
        figure: &'static str,
        /// As kept.
        kept: u64,
        /// As recounted.
        recounted: u64,
    },
}

/// The figures that operations keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub free: u64,
    pub used: u64,
    pub pinned: u64,
    pub shared: u64,
    pub owners: [u64; 8],
    pub refused: u64,
}

impl Counts {
    /// Frames got this tag.
    #[inline]
    pub fn own(&mut self, tag: Tag, frames: u64) {
        self.pinned += u64::from(tag.contains(Tag::PINNED)) * frames;
        for owner in owners(tag) {
            self.owners[owner] += frames;
        }
    }

    /// Frames lost this tag.
    #[inline]
    pub fn disown(&mut self, tag: Tag, frames: u64) {
        self.pinned -= u64::from(tag.contains(Tag::PINNED)) * frames;
        for owner in owners(tag) {
            self.owners[owner] -= frames;
        }
    }
}

impl Counts {
    /// Finds the first figure in which a recount differs.
    fn compare(&self, counted: &Counts) -> Result<(), Violation> {
        let figures = |counts: &Counts| {
            let Counts {
                free,
                used,
                pinned,
                shared,
                owners,
                refused: _,
            } = *counts;
            let named = [
                ("free", free),
                ("used", used),
                ("pinned", pinned),
                ("shared", shared),
            ];
            named
                .into_iter()
                .chain(owners.map(|owned| ("owned", owned)))
        };
        for ((figure, kept), (_, recounted)) in figures(self).zip(figures(counted)) {
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
}

/// The numbers of the owner bits that are set.
#[inline]
fn owners(tag: Tag) -> impl Iterator<Item = usize> {
    let mut rest = tag.owners();
    core::iter::from_fn(move || {
        let owner = (rest != 0).then(|| rest.trailing_zeros() as usize);
        rest &= rest.wrapping_sub(1);
        owner
    })
}

impl<T: Tracer> FrameAllocator<'_, T> {
    /// The figures now, in constant time.
    pub fn statistics(&self) -> Statistics {
        self.with_constants(self.counts)
    }

    /// How many stretches of free frames there are, and how many frames the longest has. Looks at
    /// all bits.
    pub fn free_stretches(&self) -> (u64, u64) {
        let (mut stretches, mut longest) = (0, 0);
        let mut from = 0;
        while let Some(start) = self.free.first_from(from) {
            from = self.free.first_missing_from(start);
            stretches += 1;
            longest = longest.max((from - start) as u64);
        }
        (stretches, longest)
    }

    /// Recounts everything from the bits and the infos.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn validate(&self) -> Result<(), Violation> {
        if let Err((level, word)) = self.free.validate() {
            return Err(Violation::Summary { level, word });
        }
        let mut counted = Counts::default();
        let words = self.free.members();
        for ((at, infos), &free) in self.info.chunks(64).enumerate().zip(words) {
            // Most memory is free, or none, for long stretches: 64 frames at a glance there.
            let known = infos.iter().fold(0, |known, info| {
                known | info.references | u32::from(info.tag.bits())
            });
            match (known, free) {
                (0, u64::MAX) => counted.free += 64,
                (0, 0) => {}
                _ => self.recount(64 * at, infos, &mut counted)?,
            }
        }
        self.counts.compare(&counted)
    }

    /// Frames one by one, the first of which has this number.
    fn recount(
        &self,
        first: usize,
        infos: &[FrameInfo],
        counted: &mut Counts,
    ) -> Result<(), Violation> {
        for (number, info) in (first..).zip(infos) {
            let (in_use, tagged) = (info.references > 0, !info.tag.is_empty());
            if self.free.contains(number) {
                if in_use || tagged {
                    return Err(Violation::FreeInUse(frame(number)));
                }
                counted.free += 1;
            } else if in_use && info.tag.intersects(Tag::OWNERS) {
                counted.used += 1;
                counted.shared += u64::from(info.references > 1);
                counted.own(info.tag, 1);
            } else if in_use || tagged {
                return Err(Violation::Tag(frame(number)));
            }
        }
        Ok(())
    }

    fn with_constants(&self, counts: Counts) -> Statistics {
        let Counts {
            free,
            used,
            pinned,
            shared,
            owners,
            refused,
        } = counts;
        let words = crate::bitmap::Bitmap::words(self.free.len());
        Statistics {
            total: free + used,
            used,
            free,
            pinned,
            shared,
            owners,
            refused,
            metadata_bytes: (words * size_of::<u64>() + size_of_val(self.info)) as u64,
        }
    }
}
