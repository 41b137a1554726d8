//! What there is to tell of a fault: itself, the page tables that it found, and what lies around
//! its address.
//!
//! ```text
//! what is guarded │ guard page │ what is guarded        a stack or a heap on one side of the page, or on both
//!                 │    ×───────► past the end: from the address to the nearest byte of what is guarded
//! ```
//! How far past the end a guard page was touched is counted from what it guards. A fault lies
//! inside another one of its CPU when it begins and ends while the other one is handled.

use crate::model::walk::End;
use crate::model::{Fault, Model};
use crate::timeline::Timeline;
use crate::timeline::then::Then;
use crate::view::selection::Selection;
use mm::paging::{Region, RegionPolicy};
use x86_64::VirtAddr;

/// The fault that the story is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one with this number, counted from 0.
    Number(u64),
    /// The last one, if it came no earlier, in nanoseconds since boot.
    LastSince(u64),
}

impl Which {
    /// The selected one, or else the last one since this time.
    pub fn new(selection: Option<Selection>, since: u64) -> Which {
        match selection {
            Some(Selection::Fault(number)) => Which::Number(number),
            _ => Which::LastSince(since),
        }
    }
}

/// Everything that the panel tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Story {
    /// Its number, counted from 0.
    pub number: u64,
    /// What happened.
    pub fault: Fault,
    /// The tables that it found.
    pub then: Then,
    /// Where its address leads now; unless that is not known, for there are more tables than are
    /// kept.
    pub now: Option<End>,
    /// What the address is for.
    pub region: Option<Region>,
    /// How far past the end of what is guarded, and whether that lies above the guard page.
    pub past_end: Option<(u64, bool)>,
    /// The nearest guard page: where it begins, and how far it is from the address; 0 inside.
    pub guard: Option<(VirtAddr, u64)>,
    /// The fault that was being handled when this one came, and the one that came while this one
    /// was handled.
    pub nested: (Option<u64>, Option<u64>),
}

impl Story {
    /// Of this fault, if it is known and of interest.
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

    /// The level at which the walk ended: 1 is the PML4's entry, 4 that of the page table.
    pub fn last_level(&self) -> usize {
        let way = &self.then.entries[1..];
        let missing = way
            .iter()
            .position(|entry| entry.is_none_or(|entry| !entry.is_table));
        missing.map_or(way.len(), |missing| missing + 1)
    }
}

/// How far an address in a guard page is from what the page guards: that is mapped, or will be, on
/// one side of it.
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
