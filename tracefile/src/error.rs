//! Why a trace file is refused, in one line.

use memviz::dashboard::record::{OLDEST_VERSION, VERSION};
use std::io;

/// Why a trace file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The first bytes are others.
    #[error("this is not a trace file of memviz")]
    NotATrace,
    /// The format has another version.
    #[error(
        "the trace file has version {0}, and this program reads versions {OLDEST_VERSION} to {VERSION}"
    )]
    Version(u16),
    /// A checksum or a record is wrong.
    #[error("the trace file is damaged in block {block}, at byte {at}: {why}")]
    Damaged {
        /// The number of the block, from 0.
        block: u64,
        /// The position of the block in the file.
        at: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// The records make no sense.
    #[error("the trace file cannot be played: {0}")]
    Unplayable(&'static str),
    /// The file cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
}
