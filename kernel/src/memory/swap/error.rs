//! Why swap refuses a page, or cannot return one.

use core::fmt;
use mm::frame::AllocateError;
use mm::paging::SwapSlot;
use virtio_drivers::Error;

/// Why swap refuses a page, or cannot return one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapError {
    /// The command line says `swap=off`.
    Off,
    /// No frames for the table of slots.
    NoTable(AllocateError),
    /// All slots are used: this many.
    Full(usize),
    /// Neither the heap nor the frame allocator has room for a compressed page.
    NoRoom(AllocateError),
    /// The slot has the most users.
    TooManyUsers(SwapSlot),
    /// The disk did not write the page to a slot, or did not read it.
    Disk {
        /// The slot.
        slot: SwapSlot,
        /// True for a write.
        is_write: bool,
        /// The reason.
        why: RequestError,
    },
    /// The stored bytes are not those that were written.
    Corrupt(SwapSlot),
}

impl SwapError {
    /// Returns whether the page may go to another slot of the same disk.
    pub fn is_of_slot(&self) -> bool {
        let refused = RequestError::Refused;
        matches!(self, SwapError::Disk { is_write: true, why, .. } if *why == refused)
    }
}

impl fmt::Display for SwapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            SwapError::Off => f.write_str("no swap: the command line says swap=off"),
            SwapError::NoTable(error) => write!(f, "no table of swap slots: {error}"),
            SwapError::Full(slots) => write!(f, "all {slots} swap slots are used"),
            SwapError::NoRoom(error) => write!(f, "no room for a page in swap: {error}"),
            SwapError::TooManyUsers(slot) => {
                write!(f, "swap slot {} has the most users", slot.number())
            }
            SwapError::Disk {
                slot,
                is_write,
                why,
            } => write!(
                f,
                "the disk did not {} swap slot {}: {why}",
                if is_write { "write" } else { "read" },
                slot.number()
            ),
            SwapError::Corrupt(slot) => {
                write!(f, "the page in swap slot {} is corrupt", slot.number())
            }
        }
    }
}

/// Why a request of the disk failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The disk reports that it cannot read or write these sectors.
    Refused,
    /// The disk did not answer in time, now or before. It is not used any more.
    NoAnswer,
    /// The answer is not one of the protocol.
    Protocol,
}

impl From<Error> for RequestError {
    fn from(error: Error) -> RequestError {
        match error {
            Error::IoError | Error::Unsupported => RequestError::Refused,
            _ => RequestError::Protocol,
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RequestError::Refused => "I/O error",
            RequestError::NoAnswer => "no answer",
            RequestError::Protocol => "invalid answer",
        })
    }
}
