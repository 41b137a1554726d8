//! Why swap refuses a page, or cannot return one.

use core::fmt;
use mm::frame::AllocateError;
use mm::paging::SwapSlot;

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
    /// The stored bytes are not those that were written.
    Corrupt(SwapSlot),
}

impl fmt::Display for SwapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SwapError::Off => f.write_str("no swap: the command line says swap=off"),
            SwapError::NoTable(error) => write!(f, "no table of swap slots: {error}"),
            SwapError::Full(slots) => write!(f, "all {slots} swap slots are used"),
            SwapError::NoRoom(error) => write!(f, "no room for a page in swap: {error}"),
            SwapError::TooManyUsers(slot) => {
                write!(f, "swap slot {} has the most users", slot.number())
            }
            SwapError::Corrupt(slot) => {
                write!(f, "the page in swap slot {} is corrupt", slot.number())
            }
        }
    }
}
