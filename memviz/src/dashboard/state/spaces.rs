//! Page tables, address spaces and processes as a value, with the contents of their panels.

use super::text::Hex;
use crate::graphics::theme::Theme;
use crate::model::tables::{Entry, EntryPosition};
use crate::model::walk::{End, Walk, WalkStep};
use crate::model::{Model, Process};
use crate::view::names::Names;
use core::fmt;
use mm::paging::{Access, Region};
use serde::{Serialize, Serializer};

/// The number of known entries and regions, and of those that the model could not store.
#[derive(Serialize)]
pub struct TableState {
    entries: usize,
    entries_missing: u64,
    regions: usize,
    regions_missing: u64,
    processes_missing: u64,
}

impl TableState {
    pub fn of(model: &Model) -> TableState {
        TableState {
            entries: model.tables.len(),
            entries_missing: model.tables.missing(),
            regions: model.regions.len(),
            regions_missing: model.regions.missing(),
            processes_missing: model.processes.missing(),
        }
    }
}

/// The page walk on the screen, level by level.
#[derive(Serialize)]
pub struct WalkState {
    space: u32,
    address: Hex,
    steps: Steps,
    end: EndState,
}

impl From<Walk> for WalkState {
    fn from(walk: Walk) -> WalkState {
        WalkState {
            space: walk.space,
            address: Hex(walk.address.as_u64()),
            steps: Steps(walk),
            end: walk.end.into(),
        }
    }
}

struct Steps(Walk);

impl Serialize for Steps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.steps().iter().map(|&step| StepState::from(step)))
    }
}

#[derive(Serialize)]
struct StepState {
    table: &'static str,
    at: Hex,
    index: u16,
    entry: Option<EntryState>,
}

impl From<WalkStep> for StepState {
    fn from(step: WalkStep) -> StepState {
        StepState {
            table: level_words(step.position),
            at: Hex(step.table.as_u64()),
            index: step.position.index(),
            entry: step.entry.map(EntryState::from),
        }
    }
}

fn level_words(place: EntryPosition) -> &'static str {
    place.level().map_or("CR3", |level| level.words())
}

#[derive(Serialize)]
struct EntryState {
    leads_to: Hex,
    is_table: bool,
    allows: Allowed,
}

impl From<Entry> for EntryState {
    fn from(entry: Entry) -> EntryState {
        EntryState {
            leads_to: Hex(entry.frame.as_u64()),
            is_table: entry.is_table,
            allows: Allowed(entry.access),
        }
    }
}

#[derive(Serialize)]
struct EndState {
    mapped: bool,
    physical: Option<Hex>,
    page_bytes: Option<u64>,
    allows: Option<Allowed>,
}

impl From<End> for EndState {
    fn from(end: End) -> EndState {
        match end {
            End::Mapped {
                physical,
                size,
                access,
            } => EndState {
                mapped: true,
                physical: Some(Hex(physical.as_u64())),
                page_bytes: Some(size.bytes()),
                allows: Some(Allowed(access)),
            },
            End::NotPresent | End::NoRoot => EndState {
                mapped: false,
                physical: None,
                page_bytes: None,
                allows: None,
            },
        }
    }
}

/// Formats the access rights of an entry, separated by spaces.
struct Allowed(Access);

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (Access::WRITE, " write"),
            (Access::EXECUTE, " execute"),
            (Access::USER, " user"),
            (Access::GLOBAL, " global"),
            (Access::WRITE_COMBINING, " write-combining"),
            (Access::UNCACHED, " uncached"),
            (Access::COPY_ON_WRITE, " copy-on-write"),
        ];
        f.write_str("read")?;
        for (flag, word) in words {
            if self.0.contains(flag) {
                f.write_str(word)?;
            }
        }
        Ok(())
    }
}

impl Serialize for Allowed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The kernel, the processes, and address spaces without a process.
pub struct ProcessList<'d>(pub &'d Model<'d>, pub Names);

impl Serialize for ProcessList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ProcessList(model, names) = self;
        serializer.collect_seq(model.processes.all().iter().map(|process| {
            let Process {
                number,
                is_live,
                parent,
                program,
                ..
            } = *process;
            ProcessState {
                number,
                live: is_live,
                parent,
                program: is_live.then(|| (names.program)(program)),
                state: is_live.then(|| process.state.words()),
                started_ms: process.started,
                pages: process.pages,
                shared: process.shared,
                copy_on_write: process.copy_on_write,
                tables: process.tables,
                faults: process.faults,
                regions: RegionList(model, number),
            }
        }))
    }
}

#[derive(Serialize)]
struct ProcessState<'d> {
    number: u32,
    live: bool,
    parent: u32,
    program: Option<&'static str>,
    state: Option<&'static str>,
    started_ms: u64,
    pages: u64,
    shared: u64,
    copy_on_write: u64,
    tables: u64,
    faults: u64,
    regions: RegionList<'d>,
}

/// The regions of a space.
struct RegionList<'d>(&'d Model<'d>, u32);

impl Serialize for RegionList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let RegionList(model, space) = *self;
        serializer.collect_seq(model.regions.of(space).map(RegionState::from))
    }
}

#[derive(Serialize)]
struct RegionState {
    start: Hex,
    bytes: u64,
    policy: &'static str,
    owner: &'static str,
}

impl From<&Region> for RegionState {
    fn from(region: &Region) -> RegionState {
        RegionState {
            start: Hex(region.start.as_u64()),
            bytes: region.bytes,
            policy: region.policy.words(),
            owner: Theme::ALL[0].tag(region.owner).words,
        }
    }
}
