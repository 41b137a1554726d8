//! The model of the machine's memory: a fold over events that runs forwards and backwards.
//!
//! ```text
//!             apply ──►                            ┌ firmware_map  the memory map
//!  Event ───────────────►  Model ── one part each ─┤ frames     owner, references, heat of every frame
//!             ◄── revert       │                   │ heap       blocks, orders, live count of each heap frame
//!                              ▼                   │ arenas     heaps beside it, racing
//!                          Observer                │ mappings   pages by size and access, regions by policy
//!                                                  │ tables     every page-table entry; walk: the page walk of an address
//!                                                  │ regions    the memory regions of each space
//!                                                  │ processes  live processes, and counts over their spaces
//!                                                  │ swap       pages in swap, and its slots
//!                                                  │ faults     the last page faults
//!                                                  └ bytes      the watched bytes of a heap block
//! ```
//! Invariants:
//!
//! - `revert(e)` directly after `apply(e)` restores the exact state for every event that an
//!   allocator can emit. The exception is a fault that the bounded fault log dropped, which a
//!   [`Timeline`](crate::timeline) restores.
//! - An [`Observer`] is notified of everything that an event changes. So the cost of drawing
//!   depends on the changes and not on the size of memory.
//!
//! This folder uses `mm`, and no other folder of this crate. It draws nothing.
//!
//! The model never reads memory: [`truth`](crate::truth) compares it with the machine.

mod direction;
pub mod faults;
pub mod firmware_map;
mod fold;
pub mod frames;
pub mod heap;
pub mod mappings;
pub mod memory_regions;
mod observer;
pub mod processes;
pub mod samples;
mod storage;
pub mod swap;
pub mod tables;
#[cfg(test)]
pub(crate) mod tests;
pub mod walk;
pub mod watched_bytes;

pub use direction::Direction;
pub use faults::{Fault, FaultLog};
pub use firmware_map::{FirmwareMap, FirmwareRegion, MAX_FIRMWARE_REGIONS};
pub use fold::{Model, changes_frames};
pub use frames::{Frame, Frames, OWNERS};
pub use heap::arenas::{Arena, ArenaBlock, Arenas};
pub use heap::{Block, Heap, HeapFrame, HeapTotals, ORDERS};
pub use mappings::Mappings;
pub use memory_regions::Regions;
pub use observer::Observer;
pub use processes::{Process, Processes};
pub use storage::{ModelNeeds, ModelStorage};
pub use swap::Swap;
pub use tables::{Entry, EntryPosition, Tables};
pub use walk::Walk;
pub use watched_bytes::{WatchedBytes, WatchedWord};
