//! The constants of the format: see `docs/trace-format.md`.

/// The first bytes of a trace file.
pub const MAGIC: [u8; 8] = *b"memviztr";
/// The bytes in front of each block: its length, the length as stored, and the checksum.
pub const BLOCK_HEADER: usize = 12;
/// The most bytes of a block.
pub const BLOCK_BYTES: usize = 1 << 20;
/// A block ends when it has at least this many bytes.
pub const BLOCK_FULL: usize = 256 << 10;
/// The most events of one record.
pub const EVENTS_AT_ONCE: u64 = 4096;
