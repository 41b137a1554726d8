//! The accents of cells of the map: a cell stands out if it changed recently or is highlighted.
//!
//! ```text
//! time      ──────────┬──────────┬──────────┬──────────┬─► the last event that the picture shows
//! period        n-3   │   n-2    │   n-1    │    n     │   a quarter of a second each
//! age           none  │    2     │    1     │    0     │   of a cell that changed then
//! ```
//! Ages follow from the events that the picture shows, not from the clock. Stepping back and forth
//! therefore gives the same picture, and without events the picture does not change.

use crate::view::dirty::DirtySet;
use bitflags::bitflags;
use core::ops::Range;

bitflags! {
    /// The reasons why a cell is highlighted.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Marks: u8 {
        /// The cell belongs to the selection.
        const SELECTED = 1 << 0;
        /// A used frame of the cell blocks a refused run.
        const IN_THE_WAY = 1 << 1;
        /// The last event that the picture shows is about the cell.
        const HAPPENING = 1 << 2;
    }
}

/// The binary logarithm of a period in nanoseconds: about a quarter of a second.
const PERIOD_SHIFT: u32 = 28;
/// The number of ages that the map can show.
pub const AGES: u32 = 3;

/// Returns the period of a time in nanoseconds since boot, counted from 1. After 36 years it stays
/// the last one: changes do not age any more.
fn period(time: u64) -> u32 {
    u32::try_from(time >> PERIOD_SHIFT).map_or(u32::MAX, |period| period.saturating_add(1))
}

/// Returns the earliest time of a change that is still visible at `time`.
pub fn horizon(time: u64) -> u64 {
    (time >> PERIOD_SHIFT).saturating_sub(u64::from(AGES) - 1) << PERIOD_SHIFT
}

/// The accent of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accent {
    /// The period of its last change, or 0 if no change is visible.
    changed: u32,
    /// The reasons why it is highlighted.
    pub marks: Marks,
}

/// The accents of all cells in view.
#[derive(Debug)]
pub struct Accents<'m> {
    accents: &'m mut [Accent],
    /// The number of cells in view.
    len: usize,
    /// The period of the picture.
    now: u32,
    /// The period to record for cells that change, or 0 while changes stay invisible.
    stamp: u32,
    /// The period of the most recent change.
    newest: u32,
    /// True if any cell is highlighted.
    is_any_highlighted: bool,
}

impl<'m> Accents<'m> {
    pub(super) fn new(accents: &'m mut [Accent]) -> Self {
        Accents {
            accents,
            len: 0,
            now: 0,
            stamp: 0,
            newest: 0,
            is_any_highlighted: false,
        }
    }

    /// Sets the number of cells in view, and clears all accents.
    pub(super) fn resize(&mut self, cells: usize) {
        self.accents[..cells].fill(Accent::default());
        self.len = cells;
        self.is_any_highlighted = false;
    }

    /// Returns whether any change is still visible.
    pub fn is_any_fresh(&self) -> bool {
        is_seen(self.newest, self.now)
    }

    /// Returns the periods since the last change of a cell, or `None` if it is not visible any
    /// more.
    #[inline]
    pub fn age(&self, cell: usize) -> Option<u32> {
        let changed = self.accents[cell].changed;
        is_seen(changed, self.now).then(|| self.now.saturating_sub(changed))
    }

    /// Returns the reasons why a cell is highlighted.
    #[inline]
    pub fn marks(&self, cell: usize) -> Marks {
        self.accents[cell].marks
    }

    /// Returns whether any cell is highlighted.
    pub fn is_any_highlighted(&self) -> bool {
        self.is_any_highlighted
    }

    /// Highlights a cell.
    pub fn highlight(&mut self, cell: usize, marks: Marks) {
        self.accents[cell].marks |= marks;
        self.is_any_highlighted = true;
    }

    /// Clears the highlights of all cells.
    pub fn clear_marks(&mut self) {
        for accent in &mut self.accents[..self.len] {
            accent.marks = Marks::empty();
        }
        self.is_any_highlighted = false;
    }

    /// Starts an event at `time`. `is_seen` says whether its changes are visible. Inserts the cells
    /// whose age grows into `aged`.
    #[inline]
    pub(super) fn happen(&mut self, time: u64, is_seen: bool, aged: &mut DirtySet) {
        let now = period(time);
        if now != self.now {
            self.pass(now, aged);
        }
        self.stamp = if is_seen { now } else { 0 };
    }

    /// Keeps the following changes invisible: an event is reverted, or the machine was compared.
    #[inline]
    pub(super) fn ignore(&mut self) {
        self.stamp = 0;
    }

    /// Records that a cell changed.
    #[inline]
    pub(super) fn change(&mut self, cell: usize) {
        if self.stamp != 0 {
            self.accents[cell].changed = self.stamp;
            self.newest = self.stamp;
        }
    }

    /// Starts another period: all recent changes become older.
    #[cold]
    fn pass(&mut self, now: u32, aged: &mut DirtySet) {
        if self.is_any_fresh() {
            let oldest = oldest_seen(self.now);
            for (cell, accent) in self.accents[..self.len].iter().enumerate() {
                if accent.changed >= oldest {
                    aged.insert(cell);
                }
            }
        }
        self.now = now;
    }

    /// Forgets all changes, and sets the time of the picture. Inserts the cells into `aged`.
    pub(super) fn forget(&mut self, time: u64, aged: &mut DirtySet) {
        for cell in 0..self.len {
            if self.accents[cell].changed > 0 {
                aged.insert(cell);
                self.accents[cell].changed = 0;
            }
        }
        (self.now, self.stamp, self.newest) = (period(time), 0, 0);
    }

    /// Returns whether a time is in the period of the picture.
    pub(super) fn is_of_period(&self, time: u64) -> bool {
        period(time) == self.now
    }

    /// Forgets the last change of some cells, which was reverted.
    pub(super) fn undo(&mut self, cells: Range<usize>, aged: &mut DirtySet) {
        for cell in cells {
            self.accents[cell].changed = 0;
            aged.insert(cell);
        }
        self.stamp = 0;
    }

    /// Records a change at `time` for those cells that have no later change.
    #[inline]
    pub(super) fn recall(&mut self, cells: Range<usize>, time: u64, aged: &mut DirtySet) {
        for cell in cells {
            if self.accents[cell].changed == 0 {
                self.accents[cell].changed = period(time);
                aged.insert(cell);
            }
        }
    }

    /// Records a change at `time`, unless a cell has a later change.
    pub(super) fn remember(&mut self, cells: Range<usize>, time: u64, aged: &mut DirtySet) {
        let then = period(time);
        self.newest = then.max(self.newest);
        for cell in cells {
            let changed = &mut self.accents[cell].changed;
            *changed = then.max(*changed);
            aged.insert(cell);
        }
    }
}

/// Returns whether a change in a period is still visible.
#[inline]
fn is_seen(changed: u32, now: u32) -> bool {
    changed >= oldest_seen(now)
}

/// Returns the earliest period whose changes are still visible.
#[inline]
fn oldest_seen(now: u32) -> u32 {
    now.saturating_sub(AGES - 1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_last_period_changes_do_not_age() {
        let last = u64::from(u32::MAX) << PERIOD_SHIFT;
        assert_eq!(period(0), 1);
        assert_eq!(period(last - (1 << PERIOD_SHIFT) - 1), u32::MAX - 1);
        for time in [last - 1, last, last + (1 << PERIOD_SHIFT), u64::MAX] {
            assert_eq!(period(time), u32::MAX, "{time:#x}");
        }
        assert!(is_seen(period(last), period(u64::MAX)));
        assert!(!is_seen(1, period(u64::MAX)));
    }
}
