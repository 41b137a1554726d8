//! The device of swap: where the bytes of a slot are.
//!
//! ```text
//!                ┌─► compressed memory   blocks of the heap, frames
//! slots ──Device─┤
//!                └─► disk                8 sectors for each slot
//! ```
//! A device knows bytes. Slots, their users and the bitmap of free slots are the same for both.

use super::content::Content;
use super::error::SwapError;
use core::fmt;
use mm::paging::SwapSlot;
use mm::units::Bytes;

/// What a slot keeps about the bytes of its page: 16 bytes.
#[derive(Clone, Copy)]
pub struct Stored {
    /// In compressed memory, the address of the bytes; for a page of one repeated word, that word.
    /// A disk needs no address: the number of the slot says where they are.
    pub block: u64,
    /// The checksum of the stored bytes.
    pub checksum: u32,
    /// How many bytes are stored; 0 for a page of one repeated word.
    pub bytes: u16,
    /// The block is a frame, not a block of the heap.
    pub is_frame: bool,
}

/// Where the bytes of slots are.
pub trait Device {
    /// The kind, and the size.
    fn kind(&self) -> DeviceKind;

    /// Returns for how many slots there is room on a machine with so many frames.
    fn slots(&self, frames: usize) -> usize;

    /// Stores a page.
    ///
    /// # Errors
    /// When there is no room, or the disk refuses; the slot is still free then.
    fn store(&mut self, slot: SwapSlot, page: &Content) -> Result<Stored, SwapError>;

    /// Reads a page back.
    ///
    /// # Errors
    /// When the bytes are not those that were stored, or the disk refuses; `page` has no meaning
    /// then.
    fn load(
        &mut self,
        slot: SwapSlot,
        stored: &Stored,
        page: &mut Content,
    ) -> Result<(), SwapError>;

    /// Frees the bytes. The page must not be used again.
    fn free(&mut self, stored: Stored);

    /// For a test: flips a bit of the stored bytes. Returns false if there are none.
    fn corrupt_for_test(&mut self, slot: SwapSlot, stored: &Stored) -> bool;
}

/// The kind of a device, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// Compressed memory.
    Compressed,
    /// A disk with so many bytes.
    Disk {
        /// The bytes of the disk.
        bytes: u64,
        /// It did not answer in time, and is not used any more.
        is_silent: bool,
    },
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            DeviceKind::Compressed => f.write_str("compressed memory"),
            DeviceKind::Disk { bytes, is_silent } => {
                write!(f, "a disk of {}", Bytes(bytes))?;
                match is_silent {
                    true => f.write_str(", which does not answer"),
                    false => Ok(()),
                }
            }
        }
    }
}
