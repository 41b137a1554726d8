//! The leak report: live allocations since a mark, grouped by call site.
//!
//! Each live block has one bit that is set if the block existed at the last [`mark`]. A live block
//! without the bit is a leak, or will be freed later.

use crate::memory::heap::sites::SiteName;
use crate::memory::heap::{corruption, dma, guarded, kernel_heap};
use crate::memory::physical::frames::FRAME;
use crate::memory::trace;
use core::fmt;
use heapless::Vec;
use mm::event::Payload;
use mm::heap::{Marks, Site};
use mm::tag::{Owners, Tag};
use mm::units::Bytes;

/// The maximum number of call sites of a report.
const GROUPS: usize = 64;

/// Live allocations of one call site and one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The call site.
    pub site: Site,
    /// The owner.
    pub owner: Tag,
    /// The number of allocations.
    pub count: u64,
    /// All requested bytes.
    pub requested: u64,
    /// All allocated bytes.
    pub allocated: u64,
}

/// Live allocations by call site, the most bytes first.
#[derive(Clone, Debug, Default)]
pub struct LeakReport {
    /// Each call site.
    pub groups: Vec<Group, GROUPS>,
    /// All allocations, including those of call sites beyond the 64th.
    pub count: u64,
    /// All requested bytes.
    pub requested: u64,
    /// Allocations of call sites that did not fit.
    pub ungrouped: u64,
}

/// Marks all live blocks: a report lists allocations after this moment. Empties the quarantine
/// first.
pub fn mark() {
    corruption::empty_quarantine();
    let mut heap = kernel_heap::lock();
    heap.mark();
    let live = heap.statistics().allocations;
    trace::record(Payload::HeapMark { live });
}

/// Reports live heap allocations since the last [`mark`].
pub fn since_mark() -> LeakReport {
    report(|marks| !marks.contains(Marks::OLD))
}

/// Reports all live allocations: in the heap, in guarded pages, and in runs of frames for drivers.
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
    fn add(&mut self, site: Site, owner: Tag, requested: u64, allocated: u64) {
        self.count += 1;
        self.requested += requested;
        let same = |group: &&mut Group| group.site == site && group.owner == owner;
        if let Some(group) = self.groups.iter_mut().find(same) {
            group.count += 1;
            group.requested += requested;
            group.allocated += allocated;
            return;
        }
        let group = Group {
            site,
            owner,
            count: 1,
            requested,
            allocated,
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
            "{} live allocations, {} requested",
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
            "{} {blocks} of {} in all ({} allocated), {}, by {}",
            self.count,
            Bytes(self.requested),
            Bytes(self.allocated),
            Owners(self.owner),
            SiteName(self.site)
        )
    }
}
