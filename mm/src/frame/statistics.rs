//! The statistics of the frame allocator, and the recount that checks them.

use super::allocator::FrameAllocator;
use super::counts::{Counts, Violation};
use super::storage::FrameInfo;
use crate::bitmap::Bitmap;
use crate::tracer::Tracer;
use crate::vocabulary::frames::frame;
use crate::vocabulary::tag::Tag;

/// The statistics. Counts are frames of 4 KiB unless another unit is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Usable frames: free and used.
    pub total: u64,
    /// Frames in use, including pinned ones.
    pub used: u64,
    /// Free frames.
    pub free: u64,
    /// Frames reserved for good.
    pub pinned: u64,
    /// Frames with more than one reference.
    pub shared: u64,
    /// Used frames per owner: entry *n* is the owner with bit *n* of [`Tag::OWNERS`]. A frame with
    /// two owner bits counts for both.
    pub owners: [u64; 8],
    /// Requests refused since boot.
    pub refused: u64,
    /// Bytes of the allocator's metadata.
    pub metadata_bytes: u64,
}

impl<T: Tracer> FrameAllocator<'_, T> {
    /// Returns the statistics, in constant time.
    pub fn statistics(&self) -> Statistics {
        self.with_constants(self.counts)
    }

    /// Returns the number of stretches of free frames and the length of the longest. Reads the
    /// whole bitmap.
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

    /// Recounts everything from the bitmap and the frame infos.
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
            // Long stretches are all free or all unusable: 64 frames are checked at once there.
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

    /// Recounts frames one by one, starting at frame number `first`.
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
        let words = Bitmap::words(self.free.len());
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
