//! Who has memory that he did not have at a mark: the leak report, grouped by call site.
//!
//! Each live block keeps one bit: whether it was there at the last [`mark`]. What was allocated
//! since and still lives is a leak, or will be given back later; the report says who asked for it.

use crate::memory::heap::sites::Place;
use crate::memory::heap::{corruption, dma, guarded, kernel_heap};
use crate::memory::physical::frames::FRAME;
use crate::units::Bytes;
use core::fmt;
use heapless::Vec;
use mm::heap::{Marks, Site};
use mm::tag::{Owners, Tag};

/// Call sites that a report tells apart.
const GROUPS: usize = 64;

/// Live allocations of one call site and one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Who asked.
    pub site: Site,
    /// For whom.
    pub owner: Tag,
    /// How many allocations.
    pub count: u64,
    /// How many bytes were asked for in all.
    pub requested: u64,
    /// How many bytes they take.
    pub taken: u64,
}

/// Live allocations by call site, the most bytes first.
#[derive(Clone, Debug, Default)]
pub struct LeakReport {
    /// Each call site.
    pub groups: Vec<Group, GROUPS>,
    /// All allocations, also those of call sites beyond the 64th.
    pub count: u64,
    /// All bytes that were asked for.
    pub requested: u64,
    /// Allocations whose call site found no room in the report.
    pub ungrouped: u64,
}

/// From now on a report counts what is allocated after this moment. What waits in the quarantine is
/// let out first.
pub fn mark() {
    corruption::empty_quarantine();
    kernel_heap::lock().mark();
}

/// What was allocated in the heap since the last [`mark`] and is still live.
pub fn since_mark() -> LeakReport {
    report(|marks| !marks.contains(Marks::OLD))
}

/// Everything that is live: in the heap, in guarded pages, and in runs of frames that drivers have.
pub fn live() -> LeakReport {
    let mut report = report(|_| true);
    guarded::for_each(|found| report.add(found.site, found.owner, found.requested, found.bytes));
    dma::for_each(|run| {
        report.add(run.site, Tag::DEVICE, run.requested, run.frames * FRAME);
    });
    report.sort();
    report
}

fn report(counts: impl Fn(Marks) -> bool) -> LeakReport {
    let mut report = LeakReport::default();
    for found in kernel_heap::lock().allocations() {
        if counts(found.marks) && !found.marks.contains(Marks::QUARANTINED) {
            report.add(found.site, found.owner, found.requested, found.bytes);
        }
    }
    report.sort();
    report
}

impl LeakReport {
    fn add(&mut self, site: Site, owner: Tag, requested: u64, taken: u64) {
        self.count += 1;
        self.requested += requested;
        let same = |group: &&mut Group| group.site == site && group.owner == owner;
        if let Some(group) = self.groups.iter_mut().find(same) {
            group.count += 1;
            group.requested += requested;
            group.taken += taken;
            return;
        }
        let group = Group {
            site,
            owner,
            count: 1,
            requested,
            taken,
        };
        if self.groups.push(group).is_err() {
            self.ungrouped += 1;
        }
    }

    fn sort(&mut self) {
        self.groups
            .sort_unstable_by_key(|group| core::cmp::Reverse(group.requested));
    }

    /// Writes the report to the log, a line for each call site.
    pub fn log(&self) {
        log::info!(
            "{} live allocations, {} asked for",
            self.count,
            Bytes(self.requested)
        );
        for group in &self.groups {
            log::info!("  {group}");
        }
        if self.ungrouped > 0 {
            log::info!("  {} more by other call sites", self.ungrouped);
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blocks = if self.count == 1 { "block" } else { "blocks" };
        write!(
            f,
            "{} {blocks} of {} in all ({} taken), {}, by {}",
            self.count,
            Bytes(self.requested),
            Bytes(self.taken),
            Owners(self.owner),
            Place(self.site)
        )
    }
}
