//! The buffers for the metadata of frames, and the state of a frame.

use super::error::StorageError;
use super::free::FreeFrames;
use super::records::{FrameInfo, FrameRecord, Records};

/// The caller's buffers, zeroed. [`FrameStorage::sizes`] returns the required lengths.
#[derive(Debug)]
pub struct FrameStorage<'m> {
    /// The free frames, and counts that do not fit into a record.
    pub bits: &'m mut [u64],
    /// The records of frames in use.
    pub records: &'m mut [FrameRecord],
}

impl<'m> FrameStorage<'m> {
    /// Returns the words of bits and the records that this number of frames needs: 0.06 % of the
    /// memory that they describe.
    pub const fn sizes(frames: usize) -> (usize, usize) {
        let (records, counts) = Records::storage(frames);
        (FreeFrames::storage(frames) + counts, records)
    }

    /// Builds what lies in the buffers.
    pub(super) fn build(
        self,
        frames: usize,
    ) -> Result<(FreeFrames<'m>, Records<'m>), StorageError> {
        let (words, records) = FrameStorage::sizes(frames);
        let error = StorageError { words, records };
        let bits = self.bits.get_mut(..words).ok_or(error)?;
        let records = self.records.get_mut(..records).ok_or(error)?;
        let (free, counts) = bits.split_at_mut(FreeFrames::storage(frames));
        Ok((
            FreeFrames::new(free, frames),
            Records::new(records, counts, frames),
        ))
    }
}

/// The state of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameState {
    /// Beyond the highest usable frame.
    OutOfRange,
    /// A hole, a device, or memory that the map does not declare usable.
    NotUsable,
    /// Free.
    Free,
    /// In use.
    InUse(FrameInfo),
}
