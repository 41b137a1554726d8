//! Trace files: a run of memviz as a file, and the player that draws it again.
//!
//! ```text
//! format   its constants
//! error    why a file is refused          coder    events as small differences
//! write    records ──► blocks ──► file    read     file ──► blocks ──► records
//! player   records ──► dashboard ──► screen
//! ```
//! The records are those of [`memviz::dashboard::record`]. The format is described in
//! `docs/trace-format.md`. No unsafe code, no operating system beyond `std::io`: the same code runs
//! on the host and in a browser.
#![forbid(unsafe_code)]

mod coder;
mod error;
mod format;
pub mod player;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use error::TraceError;
pub use format::{BLOCK_BYTES, EVENTS_AT_ONCE, MAGIC};
pub use read::{Ending, Item, Reader};
pub use write::Writer;
