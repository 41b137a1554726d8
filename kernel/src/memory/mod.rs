//! The memory of the machine, in four wings that stand on each other.
//!
//! ```text
//! checks      balances, leak reports, accesses that may fault
//! heap        kmalloc and its family
//! paging      page tables, the address space, its regions
//! physical    frames, their tags, their heat
//! ```
//! Beside them: `init` brings all of it up from what the boot loader left, `map` and `boot_ranges`
//! are two steps of it, and `trace` and `size` are leaves that every wing may use. `memory` uses
//! `boot` and `machine`; it knows no processes.

mod boot_ranges;
pub mod checks;
mod error;
pub mod heap;
mod init;
pub mod map;
pub mod paging;
pub mod physical;
pub mod trace;

pub use init::init;
