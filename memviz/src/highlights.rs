//! Which frames belong to what: to the selection, to the run that was refused, to the event that happens.
//!
//! ```text
//! selection ──► frames, in runs ──► cells of the map that are lit
//! ```

use crate::model::heap::{GRANULE_BYTES, block_bytes};
use crate::model::regions::{FRAME_BYTES, frames_of};
use crate::model::walk::End;
use crate::model::{Cells, Fault, FaultLog, Frame, Heap, Marks, Model, Regions, Tables};
use crate::selection::Selection;
use core::ops::Range;
use mm::event::Kind;
use mm::frame::{InTheWay, WhyNot};
use mm::paging::PageSize;
use x86_64::VirtAddr;

/// What the frame map lights up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lit {
    /// What somebody looks at.
    selection: Option<Selection>,
    /// How often the page tables have changed, where the selection has its frames by them, or what frames are.
    changes: u64,
    /// The best place for the run that was refused, if that is looked at.
    place: Option<InTheWay>,
}

impl Lit {
    /// What is to be lit now.
    pub fn new(selection: Option<Selection>, why_not: Option<&WhyNot>, model: &Model) -> Lit {
        let kinds: &[Kind] = match selection {
            None | Some(Selection::Frames { .. } | Selection::Region(_)) => &[],
            Some(Selection::Refusal) => &[Kind::FrameAllocate, Kind::FrameFree],
            Some(_) => &[Kind::Map, Kind::Unmap, Kind::TableLink, Kind::TableUnlink],
        };
        let changes = kinds.iter().map(|&kind| model.totals[kind as usize]);
        Lit {
            selection,
            changes: changes.sum(),
            place: why_not.and_then(|why| why.in_the_way),
        }
    }

    /// Lights the cells up. None must be lit yet.
    pub fn light(&self, model: &mut Model) {
        let Model {
            cells,
            regions,
            tables,
            heap,
            faults,
            frames,
            ..
        } = model;
        let sources = Sources {
            regions,
            tables,
            heap,
            faults,
        };
        if let Some(selection) = self.selection {
            sources.each_run(selection, |run| light(cells, run, Marks::SELECTED));
        }
        if let Some(place) = self.place {
            let place = place.first..place.first + place.frames;
            let used = |&number: &usize| frames.get(number).is_some_and(Frame::is_used);
            for number in place.clone().filter(used) {
                light(cells, number..number + 1, Marks::IN_THE_WAY);
            }
            light(cells, place, Marks::HAPPENING);
        }
    }
}

fn light(cells: &mut Cells, run: Range<usize>, marks: Marks) {
    for cell in cells.view().cells_of(run) {
        cells.accents.light(cell, marks);
    }
}

/// The frame that the selection begins with.
pub fn first_frame(selection: Selection, model: &Model) -> Option<usize> {
    let sources = Sources {
        regions: &model.regions,
        tables: &model.tables,
        heap: &model.heap,
        faults: &model.faults,
    };
    let mut first = None;
    sources.each_run(selection, |run| first = first.or(Some(run.start)));
    first
}

/// What knows where frames belong.
struct Sources<'s, 'm> {
    regions: &'s Regions<'m>,
    tables: &'s Tables<'m>,
    heap: &'s Heap<'m>,
    faults: &'s FaultLog<'m>,
}

impl Sources<'_, '_> {
    /// Hands out the frames that belong to the selection, in runs.
    fn each_run(&self, selection: Selection, mut run: impl FnMut(Range<usize>)) {
        match selection {
            Selection::Frames { first, count } => run(first..first + count),
            Selection::Region(number) => {
                if let Some(region) = self.regions.all().get(number) {
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

    /// The frames of a page: one, or those of a large page.
    fn page(&self, space: u32, address: VirtAddr, mut run: impl FnMut(Range<usize>)) {
        if let End::Mapped { physical, size, .. } = self.tables.walk(space, address).end {
            let first = physical.align_down(size.bytes());
            run(frames_from(first.as_u64(), size));
        }
    }

    /// The frames of so many bytes of the heap.
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

    /// The order of the heap block that begins here.
    fn order_at(&self, start: VirtAddr) -> Option<u8> {
        let offset = start.as_u64().checked_sub(self.heap.start()?.as_u64())?;
        let block = self.heap.block_at(offset as usize / GRANULE_BYTES)?;
        Some(block.order)
    }
}

/// The fault with this number since boot, while it is told.
pub fn fault<'f>(faults: &'f FaultLog, number: u64) -> Option<&'f Fault> {
    let age = faults.total().checked_sub(number.checked_add(1)?)?;
    faults.newest_first().nth(age as usize)
}

/// The numbers of the frames of a page.
fn frames_from(start: u64, size: PageSize) -> Range<usize> {
    let first = (start / FRAME_BYTES) as usize;
    first..first + (size.bytes() / FRAME_BYTES) as usize
}
