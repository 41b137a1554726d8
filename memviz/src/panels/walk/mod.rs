//! The way of an address through the page tables: of the page or fault that is selected, or else of
//! the last page fault in a space that still is.
//!
//! ```text
//! ┌ PAGE WALK  last fault ───────────────────────────────────────────────────────────────────────────────┐
//! │ 0x00007fffefffff88  process 3, stack                                → 0x1f8f88, by a page of 4 KiB   │
//! │ 47 011111111 39     38 111111111 30     29 101111111 21     20 111111111 12     11 111110001000 0    │
//! │ ┌ PML4 ───── 255 ┐  ┌ PDPT ───── 511 ┐  ┌ PD ─────── 383 ┐  ┌ PT ─────── 511 ┐  ┌ page ─────── 4 KiB ┐ │
//! │ │ at 0x1a3000    │ →│ at 0x1a4000    │ →│ at 0x1a5000    │ →│ at 0x1a6000    │ →│ at 0x1f8000        │ │
//! │ │ writable       │  │ writable       │  │ writable       │  │ writable       │  │ writable, user     │ │
//! │ └────────────────┘  └────────────────┘  └────────────────┘  └────────────────┘  └────────────────────┘ │
//! └──────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//! A narrow panel has a row a level instead of a box: see [`rows`]. A level that is not present
//! says so, and nothing follows it; a large page ends the walk early, and the bits that are left
//! are part of its offset.

mod columns;
mod rows;
mod words;

use super::{Extent, Names};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::model::walk::{End, Walk};
use crate::model::{Fault, Model};
use crate::view::selection::Selection;
use crate::widgets;
use core::fmt;
use embedded_graphics::primitives::Rectangle;
use mm::paging::Region;
use x86_64::{PhysAddr, VirtAddr};

const TITLE: &str = "PAGE WALK";
/// Text cells of the detail in the title.
const DETAIL: usize = 17;
/// Text cells that a row of boxes needs.
const BOXES: usize = 5 * 19;

/// Whose address is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Selected,
    LastFault,
    /// The spaces of all later ones are gone.
    EarlierFault,
}

impl Source {
    /// At most [`DETAIL`] cells.
    fn words(self) -> &'static str {
        match self {
            Source::Selected => "of the selection",
            Source::LastFault => "of the last fault",
            Source::EarlierFault => "of a fault before",
        }
    }
}

/// What the panel tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    source: Source,
    walk: Walk,
    /// What the address is for, mapped or not.
    region: Option<Region>,
}

impl Told {
    fn of(model: &Model, selection: Option<Selection>) -> Option<Told> {
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
            let frame = PhysAddr::new(first as u64 * mm::memory_map::FRAME_BYTES);
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

/// The panel and what it tells.
#[derive(Clone, Copy, Debug)]
pub struct WalkPanel {
    area: Rectangle,
    names: Names,
    told: Option<Told>,
}

impl WalkPanel {
    /// The panel in this place.
    pub fn new(area: Rectangle, names: Names) -> WalkPanel {
        let told = None;
        WalkPanel { area, names, told }
    }

    /// Draws the panel, if it has something else to tell.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        selection: Option<Selection>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let told = Told::of(model, selection);
        if extent == Extent::All {
            let note = widgets::note_beside(styles, self.area, TITLE, DETAIL, "bits, tables, page");
            widgets::panel(surface, styles, self.area, TITLE, "", note)?;
        } else if told == self.told {
            return Ok(());
        }
        self.told = told;
        let source = told.map_or("", |told| told.source.words());
        let slot = widgets::detail_slot(styles, self.area, TITLE, DETAIL);
        styles.dim.draw(surface, slot, source)?;
        let content = widgets::content(styles, self.area);
        if extent == Extent::Changed {
            surface.fill_solid(&content, styles.theme.panel)?;
        }
        let Some(told) = told else {
            let cells = (content.size.width / styles.unit()) as usize;
            let slot = crate::graphics::text::Slot::left(content.top_left, cells);
            let nothing = "select a page or a frame, or wait for a fault";
            return styles.dim.draw(surface, slot, nothing);
        };
        let cells = (content.size.width / styles.unit()) as usize;
        let names = &self.names;
        match cells >= BOXES {
            true => columns::draw(surface, styles, content, &told, names),
            false => rows::draw(surface, styles, content, &told, names),
        }
    }

    /// The walk that is shown.
    pub fn walk(model: &Model, selection: Option<Selection>) -> Option<Walk> {
        Told::of(model, selection).map(|told| told.walk)
    }
}

/// Whose the address is, and what for.
struct Whose<'t>(&'t Told, &'t Names);

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
fn is_mapped(told: &Told) -> bool {
    matches!(told.walk.end, End::Mapped { .. })
}
