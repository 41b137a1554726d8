//! Which address the panel walks, and what it finds.

use crate::model::walk::{End, Walk};
use crate::model::{Fault, Model};
use crate::view::names::Names;
use crate::view::selection::Selection;
use core::fmt;
use mm::memory_map::FRAME_BYTES;
use mm::paging::Region;
use x86_64::{PhysAddr, VirtAddr};

/// Whose address is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Selected,
    LastFault,
    /// The spaces of all later ones are gone.
    EarlierFault,
}

impl Source {
    /// At most 17 cells.
    pub fn words(self) -> &'static str {
        match self {
            Source::Selected => "of the selection",
            Source::LastFault => "of the last fault",
            Source::EarlierFault => "of a fault before",
        }
    }
}

/// What the panel tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub source: Source,
    pub walk: Walk,
    /// What the address is for, mapped or not.
    pub region: Option<Region>,
}

impl Told {
    pub fn of(model: &Model, selection: Option<Selection>) -> Option<Told> {
        let selected = selection.and_then(|selection| address_of(model, selection));
        let (source, (space, address)) = match selected {
            Some(place) => (Source::Selected, place),
            None => {
                let has_space = |fault: &&Fault| model.processes.get(fault.space).is_some();
                let last = model.faults.newest_first().next()?;
                match model.faults.newest_first().find(has_space) {
                    Some(fault) if fault != last => (Source::EarlierFault, place_of(fault)),
                    _ => (Source::LastFault, place_of(last)),
                }
            }
        };
        Some(Told {
            source,
            walk: model.tables.walk(space, address),
            region: model.regions.find(space, address).copied(),
        })
    }
}

/// The address that a selection is about, and whose it is. Of a frame it is the first page that has
/// it.
pub fn address_of(model: &Model, selection: Selection) -> Option<(u32, VirtAddr)> {
    match selection {
        Selection::Page { space, address } => Some((space, address)),
        Selection::Block(start) => Some((0, start)),
        Selection::Fault(number) => model.faults.numbered(number).map(place_of),
        Selection::Frames { first, count: 1 } => {
            let frame = PhysAddr::new(first as u64 * FRAME_BYTES);
            let pages = model.tables.leading_to(frame);
            let pages = pages.filter(|(_, entry)| !entry.is_table);
            let (place, entry) = pages.min_by_key(|(place, _)| *place)?;
            Some((place.space, place.base() + (frame - entry.frame)))
        }
        Selection::Split { .. }
        | Selection::Frames { .. }
        | Selection::Process(_)
        | Selection::FirmwareRegion(_)
        | Selection::Refusal => None,
    }
}

fn place_of(fault: &Fault) -> (u32, VirtAddr) {
    (fault.space, fault.address)
}

/// Whose the address is, and what for.
pub struct Whose<'t>(pub &'t Told, pub &'t Names);

impl fmt::Display for Whose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let walk = &self.0.walk;
        match walk.space {
            0 => f.write_str("kernel")?,
            number => write!(f, "process {number}")?,
        }
        match (self.1.area)(walk.address.as_u64()) {
            "" => Ok(()),
            area => write!(f, ", {area}"),
        }
    }
}

/// Whether the walk ended at a page.
pub fn is_mapped(told: &Told) -> bool {
    matches!(told.walk.end, End::Mapped { .. })
}
