//! The rows of the figure: which pages, which frames, and what they were before this step.

use crate::model::tables::DEEPEST;
use crate::model::{EntryPosition, Model, Process};
use crate::panels::storyboard::Story;
use crate::panels::walk::address_of;
use crate::view::selection::Selection;
use crate::view::step::StepChanges;
use heapless::Vec;
use mm::memory_map::FRAME_BYTES;
use mm::paging::{Access, Region};
use mm::tag::Tag;
use x86_64::{PhysAddr, VirtAddr};

/// The most pages of the figure.
pub const PAGES: usize = 8;
/// The most rows: each page has one or two.
pub const ROWS: usize = 2 * PAGES;

/// A page of an address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The access rights.
    pub access: Access,
    /// The page had this frame before this step, and has another one now.
    pub is_past: bool,
    /// The frame or the access rights changed in this step.
    pub is_changed: bool,
    /// The mapping of the page to this frame is new.
    pub is_new: bool,
}

/// A frame in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameBox {
    pub frame: PhysAddr,
    pub tag: Tag,
    /// 0 for a free frame.
    pub references: u16,
    /// The count before this step, if it was another one.
    pub before: Option<u32>,
    /// The frame was copied to this one in this step.
    pub is_copy: bool,
}

/// A page in both spaces, and the frame that it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number of the page in its region.
    pub page: usize,
    pub address: VirtAddr,
    pub frame: FrameBox,
    pub left: Option<Page>,
    pub right: Option<Page>,
}

/// The contents of the figure: spaces and rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// The space at the left, and that at the right.
    pub spaces: [Option<u32>; 2],
    /// The space that events are about.
    pub running: u32,
    /// The pages of the region.
    pub pages: usize,
    /// Mapped pages that are not in a row.
    pub hidden: usize,
    pub rows: Vec<Row, ROWS>,
    pub selected: Option<(u32, VirtAddr)>,
    /// The fault in the line below the rows.
    pub fault: Option<Story>,
    /// The balance of the step is in the title line, so it is a part of the picture.
    balance: [i64; 6],
    pub is_question: bool,
}

impl Shared {
    /// Returns the rows of this model.
    pub fn new(model: &Model, step: &StepChanges, selection: Option<Selection>) -> Shared {
        let mut shared = Shared {
            running: model.space,
            balance: step.balance(),
            is_question: step.is_question,
            ..Shared::default()
        };
        let Some((space, address)) = subject(model, selection) else {
            return shared;
        };
        shared.spaces = pair(model, space);
        let page = address.align_down(FRAME_BYTES);
        shared.selected = Some((space, page));
        let region = shared.spaces.iter().flatten();
        let mut found = region.filter_map(|&space| model.regions.find(space, address));
        let Some(region) = found.next() else {
            return shared;
        };
        shared.pages = (region.bytes / FRAME_BYTES) as usize;
        shared.fill(model, step, region);
        shared
    }

    /// The figure with at most this many rows. Pages that are selected or that changed in this step
    /// stay; of the others, the first.
    pub fn within(&self, most: usize) -> Shared {
        let mut shared = self.clone();
        let must_stay = |row: &Row| {
            let is_changed = |page: Option<Page>| page.is_some_and(|page| page.is_changed);
            let is_selected = self.selected.is_some_and(|(_, page)| page == row.address);
            is_selected || is_changed(row.left) || is_changed(row.right)
        };
        let mut room = most.saturating_sub(self.rows.iter().filter(|row| must_stay(row)).count());
        let (mut last, mut is_last_kept) = (None, true);
        shared.rows.retain(|row| {
            if must_stay(row) {
                return true;
            }
            // The rows of a page stay together.
            if last != Some(row.page) {
                let rows = self.rows.iter().filter(|other| other.page == row.page);
                let count = rows.count();
                is_last_kept = count <= room;
                room -= if is_last_kept { count } else { 0 };
                shared.hidden += usize::from(!is_last_kept);
            }
            last = Some(row.page);
            is_last_kept
        });
        shared
    }

    /// Adds a row for each mapped page of a region, or two.
    fn fill(&mut self, model: &Model, step: &StepChanges, region: &Region) {
        let [left, right] = self.spaces;
        let mut shown = 0;
        for number in 0..self.pages {
            let address = region.start + number as u64 * FRAME_BYTES;
            let of = |space: Option<u32>| space.and_then(|space| entry(model, space, address));
            let (one, other) = (of(left), of(right));
            if one.is_none() && other.is_none() {
                continue;
            }
            if shown == PAGES {
                self.hidden += 1;
                continue;
            }
            shown += 1;
            self.add(model, step, number, address, [one, other]);
        }
    }

    fn add(
        &mut self,
        model: &Model,
        step: &StepChanges,
        number: usize,
        address: VirtAddr,
        entries: [Option<(PhysAddr, Access)>; 2],
    ) {
        // The frames of the page: that which it had before, then those that it has now.
        let before = self
            .spaces
            .map(|space| space.and_then(|space| step.frame_before(space, address)));
        let now = entries.map(|entry| entry.map(|(frame, _)| frame));
        let mut frames = Vec::<PhysAddr, 4>::new();
        for frame in before.into_iter().chain(now).flatten() {
            if !frames.contains(&frame) {
                // There are at most four.
                let _ = frames.push(frame);
            }
        }
        let is_moved = |side: usize| before[side].is_some() && before[side] != now[side];
        for frame in frames {
            let state = model.frames.get((frame.as_u64() / FRAME_BYTES) as usize);
            let references = state.map_or(0, |state| state.references());
            let earlier = step.references_before(frame);
            let page = |side: usize| {
                let (space, (current, access)) = (self.spaces[side]?, entries[side]?);
                let is_past = before[side] == Some(frame) && current != frame;
                (current == frame || is_past).then(|| Page {
                    access: if is_past {
                        access - Access::WRITE
                    } else {
                        access
                    },
                    is_past,
                    is_changed: is_moved(side) || step.is_protected(space, address),
                    is_new: is_moved(side) || side == 1 && is_shared_since(earlier, references),
                })
            };
            let row = Row {
                page: number,
                address,
                left: page(0),
                right: page(1),
                frame: FrameBox {
                    frame,
                    tag: state.map_or(Tag::empty(), |state| state.tag()),
                    references,
                    before: earlier.filter(|&count| count != u32::from(references)),
                    is_copy: (0..2).any(|side| is_moved(side) && now[side] == Some(frame)),
                },
            };
            // The number of pages is limited, so there is room.
            let _ = self.rows.push(row);
        }
    }
}

/// Returns whether a frame got a reference in this step: that of the child, on the right.
fn is_shared_since(earlier: Option<u32>, now: u16) -> bool {
    earlier.is_some_and(|count| count < u32::from(now))
}

/// The space and the address that the figure is about.
fn subject(model: &Model, selection: Option<Selection>) -> Option<(u32, VirtAddr)> {
    let selected = selection.and_then(|selection| address_of(model, selection));
    selected.or_else(|| {
        let mut faults = model.faults.newest_first();
        let fault = faults.find(|fault| fault.space != 0 && is_known(model, fault.space))?;
        Some((fault.space, fault.address))
    })
}

fn is_known(model: &Model, space: u32) -> bool {
    model
        .processes
        .get(space)
        .is_some_and(|process| process.is_live)
}

/// A process and its parent or, if the parent is gone, a child of it: the parent is at the left.
fn pair(model: &Model, space: u32) -> [Option<u32>; 2] {
    let parent = model
        .processes
        .get(space)
        .map_or(0, |process| process.parent);
    if parent != 0 && is_known(model, parent) {
        return [Some(parent), Some(space)];
    }
    let is_child = |process: &&Process| process.is_live && process.parent == space && space != 0;
    let child = model.processes.all().iter().find(is_child);
    [Some(space), child.map(|child| child.number)]
}

/// The frame and the access rights of a page of 4 KiB.
fn entry(model: &Model, space: u32, address: VirtAddr) -> Option<(PhysAddr, Access)> {
    let entry = model
        .tables
        .get(EntryPosition::on_way(space, address, DEEPEST))?;
    Some((entry.frame, entry.access))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(page: usize, is_changed: bool) -> Row {
        let page_of = Page {
            access: Access::USER,
            is_past: false,
            is_changed,
            is_new: false,
        };
        Row {
            page,
            address: VirtAddr::new(page as u64 * FRAME_BYTES),
            frame: FrameBox {
                frame: PhysAddr::new(0),
                tag: Tag::USER,
                references: 2,
                before: None,
                is_copy: false,
            },
            left: Some(page_of),
            right: Some(page_of),
        }
    }

    #[test]
    fn a_frame_that_lost_a_reference_is_not_newly_shared() {
        assert!(is_shared_since(Some(1), 2));
        assert!(!is_shared_since(Some(2), 1));
        assert!(!is_shared_since(None, 2));
    }

    /// A projector has room for a few rows: the page of the lesson is one of them.
    #[test]
    fn selected_and_changed_pages_stay_when_rows_are_left_out() {
        let mut shared = Shared {
            selected: Some((1, VirtAddr::new(7 * FRAME_BYTES))),
            ..Shared::default()
        };
        for page in 0..8 {
            shared.rows.push(row(page, page == 5)).unwrap();
        }
        let pages = |shared: &Shared| {
            shared
                .rows
                .iter()
                .map(|row| row.page)
                .collect::<std::vec::Vec<_>>()
        };
        let few = shared.within(4);
        assert_eq!((pages(&few), few.hidden), (vec![0, 1, 5, 7], 4));
        assert_eq!(shared.within(8), shared);
    }
}
