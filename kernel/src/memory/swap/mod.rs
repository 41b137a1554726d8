//! Swap: the content of pages that have no frame, compressed in memory or on a disk.
//!
//! ```text
//! page ──► slots ──► device      slots: numbered, with users; an entry or a frame names one
//!            ▲                   device: the bytes, in compressed memory or on a disk
//! frame ──► copies               copies: the slot that has the content of a clean frame
//! ```
//! In here: what swap knows of pages and frames. It knows no processes and no page tables but the
//! kernel's own, in which the registers of the disk are mapped.

mod checksum;
mod compressed;
mod content;
mod copies;
mod device;
mod devices;
mod disk;
mod error;
mod slots;

pub use content::{Content, PAGE};
pub use copies::{copy_of, drop_copy, keep_copy};
pub use device::DeviceKind;
pub use error::SwapError;
pub use slots::{
    Statistics, corrupt_for_test, device_in_use, for_each_used, inject_failures_for_test, is_on,
    load, read, release, share, statistics, store, switch,
};

/// Stores pages on a disk from now on, if there is one. Otherwise compressed memory remains.
pub fn use_disk() {
    match disk::Disk::find() {
        Ok(disk) => {
            slots::attach(disk);
            log::info!("swap: {}", device_in_use());
        }
        Err(error) => log::warn!("swap: no disk ({error}), so pages go to compressed memory"),
    }
}

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
