//! The memory of the machine, in five parts, each built on those below.
//!
//! ```text
//! checks      balances, leak reports, accesses that may fault
//! swap        pages without a frame, compressed
//! heap        kmalloc and its family
//! paging      page tables, the address space, its regions
//! physical    frames, their tags, their heat
//! ```
//! A part may use those below it. Beside them, `init` initializes all of them, with the steps `map`
//! and `boot_ranges`; `trace` is a leaf that every part may use. `memory` uses `boot` and
//! `machine`; it knows no processes.

mod boot_ranges;
pub mod checks;
mod described_map;
mod error;
pub mod heap;
mod init;
pub mod map;
pub mod paging;
pub mod physical;
pub mod swap;
pub mod trace;

pub use init::init;
