//! Words of figures: a change of a count, and text of limited length.

use core::fmt::{self, Display};

/// The text of something that is shorter than `N` bytes.
pub fn text<const N: usize>(words: impl Display) -> heapless::String<N> {
    let mut text = heapless::String::new();
    // Text that does not fit is cut.
    let _ = fmt::write(&mut text, format_args!("{words}"));
    text
}

/// A change of a count: `+3`, `−1`.
#[derive(Clone, Copy)]
pub struct Change(pub i64);

impl Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0.. => write!(f, "+{}", self.0),
            _ => write!(f, "–{}", self.0.unsigned_abs()),
        }
    }
}
