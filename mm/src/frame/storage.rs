//! The metadata of a frame, and the buffers for it.

use super::error::StorageError;
use crate::bitmap::Bitmap;
use crate::vocabulary::tag::Tag;

/// The caller's buffers, zeroed. [`FrameStorage::sizes`] returns the required lengths.
#[derive(Debug)]
pub struct FrameStorage<'m> {
    /// One bit a frame, and the summary levels.
    pub bits: &'m mut [u64],
    /// One entry a frame.
    pub info: &'m mut [FrameInfo],
}

impl<'m> FrameStorage<'m> {
    /// Returns the words and infos that this number of frames needs: 0.2 % of the memory that they
    /// describe.
    pub const fn sizes(frames: usize) -> (usize, usize) {
        (Bitmap::words(frames), frames)
    }

    /// Cuts the buffers to the lengths that this number of frames needs.
    pub(super) fn cut(self, frames: usize) -> Result<FrameStorage<'m>, StorageError> {
        let (words, infos) = FrameStorage::sizes(frames);
        let error = StorageError { words, infos };
        Ok(FrameStorage {
            bits: self.bits.get_mut(..words).ok_or(error)?,
            info: self.info.get_mut(..infos).ok_or(error)?,
        })
    }
}

/// The metadata of one frame: 8 bytes, initially zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct FrameInfo {
    /// Reference count; 0 while the frame is free.
    pub references: u32,
    /// Owners and attributes; empty while the frame is free.
    pub tag: Tag,
    /// How often the frame was allocated; saturates at 65,535.
    pub uses: u16,
}

/// The state of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameState {
    /// Beyond the highest usable frame.
    OutOfRange,
    /// A hole, a device, or memory that the map does not declare usable.
    NotUsable,
    /// Free.
    Free(FrameInfo),
    /// In use.
    InUse(FrameInfo),
}
