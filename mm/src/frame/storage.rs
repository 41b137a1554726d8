//! What the frame allocator keeps about each frame, and the buffers for it.

use super::StorageError;
use crate::bitmap::Bitmap;
use crate::tag::Tag;

/// The caller's buffers, all zero at first. [`FrameStorage::sizes`] says how long they must be.
#[derive(Debug)]
pub struct FrameStorage<'m> {
    /// One bit a frame, and the summary levels.
    pub bits: &'m mut [u64],
    /// One entry a frame.
    pub info: &'m mut [FrameInfo],
}

impl<'m> FrameStorage<'m> {
    /// How many words and how many infos this number of frames takes: 0.2 % of the memory that
    /// they describe.
    pub const fn sizes(frames: usize) -> (usize, usize) {
        (Bitmap::words(frames), frames)
    }

    /// Cuts the buffers to what this number of frames takes.
    pub(super) fn cut(self, frames: usize) -> Result<FrameStorage<'m>, StorageError> {
        let (words, infos) = FrameStorage::sizes(frames);
        let error = StorageError { words, infos };
        Ok(FrameStorage {
            bits: self.bits.get_mut(..words).ok_or(error)?,
            info: self.info.get_mut(..infos).ok_or(error)?,
        })
    }
}

/// What is known about one frame: 8 bytes, all zero at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct FrameInfo {
    /// How many owners share it; 0 while nobody has it.
    pub references: u32,
    /// What it is used for; empty while nobody has it.
    pub tag: Tag,
    /// How often it was handed out; stays at 65,535.
    pub uses: u16,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameState {
    /// Beyond the highest usable frame.
    OutOfRange,
    /// A hole, a device, or memory that the map does not give away.
    NotUsable,
    /// Can be handed out.
    Free(FrameInfo),
    /// Has owners.
    InUse(FrameInfo),
}
