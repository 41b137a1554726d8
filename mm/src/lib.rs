//! Memory algorithms and the event ring of memviz: no hardware, no allocation, no unsafe code.
//!
//! ```text
//! memory_map   the firmware's memory map    sorted, disjoint, in whole pages
//! frame        the frame allocator          bitmap, reference counts, tags
//! heat         how recently frames are used aging
//! heap         the kernel heap              buddy system; other strategies to compare with
//! paging       page faults, memory regions  causes, policies, the page walk
//! reclaim      which page is replaced        FIFO, LRU, clock, …, OPT
//!    │
//!    └─ Payload ─► Tracer ─► ring ─► dashboard
//!
//! event        32 bytes for each change     below the allocators, above the vocabulary
//! vocabulary   the types that events carry  bitmap, units: below everything
//! ```
//!
//! Every allocator keeps its metadata beside the memory that it describes, in buffers that the
//! caller supplies. So a write through a stale pointer cannot corrupt the allocator, and a double
//! free is always detected.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod bitmap;
pub mod event;
pub mod frame;
pub mod heap;
pub mod heat;
pub mod memory_map;
pub mod paging;
pub mod reclaim;
pub mod ring;
#[cfg(test)]
mod testing;
pub mod tracer;
pub mod units;
mod vocabulary;

pub use vocabulary::tag;
