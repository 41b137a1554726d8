//! The frame allocator: which frames are free, and the use of the others.
//!
//! ```text
//!   frame number   0    1    2    3    4    5    6         = address / 4096
//!   free bit       0    0    1    0    0    1    0         with an index of runs (free/)
//!   references     0    1    0    2    1    0    0
//!                  │    │    │    │    │         └ not usable: a hole or a device, never allocated
//!                  │    │    │    │    └ in use, one reference
//!                  │    │    │    └ shared: two references
//!                  │    │    └ free
//!                  │    └ reserved at boot: in use, its tag has PINNED
//!                  └ not usable
//! ```
//! Invariants: a free frame has no references and no tag. A frame in use has its bit clear, at
//! least one reference, and an owner in its tag. Any other frame is not usable and stays so.
//! The metadata lies beside the frames, in buffers that the caller supplies: the allocator never
//! touches a frame, and never zeroes one.
//!
//! Placement: segregated fit, unless another [`Placement`] is set. A frame that was freed recently
//! is allocated first. Otherwise a request gets frames of the word of 64 frames whose longest free
//! run is the shortest that suffices. A run starts at an address aligned to the next power of two
//! of its length, as in a buddy system; unaligned only if no such address has room. So runs do not
//! straddle such boundaries, and holes merge again.
//!
//! ```text
//! allocator  allocate, share, retag        search     where a frame or a run comes from
//! release    free                          why_not    why a run is not available
//! statistics counts and their recount      free/      which frames are free
//! records/   tags and references           counts, error, …: leaves
//! ```
//!
//! # Example
//! ```
//! use mm::frame::{FrameAllocator, FrameRecord, FrameStorage, Run};
//! use mm::memory_map::{FirmwareEntry, FirmwareRegion, MemoryKind, MemoryMap};
//! use mm::tag::Tag;
//! use mm::tracer::Silent;
//!
//! let entries = [FirmwareEntry { start: 0, bytes: 64 * 4096, kind: MemoryKind::Usable }];
//! let mut regions = [FirmwareRegion::EMPTY; 2];
//! let map = MemoryMap::build(&entries, &mut regions)?;
//!
//! let (words, records) = FrameStorage::sizes(map.frames());
//! let storage = FrameStorage {
//!     bits: &mut vec![0; words],
//!     records: &mut vec![FrameRecord::default(); records],
//! };
//! let mut frames = FrameAllocator::new(&map, storage, Silent)?;
//!
//! let frame = frames.allocate(Tag::USER)?;
//! assert_eq!(frames.share(frame), Ok(2));
//! let run = frames.allocate_run(Run { align_frames: 16, ..Run::of(16) }, Tag::DEVICE)?;
//! assert!(run.start_address().is_aligned(16 * 4096_u64));
//! assert_eq!(frames.free_run(run, 16), Ok(16));
//! assert_eq!(frames.statistics().used, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod allocator;
mod counts;
mod error;
mod fault_injection;
mod free;
mod placement;
mod records;
mod release;
mod search;
mod statistics;
mod storage;
mod why_not;

pub use crate::vocabulary::run::{PackedRun, Run};
pub use allocator::FrameAllocator;
pub use counts::Violation;
pub use error::{AllocateError, FreeError, ReserveError, RetagError, ShareError, StorageError};
pub use fault_injection::FaultInjection;
pub use placement::{Placement, low_frames};
pub use records::{FrameInfo, FrameRecord};
pub use release::Freed;
pub use statistics::Statistics;
pub use storage::{FrameState, FrameStorage};
pub use why_not::{BestRange, FrameUse, WhyNot};

#[cfg(test)]
mod tests;
