//! The statistics of the frame allocator, and the recount that checks them.

use super::allocator::FrameAllocator;
use super::counts::{Counts, Violation};
use super::records::FrameRecord;
use super::storage::FrameStorage;
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
    /// Frames reserved at boot and never freed.
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

    /// Returns the number of free frames.
    #[inline]
    pub fn free_frames(&self) -> u64 {
        self.counts.free
    }

    /// Returns the number of stretches of free frames and the length of the longest. Reads the
    /// whole bitmap.
    pub fn free_stretches(&self) -> (u64, u64) {
        let stretches = self.free.stretches();
        stretches.fold((0, 0), |(count, longest), (first, end)| {
            (count + 1, longest.max((end - first) as u64))
        })
    }

    /// Recounts everything from the bitmap and the frame infos.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn validate(&self) -> Result<(), Violation> {
        if let Err(word) = self.free.validate() {
            return Err(Violation::Listing { word });
        }
        let mut counted = Counts::default();
        for (word, &free) in self.free.bits().iter().enumerate() {
            // Long stretches are all free or all unusable: 64 frames are checked at once there.
            match (self.records.is_word_empty(word), free) {
                (true, u64::MAX) => {
                    counted.free += 64;
                    counted.total += 64;
                }
                (true, 0) => {}
                _ => self.recount(word, &mut counted)?,
            }
        }
        self.counts.compare(&counted)
    }

    /// Recounts the frames of a word one by one.
    fn recount(&self, word: usize, counted: &mut Counts) -> Result<(), Violation> {
        if !self.records.is_word_consistent(word) {
            return Err(Violation::Tag(frame(64 * word)));
        }
        for number in 64 * word..self.frames().min(64 * word + 64) {
            let info = self.records.get(number);
            let (in_use, tagged) = (info.references > 0, !info.tag.is_empty());
            if self.free.contains(number) {
                if in_use || tagged {
                    return Err(Violation::FreeInUse(frame(number)));
                }
                counted.free += 1;
                counted.total += 1;
            } else if in_use && info.tag.intersects(Tag::OWNERS) {
                counted.total += 1;
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
            total,
            free,
            pinned,
            shared,
            owners,
            refused,
        } = counts;
        let (words, records) = FrameStorage::sizes(self.frames());
        let bytes = words * size_of::<u64>() + records * size_of::<FrameRecord>();
        Statistics {
            total,
            used: total - free,
            free,
            pinned,
            shared,
            owners,
            refused,
            metadata_bytes: bytes as u64,
        }
    }
}
