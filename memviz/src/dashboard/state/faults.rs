//! Page faults as a value: the number of each cause, the newest faults, and the story of the
//! selected fault.

use super::text::Hex;
use crate::model::FaultLog;
use crate::panels::storyboard::Story;
use mm::paging::FaultCause;
use serde::{Serialize, Serializer};

/// Page faults that are listed one by one.
const LISTED_FAULTS: usize = 16;

#[derive(Serialize)]
pub struct FaultState<'d> {
    total: u64,
    mean_ns: Option<u64>,
    by_cause: ByCause<'d>,
    newest_first: NewestFaults<'d>,
}

impl<'d> From<&'d FaultLog<'_>> for FaultState<'d> {
    fn from(faults: &'d FaultLog<'_>) -> FaultState<'d> {
        FaultState {
            total: faults.total(),
            mean_ns: faults.mean_nanoseconds(),
            by_cause: ByCause(faults),
            newest_first: NewestFaults(faults),
        }
    }
}

/// Faults of each cause since boot.
struct ByCause<'d>(&'d FaultLog<'d>);

impl Serialize for ByCause<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let causes = FaultCause::ALL.iter();
        serializer.collect_map(causes.map(|&cause| (cause.words(), self.0.by_cause(cause))))
    }
}

struct NewestFaults<'d>(&'d FaultLog<'d>);

impl Serialize for NewestFaults<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let newest = self.0.newest_first().take(LISTED_FAULTS);
        serializer.collect_seq(newest.map(|fault| Fault {
            time_ns: fault.time,
            address: Hex(fault.address.as_u64()),
            instruction: Hex(fault.instruction.as_u64()),
            cause: fault.cause.words(),
            outcome: fault.end.map(|end| end.outcome.words()),
            cost_ns: fault.end.map(|end| end.nanoseconds),
        }))
    }
}

#[derive(Serialize)]
struct Fault {
    time_ns: u64,
    address: Hex,
    instruction: Hex,
    cause: &'static str,
    outcome: Option<&'static str>,
    cost_ns: Option<u64>,
}

/// The fault of the storyboard.
#[derive(Serialize)]
pub struct FaultStory {
    number: u64,
    address: Hex,
    space: u32,
    cause: &'static str,
    /// The level at which the walk ended: 1 is the PML4 entry, 4 the page-table entry.
    last_level: usize,
    /// True if that entry was present.
    present: bool,
    /// True if the tables at the time of the fault are still known.
    known: bool,
    region: Option<&'static str>,
    past_end_bytes: Option<u64>,
    nearest_guard: Option<Hex>,
    inside_fault: Option<u64>,
    outcome: Option<&'static str>,
}

impl From<Story> for FaultStory {
    fn from(story: Story) -> FaultStory {
        let last = story.last_level();
        FaultStory {
            number: story.number,
            address: Hex(story.fault.address.as_u64()),
            space: story.fault.space,
            cause: story.fault.cause.words(),
            last_level: last,
            present: story.then.entries[last].is_some(),
            known: story.then.event.is_some(),
            region: story.region.map(|region| region.policy.words()),
            past_end_bytes: story.past_end.map(|(bytes, _)| bytes),
            nearest_guard: story.guard.map(|(guard, _)| Hex(guard.as_u64())),
            inside_fault: story.nested.0,
            outcome: story.fault.end.map(|end| end.outcome.words()),
        }
    }
}
