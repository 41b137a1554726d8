//! How the address of a row is written beside the cells.

use crate::view::layout;

/// How the address of a row is written, in so many digits.
#[derive(Clone, Copy, Debug)]
pub enum Label {
    /// `0x1000000`
    Hexadecimal(usize),
    /// `100000000`, where there is no room for more.
    Digits(usize),
}

impl Label {
    /// What the addresses of this many frames need.
    pub fn fitting(frames: usize) -> Label {
        let last_address = (frames.max(1) as u64 * 4096 - 1).max(0xfff_ffff);
        let digits = last_address.ilog2() as usize / 4 + 1;
        match digits + 3 > layout::MAP_LABEL as usize {
            true => Label::Digits(digits),
            false => Label::Hexadecimal(digits),
        }
    }
}
