//! Swap: the content of pages that have no frame, compressed in memory.
//!
//! ```text
//! page ──► slots ──► compressed     slots: numbered, with users; an entry or a frame names one
//!            ▲                      compressed: the bytes, in blocks of the heap or in frames
//! frame ──► copies                  copies: the slot that has the content of a clean frame
//! ```
//! In here: what swap knows of pages and frames. It knows no processes and no page tables.

mod compressed;
mod content;
mod copies;
mod error;
mod slots;

pub use content::{Content, PAGE};
pub use copies::{copy_of, drop_copy, keep_copy};
pub use error::SwapError;
pub use slots::{
    Statistics, corrupt_for_test, for_each_used, is_on, load, read, release, share, statistics,
    store, switch,
};

/// Returns the bytes of the tables of slots and copies of a machine with so many frames.
pub fn table_bytes(frames: usize) -> usize {
    slots::table_bytes(frames) + copies::table_bytes(frames)
}

/// Makes the tables of slots and copies, which the first stored pages make otherwise.
///
/// # Errors
/// When swap is off, or there are no frames for them.
pub fn make_tables() -> Result<(), SwapError> {
    slots::make_table()?;
    copies::make_table()
}

/// Frees the tables of slots and copies if none is used. The next page that is stored makes new
/// ones.
pub fn free_table() {
    slots::free_table();
    copies::free_table();
}
