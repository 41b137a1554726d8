//! The sums of the heap: labels and values, each in a long form and in a short one.

use crate::model::HeapTotals;
use crate::model::heap::block_bytes;
use core::fmt;
use mm::units::{Bytes, Count, Percent};

/// All numbers of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    pub totals: HeapTotals,
    pub refused: u64,
}

/// A sum above the orders.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    Live(Bytes),
    Free(Bytes),
    Largest(Bytes),
    Blocks(Count),
    InternalFragmentation(Percent),
    Refused(Count),
}

impl Sum {
    /// The sums, line by line.
    pub fn all(numbers: &Numbers) -> [Sum; 6] {
        let totals = &numbers.totals;
        let live = totals.live_bytes();
        [
            Sum::Live(Bytes(live)),
            Sum::Free(Bytes(totals.free_bytes())),
            Sum::Largest(Bytes(totals.largest_free().map_or(0, block_bytes))),
            Sum::Blocks(Count(totals.live_blocks())),
            Sum::InternalFragmentation(Percent {
                part: totals.internal_fragmentation(),
                whole: live,
            }),
            Sum::Refused(Count(numbers.refused)),
        ]
    }

    /// The label in its forms, the longest first.
    pub fn labels(self) -> &'static [&'static str] {
        match self {
            Sum::Live(_) => &["live"],
            Sum::Free(_) => &["free"],
            Sum::Largest(_) => &["largest"],
            Sum::Blocks(_) => &["blocks"],
            Sum::InternalFragmentation(_) => &["int. frag", "frag"],
            Sum::Refused(_) => &["refused"],
        }
    }

    /// The text cells of the widest value, with a decimal and without.
    pub fn widths(self) -> [usize; 2] {
        match self {
            Sum::Live(_) | Sum::Free(_) => ["1023.9 KiB".len(), "1023 KiB".len()],
            // A power of two has no decimal.
            Sum::Largest(_) => ["512 KiB".len(); 2],
            Sum::Blocks(_) | Sum::Refused(_) => ["99,999".len(); 2],
            Sum::InternalFragmentation(_) => ["100.0 %".len(), "100 %".len()],
        }
    }
}

/// Formats a sum, with a decimal or without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SumWords {
    pub sum: Sum,
    pub is_exact: bool,
}

impl fmt::Display for SumWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.sum, self.is_exact) {
            (Sum::Live(bytes) | Sum::Free(bytes) | Sum::Largest(bytes), true) => bytes.fmt(f),
            (Sum::Live(bytes) | Sum::Free(bytes) | Sum::Largest(bytes), false) => {
                write!(f, "{bytes:.0}")
            }
            (Sum::InternalFragmentation(share), true) => share.fmt(f),
            (Sum::InternalFragmentation(share), false) => write!(f, "{share:.0}"),
            (Sum::Blocks(count) | Sum::Refused(count), _) => count.fmt(f),
        }
    }
}
