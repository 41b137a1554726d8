//! Sizes of the heap's metadata, and the units in which the heap counts.

use crate::vocabulary::order::{CHUNK_BYTES, GRANULE_BYTES};

/// Granules in a frame: one word of free bits.
pub(super) const FRAME_GRANULES: usize = 64;
/// Granules in a chunk.
pub(super) const CHUNK_GRANULES: usize = (CHUNK_BYTES / GRANULE_BYTES) as usize;

/// Required lengths of the heap's buffers, in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapSizes {
    /// Words of 8 bytes.
    pub bits: usize,
    /// Headers of 8 bytes.
    pub headers: usize,
    /// Reference counts of 1 byte.
    pub references: usize,
    /// Stacks of the cache, of 8 bytes.
    pub cache: usize,
}
