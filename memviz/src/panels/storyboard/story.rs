//! The facts about a fault: the fault itself, the page tables at its time, and the regions around
//! its address.
//!
//! ```text
//! guarded region  │ guard page │ guarded region         a stack or a heap on one side of the page, or on both
//!                 │    ×───────► past the end: from the address to the nearest byte of the guarded region
//! ```
//! The distance past the end counts from the guarded region. A fault is nested in another fault of
//! its CPU if it begins and ends while the handler of the other one runs.

use crate::model::walk::End;
use crate::model::{Fault, Model};
use crate::timeline::Timeline;
use crate::timeline::then::Then;
use crate::view::selection::Selection;
use mm::paging::{Region, RegionPolicy};
use x86_64::VirtAddr;

/// The fault of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The fault with this number, counted from 0.
    Number(u64),
    /// The last fault, unless it came before this time in nanoseconds since boot.
    LastSince(u64),
}

impl Which {
    /// Returns the selected fault, or else the last one since this time.
    pub fn new(selection: Option<Selection>, since: u64) -> Which {
        match selection {
            Some(Selection::Fault(number)) => Which::Number(number),
            _ => Which::LastSince(since),
        }
    }
}

/// All facts of the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Story {
    /// The number of the fault, counted from 0.
    pub number: u64,
    /// The fault.
    pub fault: Fault,
    /// The page tables at the time of the fault.
    pub then: Then,
    /// The translation of the address now. `None` if the model could not store all tables.
    pub now: Option<End>,
    /// The region of the address.
    pub region: Option<Region>,
    /// The distance past the end of the guarded region, and whether that region lies above the
    /// guard page.
    pub past_end: Option<(u64, bool)>,
    /// The nearest guard page: its start, and its distance from the address; 0 inside.
    pub guard: Option<(VirtAddr, u64)>,
    /// The fault whose handler was running when this fault came, and the fault that came while the
    /// handler of this fault was running.
    pub nested: (Option<u64>, Option<u64>),
}

impl Story {
    /// Returns the story of this fault, if it is known and recent enough.
    pub fn of(model: &Model, timeline: &Timeline, which: Which) -> Option<Story> {
        let last = model.faults.total().checked_sub(1)?;
        let (number, since) = match which {
            Which::Number(number) => (number, 0),
            Which::LastSince(since) => (last, since),
        };
        let fault = *model.faults.numbered(number)?;
        if fault.time < since {
            return None;
        }
        let (space, address) = (fault.space, fault.address);
        let region = model.regions.find(space, address).copied();
        let guards = |region: &Region| region.policy == RegionPolicy::Guard;
        let of_space = |space| model.regions.of(space).filter(|region| guards(region));
        let same_half = |region: &&Region| region.start.as_u64() >> 63 == address.as_u64() >> 63;
        let nearest = of_space(space).chain(of_space(0).filter(|_| space != 0));
        let nearest = nearest.filter(same_half).map(|guard| {
            let (start, end) = (guard.start.as_u64(), guard.last());
            let away = start.saturating_sub(address.as_u64());
            (guard.start, away.max(address.as_u64().saturating_sub(end)))
        });
        let inside = |inner: &Fault, outer: &Fault| {
            let ended = |fault: &Fault| fault.end.map_or(u64::MAX, |end| end.time);
            inner.cpu == outer.cpu && inner.time < ended(outer) && ended(inner) <= ended(outer)
        };
        let before = number.checked_sub(1);
        let before = before.filter(|&before| {
            let outer = model.faults.numbered(before);
            outer.is_some_and(|outer| inside(&fault, outer))
        });
        let after = model.faults.numbered(number + 1);
        let after = after.filter(|inner| inside(inner, &fault));
        Some(Story {
            number,
            fault,
            then: Then::of(timeline, model, number, &fault),
            now: match model.tables.end_of(space, address) {
                End::NoRoot if model.tables.missing() > 0 => None,
                end => Some(end),
            },
            region,
            past_end: region
                .filter(guards)
                .and_then(|guard| past_end(model, space, &guard, address)),
            guard: nearest.min_by_key(|&(_, away)| away),
            nested: (before, after.map(|_| number + 1)),
        })
    }

    /// Returns the level at which the walk ended: 1 is the PML4 entry, 4 the page-table entry.
    pub fn last_level(&self) -> usize {
        let way = &self.then.entries[1..];
        let missing = way
            .iter()
            .position(|entry| entry.is_none_or(|entry| !entry.is_table));
        missing.map_or(way.len(), |missing| missing + 1)
    }
}

/// Returns the distance of an address in a guard page from the guarded region. That region is on
/// one side of the page, and is mapped or demand-mapped.
fn past_end(model: &Model, space: u32, guard: &Region, address: VirtAddr) -> Option<(u64, bool)> {
    let is_guarded = |address: Option<u64>| {
        let address = VirtAddr::try_new(address?).ok()?;
        let region = model.regions.find(space, address);
        let has_region = region.is_some_and(|region| region.policy != RegionPolicy::Guard);
        let is_mapped = matches!(model.tables.walk(space, address).end, End::Mapped { .. });
        Some(has_region || is_mapped)
    };
    let (start, last) = (guard.start.as_u64(), guard.last());
    let above = is_guarded(last.checked_add(1)).unwrap_or(false);
    let below = is_guarded(start.checked_sub(1)).unwrap_or(false);
    match (above, below) {
        (true, _) => Some((last + 1 - address.as_u64(), true)),
        (false, true) => Some((address.as_u64() + 1 - start, false)),
        (false, false) => None,
    }
}
