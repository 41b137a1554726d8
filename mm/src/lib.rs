//! Memory algorithms and the event ring of memviz: no hardware, no allocation, no unsafe code.
//!
//! ```text
//! memory_map   firmware regions        -> a sorted, disjoint table
//! frame        which frames are free   -> bitmap, reference counts, tags
//! heat         how much frames are used -> aging
//! heap         blocks in the heap      -> buddy system
//! paging       what a page fault means -> causes, region policies, page flags
//!    |
//!    +--- Payload --> Tracer --> ring --> whoever draws
//! ```
//!
//! Every allocator keeps its metadata beside the memory that it describes, in buffers that the
//! caller supplies: a write through a stale pointer cannot corrupt the allocator, and a double free
//! is always found.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod bitmap;
pub mod event;
pub mod frame;
pub mod heap;
pub mod heat;
pub mod memory_map;
pub mod paging;
pub mod ring;
pub mod tracer;
pub mod units;
mod vocabulary;

pub use vocabulary::tag;
