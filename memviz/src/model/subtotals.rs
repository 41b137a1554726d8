//! Frames summed up in groups of 64, so that another view of all memory costs a sixty-fourth of it.
//!
//! ```text
//! frames     0 … 63 | 64 … 127 | 128 … 191 | …
//! subtotals    sum  |   sum    |   stale   | …       a change of a frame makes its subtotal stale: one store;
//!                                                    whoever needs a stale one sums its frames up again
//! ```
//! Cells of fewer frames are summed up frame by frame, but where the subtotal says that there is nothing.
//!
//! Invariant: a subtotal that is not stale is the sum of its frames. In the beginning all frames are free and cold, and
//! all sums are zero: nothing is stale.

use super::{Cell, Frame, OWNERS};
use core::ops::Range;
use core::slice::from_ref;

/// Frames of a group.
const GROUP: usize = 64;
/// Frames that are passed at once.
const PASSED: usize = 8;

/// A group of 64 frames in numbers; see [`Cell`] for what they count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subtotal {
    owners: [u8; OWNERS],
    pinned: u8,
    shared: u8,
    differing: u8,
    warm: u8,
    is_stale: bool,
    heat: u16,
    references: u32,
}

/// How many subtotals so many frames need.
pub const fn needed(frames: usize) -> usize {
    frames.div_ceil(GROUP)
}

/// The subtotals of all frames.
#[derive(Debug)]
pub(super) struct Subtotals<'m>(&'m mut [Subtotal]);

impl<'m> Subtotals<'m> {
    pub fn new(subtotals: &'m mut [Subtotal]) -> Self {
        subtotals.fill(Subtotal::default());
        Subtotals(subtotals)
    }

    /// A frame is not what it was.
    #[inline]
    pub fn change(&mut self, number: usize) {
        self.0[number / GROUP].is_stale = true;
    }

    /// Adds the frames with these numbers to a cell.
    pub fn add(&mut self, cell: &mut Cell, frames: &[Frame], range: Range<usize>) {
        let end = range.end.min(frames.len());
        let mut at = range.start;
        while at < end {
            let next = (at / GROUP + 1) * GROUP;
            if at.is_multiple_of(GROUP) && next <= end {
                cell.add(&self.of(at / GROUP, &frames[at..next]));
            } else if self.0[at / GROUP] != Subtotal::default() {
                add_frames(cell, &frames[at..next.min(end)]);
            }
            at = next;
        }
    }

    /// The subtotal of a group, of which these are the frames.
    fn of(&mut self, group: usize, frames: &[Frame]) -> Subtotal {
        let subtotal = &mut self.0[group];
        if subtotal.is_stale {
            let mut sum = Cell::default();
            add_frames(&mut sum, frames);
            *subtotal = Subtotal::of(&sum);
        }
        *subtotal
    }
}

/// Frames of which there is nothing to count are the most, and are passed quickly.
fn add_frames(cell: &mut Cell, frames: &[Frame]) {
    let is_nothing = |frames: &[Frame]| Frame::counted(frames) == 0;
    for some in frames.chunks(PASSED).filter(|some| !is_nothing(some)) {
        for frame in some.iter().filter(|&frame| !is_nothing(from_ref(frame))) {
            cell.replace(&Frame::default(), frame);
        }
    }
}

impl Subtotal {
    /// Of a cell of no more than a group of frames.
    fn of(cell: &Cell) -> Subtotal {
        Subtotal {
            owners: cell.owners.map(|count| count as u8),
            pinned: cell.pinned as u8,
            shared: cell.shared as u8,
            differing: cell.differing as u8,
            warm: cell.warm as u8,
            is_stale: false,
            heat: cell.heat as u16,
            references: cell.references as u32,
        }
    }
}

impl Cell {
    /// Adds a group of frames.
    fn add(&mut self, group: &Subtotal) {
        let is_used = u64::from_ne_bytes(group.owners) != 0;
        if is_used {
            for (sum, &count) in self.owners.iter_mut().zip(&group.owners) {
                *sum += u32::from(count);
                self.used += u32::from(count);
            }
            self.pinned += u32::from(group.pinned);
            self.shared += u32::from(group.shared);
            self.references += u64::from(group.references);
        }
        self.differing += u32::from(group.differing);
        self.warm += u32::from(group.warm);
        self.heat += u64::from(group.heat);
    }
}
