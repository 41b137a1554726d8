//! The address that the panel walks, and the result.

use crate::model::walk::{End, Walk};
use crate::model::{Fault, Model};
use crate::view::names::Names;
use crate::view::selection::Selection;
use core::fmt;
use mm::memory_map::FRAME_BYTES;
use mm::paging::Region;
use x86_64::{PhysAddr, VirtAddr};

/// The source of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Selected,
    LastFault,
    /// A fault before the last one: the address spaces of all later faults no longer exist.
    EarlierFault,
}

impl Source {
    /// Returns a description of at most 17 cells.
    pub fn words(self) -> &'static str {
        match self {
            Source::Selected => "selection",
            Source::LastFault => "last fault",
            Source::EarlierFault => "earlier fault",
        }
    }
}

/// The content of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Translation {
    pub source: Source,
    pub walk: Walk,
    /// The area of the address, mapped or not.
    pub region: Option<Region>,
}

impl Translation {
    pub fn of(model: &Model, selection: Option<Selection>) -> Option<Translation> {
        let selected = selection.and_then(|selection| address_of(model, selection));
        let (source, (space, address)) = match selected {
            Some(place) => (Source::Selected, place),
            None => {
                let has_space = |fault: &&Fault| model.processes.get(fault.space).is_some();
                let last = model.faults.newest_first().next()?;
                match model.faults.newest_first().find(has_space) {
                    Some(fault) if fault != last => (Source::EarlierFault, address_of_fault(fault)),
                    _ => (Source::LastFault, address_of_fault(last)),
                }
            }
        };
        Some(Translation {
            source,
            walk: model.tables.walk(space, address),
            region: model.regions.find(space, address).copied(),
        })
    }
}

/// Returns the address and address space of a selection. For a frame, the first page that maps it.
pub fn address_of(model: &Model, selection: Selection) -> Option<(u32, VirtAddr)> {
    match selection {
        Selection::Page { space, address } => Some((space, address)),
        Selection::Block(start) => Some((0, start)),
        Selection::Fault(number) => model.faults.numbered(number).map(address_of_fault),
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

fn address_of_fault(fault: &Fault) -> (u32, VirtAddr) {
    (fault.space, fault.address)
}

/// Formats the address space and the area of the address.
pub struct AddressOwner<'t>(pub &'t Translation, pub &'t Names);

impl fmt::Display for AddressOwner<'_> {
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

/// Returns whether the walk ended at a page.
pub fn is_mapped(translation: &Translation) -> bool {
    matches!(translation.walk.end, End::Mapped { .. })
}
