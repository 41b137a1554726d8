//! The model compared with a naive machine, forwards and backwards.

mod edges;
mod mapped_frames;
mod scenarios;

use super::*;
use crate::model::swap::StoredPage;
use crate::testing::watched::{Watched, with_model};
use crate::testing::{CACHED, HEAP_START, Machine, Move};
use crate::view::map::{Cell, View};
use mm::event::ProcessState;
use mm::event::{Event, Kind, Payload};
use mm::paging::Access;
use mm::paging::{ErrorCode, FaultCause, Region, RegionPolicy};
use mm::tag::Tag;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use x86_64::{PhysAddr, VirtAddr};

const FRAMES: usize = 300;
const HEAP: usize = 4 << 20;
const CELLS: usize = 100;

const VIEW: View = View {
    first: 0,
    shift: 2,
    cells: 75,
};

/// The state that reverting events must restore.
#[derive(Debug, PartialEq)]
pub(crate) struct Snapshot {
    frames: Vec<(Tag, u16, u32, u8)>,
    by_owner: Vec<u64>,
    cells: Vec<Cell>,
    blocks: Vec<Block>,
    heap_frames: Vec<HeapFrame>,
    heap: (Option<VirtAddr>, HeapTotals),
    mappings: Mappings,
    faults: Vec<Fault>,
    fault_figures: (u64, Option<u64>, Vec<u64>),
    firmware_map: Vec<FirmwareRegion>,
    totals: [u64; Kind::COUNT],
    caption: u32,
    entries: BTreeMap<EntryPosition, Entry>,
    regions: Vec<(u32, Region)>,
    space: u32,
    processes: (Vec<Process>, u64),
    bytes: WatchedBytes,
    swapped: BTreeMap<(u32, u64), u32>,
    slots: BTreeMap<u32, StoredPage>,
    swap_sums: (u64, u64),
}

pub(crate) fn snapshot(model: &Watched) -> Snapshot {
    let frames = model.frames.all().iter();
    let causes = FaultCause::ALL.iter();
    Snapshot {
        frames: frames
            .map(|f| (f.tag(), f.references(), f.uses(), f.heat().number()))
            .collect(),
        by_owner: (0..OWNERS)
            .map(|owner| model.frames.by_owner(owner))
            .collect(),
        cells: model.changes.cells.all().to_vec(),
        blocks: model.heap.blocks().collect(),
        heap_frames: model.heap.frames().to_vec(),
        heap: (model.heap.start(), *model.heap.totals()),
        mappings: model.mappings,
        faults: model.faults.newest_first().copied().collect(),
        fault_figures: (
            model.faults.total(),
            model.faults.mean_nanoseconds(),
            causes.map(|&cause| model.faults.by_cause(cause)).collect(),
        ),
        firmware_map: model.firmware_map.all().to_vec(),
        totals: model.totals,
        caption: model.caption,
        entries: model.tables.all().collect(),
        regions: model
            .regions
            .all()
            .map(|(space, region)| (space, *region))
            .collect(),
        space: model.space,
        processes: (model.processes.all().to_vec(), model.processes.live()),
        bytes: model.bytes.clone(),
        swapped: swapped(model),
        slots: slots(model),
        swap_sums: (model.swap.used(), model.swap.bytes()),
    }
}

fn swapped(model: &Model) -> BTreeMap<(u32, u64), u32> {
    let pages = model.swap.all_pages();
    pages
        .map(|(space, page, slot)| ((space, page.as_u64()), slot))
        .collect()
}

/// Returns the swap slots in use.
fn slots(model: &Model) -> BTreeMap<u32, StoredPage> {
    let all = (0..model.swap.slots()).map(|number| (number, model.swap.slot(number)));
    all.filter(|(_, stored)| stored.users > 0).collect()
}

pub(crate) fn moves() -> impl Strategy<Value = Vec<Move>> {
    vec(any::<Move>(), 0..crate::testing::steps(400))
}

pub(crate) fn machine(moves: &[Move]) -> Machine {
    let mut machine = Machine::new(FRAMES, HEAP as u64);
    machine.play(moves);
    machine
}

/// Returns the counts over the page tables, counted one by one.
fn mappings(machine: &Machine) -> Mappings {
    let pages = machine.entries.iter().filter(|(_, entry)| !entry.is_table);
    let pages: Vec<_> = pages
        .map(|(place, entry)| (place.page_size().unwrap(), entry.access))
        .collect();
    let that = |allow: Access| pages.iter().filter(|page| page.1.contains(allow)).count() as u64;
    let regions = |policy: RegionPolicy| {
        machine
            .regions
            .values()
            .filter(move |region| region.policy == policy)
    };
    let policies: [RegionPolicy; 5] = RegionPolicy::ALL.try_into().unwrap();
    Mappings {
        pages: [0, 1, 2]
            .map(|size| pages.iter().filter(|page| page.0 as u8 == size).count() as u64),
        writable: that(Access::WRITE),
        executable: that(Access::EXECUTE),
        writable_executable: that(Access::WRITE | Access::EXECUTE),
        user: that(Access::USER),
        regions: policies.map(|policy| regions(policy).count() as u64),
        region_bytes: policies.map(|policy| regions(policy).map(|region| region.bytes).sum()),
    }
}

/// Returns the sum over some frames, counted one by one, without the regions.
fn counted(model: &Model, machine: &Machine, frames: core::ops::Range<usize>) -> Cell {
    let mut cell = Cell::default();
    for number in frames {
        let ((tag, references), heat) = (machine.frames[number], machine.heat[number].number());
        if let Some(owner) = cell.owners.get_mut(tag.owners().trailing_zeros() as usize) {
            *owner += 1;
            cell.used += 1;
        }
        cell.pinned += u32::from(tag.contains(Tag::PINNED));
        cell.shared += u32::from(references > 1);
        cell.references += u64::from(references.min(u16::MAX.into()));
        cell.warm += u32::from(heat > 0);
        cell.heat += u64::from(heat);
        cell.differing += u32::from(model.frames.all()[number].differs());
    }
    cell
}

proptest! {
    #![proptest_config(crate::testing::cases(64))]

    #[test]
    fn reverting_restores_the_state_before(moves in moves()) {
        let machine = machine(&moves);
        with_model(FRAMES, HEAP, VIEW, |model| {
            let mut before = Vec::new();
            for event in &machine.events {
                before.push(snapshot(model));
                model.apply(event);
            }
            prop_assert_eq!(model.contradictions, 0);
            for (event, before) in machine.events.iter().zip(before).rev() {
                model.revert(event);
                prop_assert_eq!(&snapshot(model), &before, "undoing {:?}", event);
            }
            prop_assert_eq!(model.contradictions, 0);
            Ok(())
        })?;
    }

    #[test]
    fn the_fold_equals_the_machine(moves in moves()) {
        let machine = machine(&moves);
        with_model(FRAMES, HEAP, VIEW, |model| {
            machine.events.iter().for_each(|event| model.apply(event));
            for (frame, (tag, references)) in model.frames.all().iter().zip(&machine.frames) {
                prop_assert!(frame.same_state(&Frame::known(*tag, *references)));
            }
            let blocks: Vec<_> = model.heap.blocks().collect();
            prop_assert_eq!(blocks.len(), machine.blocks.len());
            for (block, (&at, (order, state))) in blocks.iter().zip(&machine.blocks) {
                let is_cached = *state == Some(CACHED);
                let live = state.filter(|_| !is_cached);
                let owner = live.map(|(owner, _)| owner.owners().trailing_zeros() as usize);
                let requested = live.map_or(0, |(_, requested)| requested);
                let expected = Block { granule: at as usize / 64, order: *order, owner, requested, is_cached };
                prop_assert_eq!(block, &expected);
            }
            let requested: u64 = machine.blocks.values().filter_map(|b| Some(u64::from(b.1?.1))).sum();
            prop_assert_eq!(model.heap.totals().requested, requested);
            let used = machine.frames.iter().filter(|frame| frame.1 > 0).count() as u64;
            prop_assert_eq!(model.frames.used(), used);
            prop_assert_eq!(model.free_frames(), machine.usable() as u64 - used);
            let entries: BTreeMap<_, _> = model.tables.all().collect();
            prop_assert_eq!(&entries, &machine.entries);
            let regions: Vec<_> = model.regions.all().map(|(_, region)| *region).collect();
            prop_assert_eq!(regions, machine.regions.values().copied().collect::<Vec<_>>());
            let living = model.processes.all().iter().filter(|process| process.is_live);
            let living: Vec<_> = living.map(Process::as_reported).collect();
            prop_assert_eq!(living, machine.processes.clone());
            for process in model.processes.all() {
                let own = machine.entries.iter().filter(|(place, _)| place.space == process.number);
                let (tables, pages): (Vec<_>, Vec<_>) = own.partition(|(_, entry)| entry.is_table);
                prop_assert_eq!((process.tables, process.pages), (tables.len() as u64, pages.len() as u64));
                let is_shared = |(place, entry): &(&EntryPosition, &Entry)| {
                    let frame = machine.frames.get((entry.frame.as_u64() / 4096) as usize);
                    place.depth == tables::DEEPEST && frame.is_some_and(|frame| frame.1 > 1)
                };
                let shared = pages.iter().copied().filter(is_shared).count();
                prop_assert_eq!(process.shared, shared as u64);
                let copied = pages.iter().filter(|(_, entry)| entry.access.contains(Access::COPY_ON_WRITE));
                prop_assert_eq!(process.copy_on_write, copied.count() as u64);
            }
            prop_assert_eq!(model.mappings, mappings(&machine));
            prop_assert_eq!(swapped(model), machine.swapped.clone());
            prop_assert_eq!(slots(model), machine.slots.clone());
            let bytes: u64 = machine.slots.values().map(|stored| u64::from(stored.bytes)).sum();
            prop_assert_eq!((model.swap.used(), model.swap.bytes()), (machine.slots.len() as u64, bytes));
            for (&(space, page), &slot) in &machine.swapped {
                let page = VirtAddr::new(page);
                prop_assert_eq!(model.swap.slot_of(space, page), Some(slot));
                prop_assert!(model.swap.users_of(slot).any(|user| user == (space, page)));
            }
            Ok(())
        })?;
    }

    #[test]
    fn sums_are_the_sums_of_their_parts(moves in moves(), shift in 0u32..9, first in 0usize..4) {
        let machine = machine(&moves);
        let view = View { first: first << shift, shift, cells: CELLS };
        let folded = with_model(FRAMES, HEAP, view, |model| {
            machine.events.iter().for_each(|event| model.apply(event));
            for number in (0..FRAMES).step_by(7) {
                model.model.frames.mark(&mut model.changes, number, number % 3 > 0);
            }
            for (at, cell) in model.changes.cells.all().iter().enumerate() {
                let frames = view.frames_of(at);
                let expected = Cell { kinds: Default::default(), ..*cell };
                assert_eq!(expected, counted(model, &machine, frames.start.min(FRAMES)..frames.end.min(FRAMES)));
            }
            let kept = model.changes.cells.all().to_vec();
            model.set_view(view);
            assert_eq!(kept, model.changes.cells.all(), "sums kept against sums made anew");
            for at in 0..model.heap.frames().len() {
                let granules = at * 64..at * 64 + 64;
                let live: Vec<Block> = model.heap.blocks().filter(|block| {
                    block.owner.is_some() && block.granules().start < granules.end
                        && block.granules().end > granules.start
                }).collect();
                let bytes: u64 = live.iter().map(|block| block.bytes().min(4096)).sum();
                let frame = model.heap.frames()[at];
                assert_eq!((u64::from(frame.bytes), usize::from(frame.live)), (bytes, live.len()));
            }
            kept
        });
        for (at, cell) in folded.iter().enumerate() {
            let range = view.frames_of(at);
            let within = |end: usize| range.start.min(end)..range.end.min(end);
            let used = machine.frames[within(FRAMES)].iter().filter(|f| f.1 > 0).count();
            let usable = within(machine.usable()).len();
            prop_assert_eq!((cell.used as usize, cell.usable() as usize), (used, usable));
        }
    }

    #[test]
    fn each_change_is_marked(moves in moves()) {
        let machine = machine(&moves);
        with_model(FRAMES, HEAP, VIEW, |model| {
            for event in &machine.events {
                let (cells, frames) = (model.changes.cells.all().to_vec(), model.heap.frames().to_vec());
                let blocks: Vec<_> = model.heap.blocks().collect();
                model.apply(event);
                let marked: Vec<_> = core::iter::from_fn(|| model.changes.cells.dirty.take()).collect();
                for (at, (old, new)) in cells.iter().zip(model.changes.cells.all()).enumerate() {
                    prop_assert!(old == new || marked.contains(&at));
                }
                let marked: Vec<_> = core::iter::from_fn(|| model.changes.heap_frames.take()).collect();
                for (at, (old, new)) in frames.iter().zip(model.heap.frames()).enumerate() {
                    prop_assert!(old == new || marked.contains(&at));
                }
                for new in model.heap.blocks().filter(|block| !blocks.contains(block)) {
                    prop_assert!(marked.contains(&(new.granule / 64)), "{new:?} after {event:?}");
                }
            }
            Ok(())
        })?;
    }

    /// Arbitrary events do not break the model: a trace can be damaged.
    #[test]
    fn arbitrary_events_do_not_break_the_model(words in vec(any::<[u64; 4]>(), 0..crate::testing::steps(200)), moves in moves()) {
        let machine = machine(&moves);
        let nonsense = words.iter().flat_map(|&[time, head, address, value]| {
            let head = head & !0xff | (head % Kind::COUNT as u64);
            let small = [time, head, address % 0x20_0000, value % 600];
            let heap = [time, head, HEAP_START + address % 0x20_0000 / 64 * 64, value % 600];
            [[time, head, address, value], small, heap].map(Event::from_words)
        });
        with_model(FRAMES, HEAP, VIEW, |model| {
            machine.events.iter().for_each(|event| model.apply(event));
            for event in nonsense.flatten() {
                model.apply(&event);
                model.revert(&event);
                model.apply(&event);
            }
        });
    }
}
