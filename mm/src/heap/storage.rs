//! The buffers for the metadata of the heap.

use super::cache::{Cache, CacheStack};
use super::error::HeapSetupError;
use super::free_blocks::FreeBlocks;
use super::header::Header;
use super::sizes::{FRAME_GRANULES, HeapSizes};
use crate::vocabulary::order::GRANULE_BYTES;

/// The caller's buffers, zeroed. [`HeapStorage::sizes`] returns the required lengths.
#[derive(Debug)]
pub struct HeapStorage<'m> {
    /// The free blocks.
    pub bits: &'m mut [u64],
    /// One header for each granule of 64 B.
    pub headers: &'m mut [Header],
    /// One count for each frame: the allocations that reach into it.
    pub references: &'m mut [u8],
    /// The stacks of the cache; may be empty. Then nothing is cached.
    pub cache: &'m mut [CacheStack],
}

impl<'m> HeapStorage<'m> {
    /// Returns the lengths for a heap of at most this many bytes: 12.8 % of them.
    pub const fn sizes(maximum_bytes: u64) -> HeapSizes {
        let granules = (maximum_bytes / GRANULE_BYTES) as usize;
        let frames = granules / FRAME_GRANULES;
        HeapSizes {
            bits: FreeBlocks::words(frames),
            headers: granules,
            references: frames,
            cache: Cache::STACKS,
        }
    }

    pub(super) fn cut(self, maximum_bytes: u64) -> Result<HeapStorage<'m>, HeapSetupError> {
        let sizes = HeapStorage::sizes(maximum_bytes);
        let error = HeapSetupError::Storage(sizes);
        Ok(HeapStorage {
            bits: self.bits.get_mut(..sizes.bits).ok_or(error)?,
            headers: self.headers.get_mut(..sizes.headers).ok_or(error)?,
            references: self.references.get_mut(..sizes.references).ok_or(error)?,
            cache: self.cache,
        })
    }
}
