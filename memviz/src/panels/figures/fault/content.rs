//! What the figure shows: the fault, and the pages around its address.

use crate::model::Model;
use crate::model::walk::End;
use crate::panels::figures::fault_line;
use crate::panels::panel::Scene;
use crate::panels::storyboard::Story;
use crate::panels::walk::address_of;
use crate::view::selection::Selection;
use heapless::Vec;
use mm::memory_map::FRAME_BYTES;
use mm::paging::{Region, RegionPolicy};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Pages in a row below the steps of a fault.
pub const ROW: usize = 32;
/// The most pages of the figure.
pub const PAGES: usize = 2 * ROW;
/// Pages before a region that fits, or before a guard page.
const BEFORE: u64 = 2;

/// A page around the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// No region has a policy for it.
    Nothing,
    /// A guard page.
    Guard,
    /// Reserved, not yet mapped.
    Reserved,
    /// Mapped, to a frame of this owner.
    Mapped(Tag),
}

/// The pages around an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    pub space: u32,
    /// The address, and its page.
    pub address: VirtAddr,
    pub subject: VirtAddr,
    pub first: VirtAddr,
    pub states: Vec<PageState, PAGES>,
    /// The region of the address.
    pub region: Option<Region>,
    /// The pages of that region, and how many of them are mapped.
    pub mapped: (u64, u64),
}

/// What the figure shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub story: Option<Story>,
    pub pages: Option<Pages>,
    balance: [i64; 6],
    pub is_question: bool,
}

impl Content {
    /// The content of this scene.
    pub fn new(scene: &Scene<'_, '_>) -> Content {
        let Scene {
            model,
            step,
            selection,
            ..
        } = *scene;
        let story = fault_line::story(scene);
        let fault = story
            .as_ref()
            .map(|story| (story.fault.space, story.fault.address));
        let selected = selection
            .filter(|selection| !matches!(selection, Selection::Fault(_)))
            .and_then(|selection| address_of(model, selection));
        // A process that has ended has no pages.
        let has_pages = |&(space, address): &(u32, VirtAddr)| {
            let process = model.processes.get(space);
            address.as_u64() >> 63 == 1 || process.is_some_and(|process| process.is_live)
        };
        Content {
            story,
            pages: fault
                .or(selected)
                .filter(has_pages)
                .map(|(space, address)| Pages::of(model, space, address)),
            balance: step.balance(),
            is_question: step.is_question,
        }
    }
}

impl Pages {
    fn of(model: &Model<'_>, space: u32, address: VirtAddr) -> Pages {
        let subject = address.align_down(FRAME_BYTES);
        let owner = |page: VirtAddr| if page.as_u64() >> 63 == 0 { space } else { 0 };
        let region = model.regions.find(owner(subject), subject).copied();
        let first = first_page(region.as_ref(), subject);
        let mut states = Vec::new();
        for number in 0..PAGES as u64 {
            let Some(page) = page_after(first, number) else {
                break;
            };
            // There is room for all pages.
            let _ = states.push(state_of(model, owner(page), page));
        }
        let all = region.map_or(0, |region| region.bytes / FRAME_BYTES);
        let mapped = region.map_or(0, |region| {
            // More pages are not counted: the figure shows a part of them.
            let pages = (0..all.min(PAGES as u64)).filter_map(|at| page_after(region.start, at));
            let is_mapped = |page: &VirtAddr| {
                matches!(state_of(model, owner(*page), *page), PageState::Mapped(_))
            };
            pages.filter(is_mapped).count() as u64
        });
        Pages {
            space: owner(subject),
            address,
            subject,
            first,
            states,
            region,
            mapped: (mapped, all),
        }
    }
}

/// The first page of the figure. A region that fits is shown whole, with pages before it where
/// there is room. Of a larger one the figure shows whole rows, so that its pages stay in their
/// places. A guard page has the pages of its region behind it.
fn first_page(region: Option<&Region>, subject: VirtAddr) -> VirtAddr {
    let (from, before) = match region {
        Some(region) if region.policy != RegionPolicy::Guard => {
            let pages = region.bytes / FRAME_BYTES;
            match (PAGES as u64).checked_sub(pages) {
                Some(room) => (region.start, BEFORE.min(room / 2)),
                None => {
                    let bytes = ROW as u64 * FRAME_BYTES;
                    let inside = (subject - region.start) / bytes * bytes;
                    (region.start + inside, 0)
                }
            }
        }
        _ => (subject, BEFORE),
    };
    let lowest = from.as_u64().saturating_sub(before * FRAME_BYTES);
    // The first page of the upper half has no page before it.
    VirtAddr::try_new(lowest).unwrap_or(from)
}

/// The page this many pages after another, in the same half.
fn page_after(first: VirtAddr, number: u64) -> Option<VirtAddr> {
    let address = first.as_u64().checked_add(number * FRAME_BYTES)?;
    let page = VirtAddr::try_new(address).ok()?;
    (page.as_u64() >> 63 == first.as_u64() >> 63).then_some(page)
}

fn state_of(model: &Model<'_>, space: u32, page: VirtAddr) -> PageState {
    if let End::Mapped { physical, .. } = model.tables.end_of(space, page) {
        let frame = model.frames.get((physical.as_u64() / FRAME_BYTES) as usize);
        let tag = frame.map_or(Tag::empty(), |frame| frame.tag());
        // The frames of the kernel's image have no owner: the allocator does not know them.
        let is_image = page.as_u64() >> 63 == 1 && !tag.intersects(Tag::OWNERS);
        return PageState::Mapped(if is_image { Tag::KERNEL } else { tag });
    }
    match model.regions.find(space, page).map(|region| region.policy) {
        None => PageState::Nothing,
        Some(RegionPolicy::Guard) => PageState::Guard,
        Some(_) => PageState::Reserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A region of up to 64 pages is shown whole, and pages of a larger one stay in their places.
    #[test]
    fn the_pages_of_a_region_have_fixed_places() {
        let start = VirtAddr::new(0x2000_0000_0000);
        let page = |number: u64| start + number * FRAME_BYTES;
        for (pages, places) in [(8, 2), (62, 1), (63, 0), (64, 0)] {
            let region = region(start, pages);
            for subject in [0, pages / 2, pages - 1] {
                let first = first_page(Some(&region), page(subject));
                assert_eq!(first + places * FRAME_BYTES, start, "{pages}, {subject}");
            }
        }
        let guard = Region {
            policy: RegionPolicy::Guard,
            ..region(start, 1)
        };
        assert_eq!(first_page(Some(&guard), start) + 2 * FRAME_BYTES, start);
        let region = region(start, 100);
        for (subject, first) in [(0, 0), (31, 0), (32, 32), (63, 32), (99, 96)] {
            assert_eq!(
                first_page(Some(&region), page(subject)),
                page(first),
                "{subject}"
            );
        }
    }

    fn region(start: VirtAddr, pages: u64) -> Region {
        Region {
            start,
            bytes: pages * FRAME_BYTES,
            policy: RegionPolicy::DemandZero,
            owner: Tag::USER,
        }
    }
}
