//! The frames to highlight: those of the selection, and those of the run that was refused.
//!
//! ```text
//! selection ──► frames, in runs ──► highlighted cells of the map
//! ```

use crate::model::firmware_map::{FRAME_BYTES, frames_of};
use crate::model::heap::{GRANULE_BYTES, block_bytes};
use crate::model::walk::End;
use crate::model::{Fault, FaultLog, FirmwareMap, Frame, Heap, Model, Tables};
use crate::view::map::{Cells, Marks};
use crate::view::selection::Selection;
use core::ops::Range;
use mm::event::Kind;
use mm::frame::{BestRange, WhyNot};
use mm::paging::PageSize;
use x86_64::VirtAddr;

/// The frames that the map highlights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Highlights {
    /// The selection.
    selection: Option<Selection>,
    /// The number of events so far that can change which frames belong to the selection.
    changes: u64,
    /// The best range for the run that was refused, if the refusal is selected.
    place: Option<BestRange>,
}

impl Highlights {
    /// Determines what to highlight now.
    pub fn new(
        selection: Option<Selection>,
        why_not: Option<&WhyNot>,
        model: &Model,
    ) -> Highlights {
        let kinds: &[Kind] = match selection {
            None | Some(Selection::Frames { .. } | Selection::FirmwareRegion(_)) => &[],
            Some(Selection::Refusal) => &[Kind::FrameAllocate, Kind::FrameFree],
            Some(_) => &[Kind::Map, Kind::Unmap, Kind::TableLink, Kind::TableUnlink],
        };
        let changes = kinds.iter().map(|&kind| model.totals[kind as usize]);
        Highlights {
            selection,
            changes: changes.sum(),
            place: why_not.and_then(|why| why.best_range),
        }
    }

    /// Returns the best range for the run that was refused, if the refusal is selected.
    pub fn best_range(&self) -> Option<BestRange> {
        self.place
    }

    /// Returns the highlighted frames, if they are a single run: those of a page, of a fault's page
    /// or of a cell, or the best range for a refused run.
    pub fn run(&self, model: &Model) -> Option<Range<usize>> {
        if let Some(place) = self.place {
            return Some(place.first..place.first + place.frames);
        }
        let selection = self.selection.filter(|selection| {
            use Selection::{Fault, Frames, Page};
            matches!(selection, Frames { .. } | Page { .. } | Fault(_))
        })?;
        let mut found = None;
        Sources::of(model).each_run(selection, |run| found = Some(run));
        found
    }

    /// Highlights the cells. No cell may be highlighted yet.
    pub fn highlight(&self, model: &Model, cells: &mut Cells) {
        let sources = Sources::of(model);
        if let Some(selection) = self.selection {
            sources.each_run(selection, |run| highlight(cells, run, Marks::SELECTED));
        }
        if let Some(place) = self.place {
            let place = place.first..place.first + place.frames;
            let used = |&number: &usize| model.frames.get(number).is_some_and(Frame::is_used);
            for number in place.clone().filter(used) {
                highlight(cells, number..number + 1, Marks::IN_THE_WAY);
            }
            highlight(cells, place, Marks::HAPPENING);
        }
    }
}

fn highlight(cells: &mut Cells, run: Range<usize>, marks: Marks) {
    for cell in cells.view().cells_of(run) {
        cells.accents.highlight(cell, marks);
    }
}

/// Returns the first frame of the selection.
pub fn first_frame(selection: Selection, model: &Model) -> Option<usize> {
    let sources = Sources::of(model);
    let mut first = None;
    sources.each_run(selection, |run| first = first.or(Some(run.start)));
    first
}

/// The parts of the model that assign frames.
struct Sources<'s, 'm> {
    firmware_map: &'s FirmwareMap<'m>,
    tables: &'s Tables<'m>,
    heap: &'s Heap<'m>,
    faults: &'s FaultLog<'m>,
}

impl<'s, 'm> Sources<'s, 'm> {
    fn of(model: &'s Model<'m>) -> Self {
        Sources {
            firmware_map: &model.firmware_map,
            tables: &model.tables,
            heap: &model.heap,
            faults: &model.faults,
        }
    }

    /// Calls `run` with each run of frames that belongs to the selection.
    fn each_run(&self, selection: Selection, mut run: impl FnMut(Range<usize>)) {
        match selection {
            Selection::Frames { first, count } => run(first..first + count),
            Selection::FirmwareRegion(number) => {
                if let Some(region) = self.firmware_map.all().get(number) {
                    let frames = frames_of(region);
                    run(frames.start as usize..frames.end as usize);
                }
            }
            Selection::Refusal => {}
            Selection::Page { space, address } => self.page(space, address, run),
            Selection::Fault(number) => {
                if let Some(fault) = fault(self.faults, number) {
                    self.page(fault.space, fault.address, run);
                }
            }
            Selection::Block(start) => {
                if let Some(order) = self.order_at(start) {
                    self.pages(start, block_bytes(order), run);
                }
            }
            Selection::Split { start, order } => self.pages(start, block_bytes(order), run),
            Selection::Process(number) => {
                let all = self.tables.in_slots(0..usize::MAX);
                for (place, entry) in all.filter(|(place, _)| place.space == number) {
                    let size = match place.page_size() {
                        Some(size) if !entry.is_table => size,
                        _ => PageSize::Size4KiB,
                    };
                    run(frames_from(entry.frame.as_u64(), size));
                }
            }
        }
    }

    /// Calls `run` with the frames of a page: one, or several for a large page.
    fn page(&self, space: u32, address: VirtAddr, mut run: impl FnMut(Range<usize>)) {
        if let End::Mapped { physical, size, .. } = self.tables.end_of(space, address) {
            let first = physical.align_down(size.bytes());
            run(frames_from(first.as_u64(), size));
        }
    }

    /// Calls `run` with the frames of `bytes` bytes of the heap.
    fn pages(&self, start: VirtAddr, bytes: u64, mut run: impl FnMut(Range<usize>)) {
        let first = start.align_down(FRAME_BYTES);
        let last = (start + (bytes - 1)).align_down(FRAME_BYTES);
        for page in 0..=(last - first) / FRAME_BYTES {
            let page = self.tables.walk(0, first + page * FRAME_BYTES);
            if let End::Mapped { physical, .. } = page.end {
                run(frames_from(physical.as_u64(), PageSize::Size4KiB));
            }
        }
    }

    /// Returns the order of the heap block that starts at an address.
    fn order_at(&self, start: VirtAddr) -> Option<u8> {
        let offset = start.as_u64().checked_sub(self.heap.start()?.as_u64())?;
        let block = self.heap.block_at(offset as usize / GRANULE_BYTES)?;
        Some(block.order)
    }
}

/// Returns the fault with this number since boot, if it is in the log.
pub fn fault<'f>(faults: &'f FaultLog, number: u64) -> Option<&'f Fault> {
    let age = faults.total().checked_sub(number.checked_add(1)?)?;
    faults.newest_first().nth(age as usize)
}

/// Returns the numbers of the frames of a page.
fn frames_from(start: u64, size: PageSize) -> Range<usize> {
    let first = (start / FRAME_BYTES) as usize;
    first..first + (size.bytes() / FRAME_BYTES) as usize
}

#[cfg(test)]
mod tests;
