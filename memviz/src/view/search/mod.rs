//! The search in the history: a line of words, and a bit for each event that matches it.
//!
//! ```text
//! "fault 0x40" ──► Query ──each event──► Hits ──► marks in the timeline, next and previous match
//! ```
//! A history is long, so each picture searches a part of it.

pub mod hits;
mod moment;
pub mod query;
mod reach;
pub mod state;
mod term;
pub mod thing;

pub use moment::{Lookups, Moment};
