//! Sums over groups of 64 frames and over sections of 16 groups. With them, another view of all
//! memory reads about a thousandth of the frames.
//!
//! ```text
//! frames     0 … 63 | 64 … 127 | 128 … 191 | …
//! groups      sum   |   sum    |   stale   | …       a change of a frame makes its group and its section stale: two
//! sections                stale              …       stores; a reader recomputes a stale sum
//! ```
//! Smaller cells are computed frame by frame, except in a group whose sum is 0.
//!
//! Invariants: a subtotal that is not stale is the sum over its frames; the section of a stale
//! group is stale. At the start, all frames are free and cold, all sums are 0, and none is stale.

use super::cell::Cell;
use super::view::View;
use crate::model::{Frame, OWNERS};
use core::ops::Range;
use core::slice::from_ref;

/// Frames in a group.
const GROUP: usize = 64;
/// Frames in a section.
const SECTION: usize = GROUPS * GROUP;
/// Groups in a section.
const GROUPS: usize = 16;
/// Frames that a scan skips at once.
const PASSED: usize = 8;

/// The sums over a group or a section; [`Cell`] describes the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subtotal {
    owners: [u16; OWNERS],
    pinned: u16,
    shared: u16,
    differing: u16,
    warm: u16,
    references: u32,
    heat: u32,
    is_stale: bool,
}

/// Returns the number of subtotals that `frames` frames need: groups, followed by sections.
pub const fn needed(frames: usize) -> usize {
    frames.div_ceil(GROUP) + frames.div_ceil(SECTION)
}

/// The subtotals of all frames.
#[derive(Debug)]
pub struct Subtotals<'m> {
    groups: &'m mut [Subtotal],
    sections: &'m mut [Subtotal],
}

impl<'m> Subtotals<'m> {
    /// Creates the subtotals of `frames` frames. [`needed`] gives the length of the buffer.
    pub fn new(subtotals: &'m mut [Subtotal], frames: usize) -> Self {
        subtotals.fill(Subtotal::default());
        let (groups, sections) = subtotals.split_at_mut(frames.div_ceil(GROUP));
        Subtotals { groups, sections }
    }

    /// Marks the subtotals of a frame as stale.
    #[inline]
    pub fn change(&mut self, number: usize) {
        self.groups[number / GROUP].is_stale = true;
        self.sections[number / SECTION].is_stale = true;
    }

    /// Adds the frames of a view to its cells, which are empty.
    pub fn add_view(&mut self, cells: &mut [Cell], frames: &[Frame], view: View) {
        if view.frames_per_cell() >= GROUP {
            for (number, cell) in cells.iter_mut().enumerate() {
                let range = view.frames_of(number);
                let end = range.end.div_ceil(SECTION).min(self.sections.len());
                let sections = self.sections.get(range.start / SECTION..end);
                if !sections.is_some_and(|sections| sections.iter().all(Subtotal::is_nothing)) {
                    self.add(cell, frames, range);
                }
            }
            return;
        }
        // Skips groups, and cells, that have nothing to count.
        let per_group = GROUP / view.frames_per_cell();
        let begin = view.first / GROUP * GROUP;
        let end = frames.len().min(view.frames_of(cells.len()).start);
        for (at, subtotal) in (begin..end)
            .step_by(GROUP)
            .zip(&self.groups[begin / GROUP..])
        {
            if subtotal.is_nothing() {
                continue;
            }
            let first = view.cells_of(at..at + 1).start;
            let last = cells.len().min(first + per_group);
            for (number, cell) in (first..).zip(&mut cells[first..last]) {
                let range = view.frames_of(number);
                if range.start >= at + GROUP || range.start >= frames.len() {
                    break;
                }
                add_frames(cell, &frames[range.start..range.end.min(frames.len())]);
            }
        }
    }

    /// Adds the frames with these numbers to a cell.
    pub fn add(&mut self, cell: &mut Cell, frames: &[Frame], range: Range<usize>) {
        let end = range.end.min(frames.len());
        let mut at = range.start;
        while at < end {
            let is_whole = |size: usize| at.is_multiple_of(size) && at + size <= end;
            at = if is_whole(SECTION) {
                cell.add(self.section(at / SECTION, frames));
                at + SECTION
            } else if is_whole(GROUP) {
                cell.add(self.group(at / GROUP, frames));
                at + GROUP
            } else {
                let next = end.min((at / GROUP + 1) * GROUP);
                if !self.groups[at / GROUP].is_nothing() {
                    add_frames(cell, &frames[at..next]);
                }
                next
            };
        }
    }

    /// Returns the sum over a section.
    fn section(&mut self, section: usize, frames: &[Frame]) -> &Subtotal {
        if self.sections[section].is_stale {
            let mut sum = Cell::default();
            for group in section * GROUPS..(section + 1) * GROUPS {
                sum.add(self.group(group, frames));
            }
            self.sections[section] = Subtotal::of(&sum);
        }
        &self.sections[section]
    }

    /// Returns the sum over a group.
    fn group(&mut self, group: usize, frames: &[Frame]) -> &Subtotal {
        if self.groups[group].is_stale {
            let mut sum = Cell::default();
            add_frames(&mut sum, &frames[group * GROUP..(group + 1) * GROUP]);
            self.groups[group] = Subtotal::of(&sum);
        }
        &self.groups[group]
    }
}

/// Skips frames with nothing to count, which are the most.
fn add_frames(cell: &mut Cell, frames: &[Frame]) {
    let is_nothing = |frames: &[Frame]| Frame::counted(frames) == 0;
    for some in frames.chunks(PASSED).filter(|some| !is_nothing(some)) {
        for frame in some.iter().filter(|&frame| !is_nothing(from_ref(frame))) {
            cell.replace(&Frame::default(), frame);
        }
    }
}

impl Subtotal {
    /// Returns whether the sum is up to date and 0, as it is for most of a large memory.
    #[inline]
    fn is_nothing(&self) -> bool {
        let owners = self.owners.iter().fold(0, |any, &count| any | count);
        let marks = self.pinned | self.shared | self.differing | self.warm;
        u32::from(owners | marks) | self.references | self.heat == 0 && !self.is_stale
    }

    /// Converts the sums of a cell with at most a section of frames.
    fn of(cell: &Cell) -> Subtotal {
        Subtotal {
            owners: cell.owners.map(|count| count as u16),
            pinned: cell.pinned as u16,
            shared: cell.shared as u16,
            differing: cell.differing as u16,
            warm: cell.warm as u16,
            references: cell.references as u32,
            heat: cell.heat as u32,
            is_stale: false,
        }
    }
}

impl Cell {
    /// Adds a group or a section of frames.
    fn add(&mut self, group: &Subtotal) {
        // Most of a large memory has nothing to count.
        if group.is_nothing() {
            return;
        }
        let is_used = group.owners != [0; OWNERS];
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

#[cfg(test)]
mod tests {
    use super::*;
    use mm::tag::Tag;
    use proptest::prelude::*;

    const FRAMES: usize = 5 * SECTION + 3 * GROUP + 7;

    proptest! {
        /// Cells of all sizes, from a frame to several sections, at any start and end.
        #[test]
        fn a_view_is_the_sum_of_each_of_its_cells(
            changes in prop::collection::vec((0..FRAMES, 1..900usize, 0u32..3), 1..6),
            (shift, first, cells) in (0u32..13, 0..FRAMES, 1..60usize),
        ) {
            let view = View { first: first >> shift << shift, shift, cells };
            let mut frames = vec![Frame::default(); FRAMES];
            let mut buffer = vec![Subtotal::default(); needed(FRAMES)];
            let mut subtotals = Subtotals::new(&mut buffer, FRAMES);
            for (start, length, references) in changes {
                let tag = if references > 0 { Tag::KERNEL } else { Tag::empty() };
                let changed = start..(start + length).min(FRAMES);
                frames[changed.clone()].fill(Frame::known(tag, references));
                changed.for_each(|number| subtotals.change(number));
                let mut cells = vec![Cell::default(); view.cells];
                subtotals.add_view(&mut cells, &frames, view);
                for (number, cell) in cells.iter().enumerate() {
                    let mut naive = Cell::default();
                    let range = view.frames_of(number);
                    for frame in frames.iter().take(range.end).skip(range.start) {
                        naive.replace(&Frame::default(), frame);
                    }
                    prop_assert_eq!(cell, &naive, "cell {}", number);
                }
            }
        }

        #[test]
        fn sums_of_any_frames_are_the_sums_of_each(
            changes in prop::collection::vec((0..FRAMES, 1..3000usize, 0u32..3), 1..12),
            ranges in prop::collection::vec((0..FRAMES, 0..FRAMES + 9), 12),
        ) {
            let mut frames = vec![Frame::default(); FRAMES];
            let mut buffer = vec![Subtotal::default(); needed(FRAMES)];
            let mut subtotals = Subtotals::new(&mut buffer, FRAMES);
            for ((first, count, references), (start, end)) in changes.into_iter().zip(ranges) {
                let tag = if references > 0 { Tag::KERNEL } else { Tag::empty() };
                let changed = first..(first + count).min(FRAMES);
                frames[changed.clone()].fill(Frame::known(tag, references));
                changed.for_each(|number| subtotals.change(number));
                let (mut sum, mut naive) = (Cell::default(), Cell::default());
                subtotals.add(&mut sum, &frames, start..end);
                for frame in frames.iter().take(end).skip(start) {
                    naive.replace(&Frame::default(), frame);
                }
                prop_assert_eq!(sum, naive);
            }
        }
    }
}
