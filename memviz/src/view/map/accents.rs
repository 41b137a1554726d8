//! What makes a cell of the map stand out: that it changed lately, or that somebody looks at it.
//!
//! ```text
//! time      ──────────┬──────────┬──────────┬──────────┬─► the last event that the picture shows
//! period        n-3   │   n-2    │   n-1    │    n     │   a quarter of a second each
//! age           none  │    2     │    1     │    0     │   of a cell that changed then
//! ```
//! Ages are told from the events that the picture shows and from nothing else: not from the clock.
//! So stepping back and forth gives the same picture, and a machine in which nothing happens has
//! one that stands still.

use crate::view::dirty::DirtySet;
use bitflags::bitflags;
use core::ops::Range;

bitflags! {
    /// Why a cell is lit.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Marks: u8 {
        /// It belongs to what is selected.
        const SELECTED = 1 << 0;
        /// It is in the way of a run that was refused.
        const IN_THE_WAY = 1 << 1;
        /// The event that the picture shows last is about it.
        const HAPPENING = 1 << 2;
    }
}

/// Two to this many nanoseconds are a period: a quarter of a second.
const PERIOD_SHIFT: u32 = 28;
/// Ages that can be seen.
pub const AGES: u32 = 3;

/// The period of a time in nanoseconds since boot, counted from 1.
fn period(time: u64) -> u32 {
    (time >> PERIOD_SHIFT) as u32 + 1
}

/// The earliest time at which something happened that can still be seen at `time`.
pub fn horizon(time: u64) -> u64 {
    (time >> PERIOD_SHIFT).saturating_sub(u64::from(AGES) - 1) << PERIOD_SHIFT
}

/// What makes a cell stand out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accent {
    /// The period of its last change, 0 for none that can be seen.
    changed: u32,
    /// Why it is lit.
    pub marks: Marks,
}

/// The accents of all cells in view.
#[derive(Debug)]
pub struct Accents<'m> {
    accents: &'m mut [Accent],
    /// How many are in view.
    len: usize,
    /// The period of the picture.
    now: u32,
    /// What is noted for cells that change: the period, or 0 while that is not to be seen.
    stamp: u32,
    /// The period of the last change: what is older cannot be seen.
    newest: u32,
    /// Some cell is lit.
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

    /// Other cells are in view: nothing stands out.
    pub(super) fn resize(&mut self, cells: usize) {
        self.accents[..cells].fill(Accent::default());
        self.len = cells;
        self.is_any_highlighted = false;
    }

    /// Whether any cell has changed so lately that it can be seen.
    pub fn is_any_fresh(&self) -> bool {
        is_seen(self.newest, self.now)
    }

    /// Periods since the last change of a cell, none if it cannot be seen any more.
    #[inline]
    pub fn age(&self, cell: usize) -> Option<u32> {
        let changed = self.accents[cell].changed;
        is_seen(changed, self.now).then(|| self.now.saturating_sub(changed))
    }

    /// Why a cell is lit.
    #[inline]
    pub fn marks(&self, cell: usize) -> Marks {
        self.accents[cell].marks
    }

    /// Whether any cell is lit.
    pub fn is_any_highlighted(&self) -> bool {
        self.is_any_highlighted
    }

    /// Lights a cell.
    pub fn highlight(&mut self, cell: usize, marks: Marks) {
        self.accents[cell].marks |= marks;
        self.is_any_highlighted = true;
    }

    /// No cell is lit any more.
    pub fn clear_marks(&mut self) {
        for accent in &mut self.accents[..self.len] {
            accent.marks = Marks::empty();
        }
        self.is_any_highlighted = false;
    }

    /// An event happens at `time`. The cells that it changes are to be seen, or not. Cells that
    /// look older now are put into `aged`.
    #[inline]
    pub(super) fn happen(&mut self, time: u64, is_seen: bool, aged: &mut DirtySet) {
        let now = period(time);
        if now != self.now {
            self.pass(now, aged);
        }
        self.stamp = if is_seen { now } else { 0 };
    }

    /// From now on changes are not to be seen: they are undone, or no event's.
    #[inline]
    pub(super) fn ignore(&mut self) {
        self.stamp = 0;
    }

    /// A cell changed.
    #[inline]
    pub(super) fn change(&mut self, cell: usize) {
        if self.stamp != 0 {
            self.accents[cell].changed = self.stamp;
            self.newest = self.stamp;
        }
    }

    /// Another period: what changed lately is older.
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

    /// Forgets all changes; the picture is that of `time` from now on. The cells are put into
    /// `aged`.
    pub(super) fn forget(&mut self, time: u64, aged: &mut DirtySet) {
        for cell in 0..self.len {
            if self.accents[cell].changed > 0 {
                aged.insert(cell);
                self.accents[cell].changed = 0;
            }
        }
        (self.now, self.stamp, self.newest) = (period(time), 0, 0);
    }

    /// Whether this time is in the period of the picture.
    pub(super) fn is_of_period(&self, time: u64) -> bool {
        period(time) == self.now
    }

    /// The last change of these cells is undone.
    pub(super) fn undo(&mut self, cells: Range<usize>, aged: &mut DirtySet) {
        for cell in cells {
            self.accents[cell].changed = 0;
            aged.insert(cell);
        }
        self.stamp = 0;
    }

    /// These cells changed at `time`, those of them of which no later change is known.
    #[inline]
    pub(super) fn recall(&mut self, cells: Range<usize>, time: u64, aged: &mut DirtySet) {
        for cell in cells {
            if self.accents[cell].changed == 0 {
                self.accents[cell].changed = period(time);
                aged.insert(cell);
            }
        }
    }

    /// These cells changed at `time`, and perhaps later.
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

/// Whether a change in this period can still be seen.
#[inline]
fn is_seen(changed: u32, now: u32) -> bool {
    changed >= oldest_seen(now)
}

/// The earliest period of which a change can still be seen.
#[inline]
fn oldest_seen(now: u32) -> u32 {
    now.saturating_sub(AGES - 1).max(1)
}
