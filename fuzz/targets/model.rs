//! Any events: the model refuses or counts those that contradict it, and undoing any other gives
//! the state before.
#![no_main]

use arbitrary::Arbitrary;
use fuzz::Number;
use libfuzzer_sys::fuzz_target;
use memviz::model::faults::Fault;
use memviz::model::firmware_map::FirmwareRegion;
use memviz::model::heap::Granule;
use memviz::model::swap::StoredPage;
use memviz::model::tables::Slot;
use memviz::model::{
    Arena, ArenaBlock, Block, Entry, EntryPosition, Frame, HeapFrame, HeapTotals, Mappings, Model,
    ModelNeeds, ModelStorage, OWNERS, Process,
};
use mm::event::{Event, Kind};
use mm::paging::Region;
use std::collections::BTreeMap;
use x86_64::VirtAddr;

/// An event by its fields; many are no event.
#[derive(Debug, Arbitrary)]
struct Fields {
    kind: u8,
    tag: u8,
    flags: u8,
    address: Address,
    high: Number,
    low: Number,
}

/// Few different addresses, so that events meet.
#[derive(Debug, Arbitrary)]
enum Address {
    Near(Number),
    Heap(u8),
    Arena(u8),
    Any(u64),
}

const FRAMES: usize = 64;
const HEAP: u64 = 0xffff_c000_0000_0000;
const HEAP_BYTES: usize = 2 << 20;
const ARENAS: u64 = 0xffff_e800_0000_0000;
/// More would overflow the log of faults, which only a timeline can undo.
const MOST_EVENTS: usize = 200;

impl Fields {
    fn event(&self, time: u64) -> Option<Event> {
        let kind = Kind::ALL[usize::from(self.kind) % Kind::ALL.len()];
        let details = u64::from(self.tag) << 8 | u64::from(self.flags) << 16;
        let address = match self.address {
            Address::Near(number) => number.get(),
            Address::Heap(number) => HEAP + u64::from(number) * 4096,
            Address::Arena(number) => ARENAS + u64::from(number) * (64 << 10),
            Address::Any(address) => address,
        };
        let value = self.high.get() << 32 ^ self.low.get();
        Event::from_words([time, kind as u64 | details, address, value]).ok()
    }
}

/// All that undoing an event must give back.
#[derive(Debug, PartialEq)]
struct State {
    firmware_map: Vec<FirmwareRegion>,
    frames: Vec<Frame>,
    by_owner: [u64; OWNERS],
    by_references: Vec<u64>,
    by_heat: Vec<u64>,
    heap: (Option<VirtAddr>, HeapTotals, u64),
    blocks: Vec<Block>,
    heap_frames: Vec<HeapFrame>,
    arenas: Vec<(Arena, Vec<ArenaBlock>)>,
    mappings: Mappings,
    entries: BTreeMap<EntryPosition, Entry>,
    regions: Vec<(u32, Region)>,
    missing: (u64, u64),
    faults: Vec<Fault>,
    processes: (Vec<Process>, u64),
    swapped: BTreeMap<(u32, u64), u32>,
    slots: Vec<StoredPage>,
    swap_totals: (u64, u64),
    numbers: (u32, u32, [u64; Kind::COUNT]),
}

impl State {
    fn of(model: &Model) -> State {
        let arenas = model.arenas.all();
        let regions = model.regions.all();
        let pages = model.swap.all_pages();
        let swapped = pages.map(|(space, page, slot)| ((space, page.as_u64()), slot));
        let slots = (0..model.swap.slots()).map(|number| model.swap.slot(number));
        State {
            firmware_map: model.firmware_map.all().to_vec(),
            frames: model.frames.all().to_vec(),
            by_owner: std::array::from_fn(|owner| model.frames.by_owner(owner)),
            by_references: model.frames.by_references().to_vec(),
            by_heat: model.frames.by_heat().to_vec(),
            heap: (
                model.heap.start(),
                *model.heap.totals(),
                model.heap.refused(),
            ),
            blocks: model.heap.blocks().collect(),
            heap_frames: model.heap.frames().to_vec(),
            arenas: arenas
                .map(|arena| (*arena, model.arenas.blocks(arena).to_vec()))
                .collect(),
            mappings: model.mappings,
            entries: model.tables.all().collect(),
            regions: regions.map(|(space, region)| (space, *region)).collect(),
            missing: (model.tables.missing(), model.regions.missing()),
            faults: model.faults.newest_first().copied().collect(),
            processes: (model.processes.all().to_vec(), model.processes.live()),
            swapped: swapped.collect(),
            slots: slots.collect(),
            swap_totals: (model.swap.used(), model.swap.bytes()),
            numbers: (model.caption, model.space, model.totals),
        }
    }
}

fn with_model(work: impl FnOnce(Model)) {
    let needs = ModelNeeds::new(FRAMES, HEAP_BYTES);
    work(Model::new(ModelStorage {
        frames: &mut vec![Frame::default(); needs.frames],
        granules: &mut vec![Granule::default(); needs.granules],
        heap_frames: &mut vec![HeapFrame::default(); needs.heap_frames],
        arena_blocks: &mut vec![ArenaBlock::default(); needs.arena_blocks],
        faults: &mut vec![Fault::default(); needs.faults],
        firmware_map: &mut vec![FirmwareRegion::EMPTY; needs.firmware_map],
        tables: &mut vec![Slot::default(); needs.tables],
        swapped_pages: &mut vec![Slot::default(); needs.swapped_pages],
        swap_slots: &mut vec![StoredPage::default(); needs.swap_slots],
        regions: &mut vec![(0, None); needs.regions],
        processes: &mut vec![Process::default(); needs.processes],
    }));
}

/// The lines in which two states differ.
fn differences(expected: &State, found: &State) -> String {
    let [expected, found] = [expected, found].map(|state| format!("{state:#?}"));
    let lines = expected.lines().zip(found.lines());
    let differing = lines.filter(|(expected, found)| expected != found);
    differing
        .map(|(expected, found)| format!("{expected} → {found}\n"))
        .collect()
}

fn check(expected: &State, model: &Model, what: &str, event: &Event) {
    let found = State::of(model);
    assert!(
        *expected == found,
        "{what} {event:?}: {}",
        differences(expected, &found)
    );
}

fuzz_target!(|fields: Vec<Fields>| {
    with_model(|mut model| {
        let mut before = State::of(&model);
        let events = (0..)
            .zip(&fields)
            .filter_map(|(time, fields)| fields.event(time));
        for event in events.take(MOST_EVENTS) {
            let contradictions = model.contradictions;
            model.apply(&event, &mut ());
            let after = State::of(&model);
            // Which entries and regions had no room is not known.
            let all_fits = before.missing == (0, 0) && after.missing == (0, 0);
            if model.contradictions == contradictions && all_fits {
                model.revert(&event, &mut ());
                check(&before, &model, "undone", &event);
                model.apply(&event, &mut ());
                check(&after, &model, "done again", &event);
                assert_eq!(model.contradictions, contradictions, "{event:?}");
            }
            before = after;
        }
    });
});
