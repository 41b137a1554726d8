//! The kernel heap: a buddy system from 64 B to 1 MiB, which grows in chunks of 1 MiB.
//!
//! ```text
//! start             start + committed                       start + maximum
//!   |  chunk  |  chunk  |  not mapped yet                          |
//!   +---------+---------+ - - - - - - - - - - - - - - - - - - - - -+
//!   |                    \
//!   |  order 14: 1 MiB    \ one chunk = 256 frames = 16,384 granules of 64 B
//!   +-------------------+-------------------+
//!   |     order 13      |     order 13      |   a split makes two buddies: their offsets
//!   +---------+---------+-------------------+   from the start differ in one bit
//!   | order 12| order 12|
//! ```
//! Invariants: every granule below `committed` belongs to exactly one block: live, cached or free.
//! Two free buddies are always merged, so the free granules alone determine the free blocks. A
//! block's offset is a multiple of its size. The metadata lies beside the heap, in buffers that the
//! caller supplies: the heap never reads or writes the content of a block.
//!
//! The caller provides the frames under the heap. To grow, it maps a chunk at [`Heap::next_chunk`],
//! then calls [`Heap::grow`]. To shrink, it calls [`Heap::shrink`], then unmaps the chunk.
//!
//! ```text
//! buddy_heap   the heap             serve, resize, lookup, walk, statistics    its operations
//! cache   freed allocations, by size           split   the blocks of an allocation
//! strategy     the table of ways to place blocks in an arena; race   the same requests for all
//! buddy, free_list, segregated, tlsf, slab   the strategies; live_blocks   what they share
//! free_tree                     free blocks in the order of a free list
//! workload     requests of a program, played to a strategy   arena    the events of an arena
//! corruption   redzones, poison, quarantine  fragmentation    its measures
//! block, allocation, header, sizes, counts, storage, free_blocks, error: below
//! ```
//!
//! # Example
//! ```
//! use mm::heap::{CHUNK_BYTES, CacheStack, Header, Heap, HeapError, HeapStorage};
//! use mm::heap::{Marks, Request, Site};
//! use mm::tag::Tag;
//! use mm::tracer::Silent;
//! use x86_64::VirtAddr;
//!
//! let maximum = 4 * CHUNK_BYTES;
//! let sizes = HeapStorage::sizes(maximum);
//! let storage = HeapStorage {
//!     bits: &mut vec![0; sizes.bits],
//!     headers: &mut vec![Header::default(); sizes.headers],
//!     references: &mut vec![0; sizes.references],
//!     cache: &mut vec![CacheStack::default(); sizes.cache],
//! };
//! let mut heap = Heap::new(VirtAddr::new(0x4000_0000), maximum, storage, Silent)?;
//!
//! let request = Request {
//!     bytes: 300,
//!     spare: 0,
//!     align: 1,
//!     owner: Tag::HEAP,
//!     site: Site::UNKNOWN,
//!     marks: Marks::empty(),
//!     trimmed: true,
//! };
//! // An empty heap has to grow first; a kernel would map the chunk at `heap.next_chunk()`.
//! assert_eq!(heap.serve(request), Err(HeapError::MustGrow { bytes: 300 }));
//! heap.grow()?;
//! let allocation = heap.serve(request)?;
//! assert_eq!((allocation.requested, allocation.bytes), (300, 320));
//! heap.free(allocation.address)?;
//! assert!(heap.free(allocation.address).is_err(), "a double free");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod allocation;
pub mod arena;
mod block;
mod block_allocator;
mod buddy;
mod buddy_heap;
mod cache;
pub mod corruption;
mod counts;
mod error;
pub mod fragmentation;
mod free_blocks;
mod free_list;
mod free_tree;
mod header;
mod live_blocks;
mod lookup;
pub mod race;
mod resize;
mod segregated;
mod serve;
mod sizes;
mod slab;
mod split;
mod statistics;
mod storage;
pub mod strategy;
mod tlsf;
mod walk;
pub mod workload;

pub use crate::vocabulary::order::{CHUNK_BYTES, GRANULE_BYTES, Order};
pub use crate::vocabulary::request::RequestKind;
pub use crate::vocabulary::site::Site;
pub use allocation::{Allocation, MOST_BLOCKS, Marks, Request};
pub use block::{AnyBlock, Block};
pub use buddy_heap::Heap;
pub use cache::CacheStack;
pub use error::{HeapError, HeapFreeError, HeapSetupError, HeapViolation};
pub use header::Header;
pub use sizes::HeapSizes;
pub use split::{Split, splits};
pub use statistics::HeapStatistics;
pub use storage::HeapStorage;
pub use walk::Blocks;

#[cfg(test)]
mod tests;
