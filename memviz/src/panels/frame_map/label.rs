//! The format of the row addresses beside the cells.

use crate::view::layout;

/// The format of a row address, with its number of digits.
#[derive(Clone, Copy, Debug)]
pub enum Label {
    /// `0x1000000`
    Hexadecimal(usize),
    /// `100000000`, if the prefix does not fit.
    Digits(usize),
}

impl Label {
    /// The format for the addresses of this many frames.
    pub fn fitting(frames: usize) -> Label {
        let last_address = (frames.max(1) as u64 * 4096 - 1).max(0xfff_ffff);
        let digits = last_address.ilog2() as usize / 4 + 1;
        match digits + 3 > layout::MAP_LABEL as usize {
            true => Label::Digits(digits),
            false => Label::Hexadecimal(digits),
        }
    }
}
