//! The pure part of paging: memory regions, the cause of a page fault, and the page walk.
//!
//! ```text
//! region     address ranges with a policy      classify   error code, rights, region ─► cause
//! walk       an address through four levels of tables, decoded
//! ```
//! The caller reads page-table entries, so all of this code runs on a PC.

mod classify;
mod region;
mod swap_entry;
pub mod walk;

pub use crate::vocabulary::faults::{ErrorCode, FaultCause, FaultOutcome};
pub use crate::vocabulary::pages::{Access, PageSize, RegionPolicy, TableLevel};
pub use classify::{PageState, classify};
pub use region::{Region, RegionError, RegionTable};
pub use swap_entry::SwapSlot;
