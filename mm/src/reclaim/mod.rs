//! Page replacement: which resident page makes room for another.
//!
//! ```text
//! table ──► policies/*   one file each: FIFO, LRU, MRU, clock, NRU, aging, random, OPT, worst
//!               │
//! resident ──► policy    the trait: what a policy hears of, and what it answers
//!    │          │        index: which frame of the set holds a page
//!    ▲          │
//! replay        ▼
//!             pages      the resident pages: bits, next use, lists
//! ```
//!
//! The caller moves pages; this module only decides. [`ResidentSet`] serves a page-fault handler.
//! [`Replay`] counts the faults of a reference string without a machine, by the same policies.

pub mod index;
pub mod pages;
pub mod policy;
pub mod replay;
pub mod resident;
pub mod table;

mod generator;
mod policies;
#[cfg(test)]
mod tests;

pub use index::{IndexEntry, PageIndex};
pub use pages::{Pages, Record};
pub use policy::Policy;
pub use replay::{Counts, Outcome, PageReference, Replay, next_uses};
pub use resident::{FrameIndex, Reference, ResidentSet};
pub use table::{POLICIES, named};
