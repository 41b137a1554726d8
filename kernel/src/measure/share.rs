//! A part of a whole.

use core::fmt;

/// A share, which formats itself in percent with two decimals.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    pub part: u64,
    pub whole: u64,
}

impl Share {
    /// Returns the share in hundredths of a percent.
    pub fn basis_points(self) -> u64 {
        (u128::from(self.part) * 10_000 / u128::from(self.whole.max(1))) as u64
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.basis_points();
        write!(f, "{}.{:02} %", points / 100, points % 100)
    }
}
