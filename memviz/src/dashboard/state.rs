//! What is on the screen, as a value that any `serde` format can write: for scripts and tests, which should not read
//! pixels.
//!
//! Addresses are strings in hex, because many readers of JSON keep numbers as floating point; everything else is a plain
//! number in the unit that its name says. Every figure comes from where its panel takes it.

mod heaps;
mod spaces;

use super::Dashboard;
use super::panels::Panels;
use crate::caption::Words;
use crate::layout::Layout;
use crate::model::frames::{HEAT_STEPS, REFERENCE_STEPS};
use crate::model::heap::block_bytes;
use crate::model::regions::FRAME_BYTES;
use crate::model::{FaultLog, Frames, HeapTotals, Mappings, OWNERS, Region};
use crate::panels::storyboard::Story;
use crate::panels::walk::WalkPanel;
use crate::selection::Selection;
use crate::theme::Theme;
use crate::timeline;
use core::fmt;
use heaps::{FaultStory, Graphs, LastOperation, Race};
use mm::event::Kind;
use mm::frame::WhyNot;
use mm::heap::Order as HeapOrder;
use mm::paging::{FaultCause, PageSize, WindowPolicy};
use serde::{Serialize, Serializer};
use spaces::{ProcessList, TableState, WalkState};

/// Page faults that are listed one by one.
const LISTED_FAULTS: usize = 16;

/// Everything on the screen.
#[derive(Serialize)]
pub struct State<'d> {
    time_ns: u64,
    paused: bool,
    timeline: TimelineState,
    events: u64,
    events_per_second: u64,
    lost: u64,
    disagreements: u64,
    contradictions: u64,
    pictures_per_second: u64,
    picture_ns: u64,
    memory_bytes: u64,
    palette: &'static str,
    board: &'static str,
    focus: Option<&'static str>,
    maximised: bool,
    projector: bool,
    help: bool,
    shell: bool,
    panels: Shown<'d>,
    pointer: Option<[i32; 2]>,
    hover: Option<Worded<Selection>>,
    lessons: bool,
    selection: Option<Worded<Selection>>,
    caption: CaptionState,
    map: Map,
    why_not: Option<Refused>,
    frames: FrameState<'d>,
    regions: Regions<'d>,
    heap: HeapState<'d>,
    race: Race<'d>,
    graphs: Graphs<'d>,
    story: Option<FaultStory>,
    faults: FaultState<'d>,
    mappings: MappingState<'d>,
    tables: TableState,
    page_walk: Option<WalkState>,
    processes: u64,
    process_list: ProcessList<'d>,
    space: u32,
}

#[derive(Serialize)]
struct CaptionState {
    number: u32,
    lesson: Option<&'static str>,
    title: Option<&'static str>,
    step: u8,
    steps: u8,
    part: Option<&'static str>,
    words: Worded<Words>,
}

/// The history: numbers of events, and the last one that is shown.
#[derive(Serialize)]
struct TimelineState {
    first: u64,
    cursor: u64,
    end: u64,
    live: bool,
    bookmarks: usize,
    event: Option<Worded<timeline::Words>>,
}

/// The frame map: what it shows of the frames, and in how many cells.
#[derive(Serialize)]
struct Map {
    mode: &'static str,
    first_frame: usize,
    frames_per_cell: usize,
    cells: usize,
    zoom: usize,
}

/// The run that was refused last, while it is looked at; indices in thousandths.
#[derive(Serialize)]
struct Refused {
    frames: u64,
    align_frames: u64,
    ceiling: Option<Hex>,
    free: u64,
    pieces: u64,
    longest: u64,
    fragmentation_index: i32,
    unusable_index: u32,
    place: Option<Hex>,
    in_the_way: Option<u64>,
}

impl Refused {
    fn new(why: &WhyNot) -> Refused {
        let place = why.in_the_way;
        Refused {
            frames: why.run.frames,
            align_frames: why.run.align_frames,
            ceiling: why.run.ceiling.map(|end| Hex(end.as_u64())),
            free: why.free,
            pieces: why.stretches,
            longest: why.longest,
            fragmentation_index: why.fragmentation_index(),
            unusable_index: why.unusable_index(),
            place: place.map(|place| Hex(place.first as u64 * FRAME_BYTES)),
            in_the_way: place.map(|place| place.used),
        }
    }
}

#[derive(Serialize)]
struct FrameState<'d> {
    frame_bytes: u64,
    on_map: usize,
    usable: u64,
    used: u64,
    free: u64,
    pinned: u64,
    shared: u64,
    by_references: [u64; REFERENCE_STEPS],
    by_heat: [u64; HEAT_STEPS],
    refused: u64,
    by_owner: ByOwner<'d>,
}

#[derive(Serialize)]
struct HeapState<'d> {
    start: Option<Hex>,
    bytes: u64,
    maximum_bytes: u64,
    live_bytes: u64,
    live_blocks: u64,
    requested_bytes: u64,
    free_bytes: u64,
    largest_free_bytes: u64,
    refused: u64,
    waste_bytes: u64,
    last: Option<LastOperation>,
    orders: Orders<'d>,
}

#[derive(Serialize)]
struct Order {
    bytes: u64,
    live: u64,
    free: u64,
    unusable_thousandths: u32,
}

#[derive(Serialize)]
struct FaultState<'d> {
    total: u64,
    mean_ns: Option<u64>,
    by_cause: ByCause<'d>,
    newest_first: NewestFaults<'d>,
}

#[derive(Serialize)]
struct Fault {
    time_ns: u64,
    address: Hex,
    instruction: Hex,
    cause: &'static str,
    outcome: Option<&'static str>,
    cost_ns: Option<u64>,
}

#[derive(Serialize)]
struct MappingState<'d> {
    pages: u64,
    bytes: u64,
    by_size: BySize<'d>,
    writable: u64,
    executable: u64,
    writable_executable: u64,
    user: u64,
    windows: Windows<'d>,
}

#[derive(Serialize)]
struct RegionState {
    start: Hex,
    bytes: u64,
    kind: &'static str,
}

impl Dashboard<'_> {
    /// What was on the screen when it was drawn last, with the events since then.
    pub fn state(&self) -> State<'_> {
        let (model, header) = (&self.model, &self.header);
        let caption = self.caption();
        let view = model.cells.view();
        let heap = model.heap.totals();
        State {
            time_ns: header.time,
            paused: header.paused,
            timeline: TimelineState {
                first: self.timeline.first(),
                cursor: self.timeline.cursor(),
                end: self.timeline.end(),
                live: self.timeline.is_live(),
                bookmarks: self.timeline.bookmarks().len(),
                event: self
                    .timeline
                    .current()
                    .map(|event| Worded(timeline::Words(event))),
            },
            events: model.events(),
            events_per_second: header.figures.event_rate,
            lost: header.lost,
            disagreements: model.disagreements(),
            contradictions: model.contradictions,
            pictures_per_second: header.figures.frame_rate,
            picture_ns: header.figures.frame_nanoseconds,
            memory_bytes: self.info.memory,
            palette: self.styles.theme.name,
            board: self.stage.board.label().1,
            focus: self.stage.focused().map(|panel| panel.words()),
            maximised: self.stage.maximised,
            projector: self.stage.projector,
            help: self.help.is_some(),
            shell: self.stage.shell,
            panels: Shown(&self.panels, &self.layout),
            pointer: self.pointer.map(|point| [point.x, point.y]),
            hover: self.stage.hover.map(Worded),
            lessons: self.list.is_some(),
            selection: self.stage.selection.map(Worded),
            caption: CaptionState {
                number: model.caption,
                lesson: caption.as_ref().map(|caption| caption.lesson),
                title: caption.as_ref().map(|caption| caption.title),
                step: caption.as_ref().map_or(0, |caption| caption.step),
                steps: caption.as_ref().map_or(0, |caption| caption.steps),
                part: caption.as_ref().map(|caption| caption.part.words()),
                words: Worded(caption.map_or(Words::new(), |caption| caption.words)),
            },
            map: Map {
                mode: self.mode.label().1,
                first_frame: view.first,
                frames_per_cell: view.frames_per_cell(),
                cells: view.cells,
                zoom: self.stage.zoom.factor(),
            },
            why_not: match self.stage.looked_at() {
                Some(Selection::Refusal) => self.refusal.known().map(Refused::new),
                _ => None,
            },
            frames: FrameState {
                frame_bytes: FRAME_BYTES,
                on_map: model.frames.len(),
                usable: model.regions.usable_frames(),
                used: model.frames.used(),
                free: model.free_frames(),
                pinned: model.frames.pinned(),
                shared: model.frames.shared(),
                by_references: model.frames.by_references(),
                by_heat: model.frames.by_heat(),
                refused: model.totals[Kind::FrameRefuse as usize],
                by_owner: ByOwner(&model.frames, self.styles.theme),
            },
            regions: Regions(model.regions.all()),
            heap: HeapState {
                start: model.heap.start().map(|start| Hex(start.as_u64())),
                bytes: heap.bytes,
                maximum_bytes: model.heap.maximum_bytes(),
                live_bytes: heap.live_bytes(),
                live_blocks: heap.live_blocks(),
                requested_bytes: heap.requested,
                free_bytes: heap.free_bytes(),
                largest_free_bytes: heap.largest_free().map_or(0, block_bytes),
                refused: model.heap.refused(),
                waste_bytes: heap.waste(),
                last: LastOperation::of(&self.timeline, model),
                orders: Orders(heap),
            },
            race: Race(model),
            graphs: Graphs(&self.samples),
            story: Story::of(model, &self.timeline, self.stage.looked_at()).map(Into::into),
            faults: FaultState {
                total: model.faults.total(),
                mean_ns: model.faults.mean_nanoseconds(),
                by_cause: ByCause(&model.faults),
                newest_first: NewestFaults(&model.faults),
            },
            mappings: MappingState {
                pages: model.mappings.total(),
                bytes: model.mappings.bytes(),
                by_size: BySize(&model.mappings),
                writable: model.mappings.writable,
                executable: model.mappings.executable,
                writable_executable: model.mappings.writable_executable,
                user: model.mappings.user,
                windows: Windows(&model.mappings),
            },
            tables: TableState::of(model),
            page_walk: WalkPanel::walk(model, self.stage.looked_at()).map(WalkState::from),
            processes: model.processes.live(),
            process_list: ProcessList(model, self.info.names),
            space: model.space,
        }
    }
}

/// The panels on the screen, timeline and caption too: each name with left edge, upper edge, width and height, in pixels.
struct Shown<'d>(&'d Panels, &'d Layout);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let panels = self.0.shown().map(|(panel, area)| (panel.words(), area));
        let bars = [("timeline", self.1.timeline), ("caption", self.1.caption)];
        serializer.collect_map(panels.chain(bars).map(|(words, area)| {
            let (at, size) = (area.top_left, area.size);
            let place = [at.x as u32, at.y as u32, size.width, size.height];
            (words, place)
        }))
    }
}

/// A number as a string in hex.
struct Hex(u64);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// Something, as the screen words it.
struct Worded<T>(T);

impl<T: fmt::Display> Serialize for Worded<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Frames of each owner.
struct ByOwner<'d>(&'d Frames<'d>, &'static Theme);

impl Serialize for ByOwner<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = |owner| (self.1.owner(owner).words, self.0.by_owner(owner));
        serializer.collect_map((0..OWNERS).map(entry))
    }
}

struct Regions<'d>(&'d [Region]);

impl Serialize for Regions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|region| RegionState {
            start: Hex(region.start.as_u64()),
            bytes: region.bytes,
            kind: region.kind.words(),
        }))
    }
}

/// Blocks of each order, from 64 B on.
struct Orders<'d>(&'d HeapTotals);

impl Serialize for Orders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let free = self.0.free_space();
        serializer.collect_seq(HeapOrder::all().enumerate().map(|(at, order)| Order {
            bytes: block_bytes(at as u8),
            live: self.0.live[at],
            free: self.0.free[at],
            unusable_thousandths: free.unusable(order).0,
        }))
    }
}

/// Faults of each cause since boot.
struct ByCause<'d>(&'d FaultLog<'d>);

impl Serialize for ByCause<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let causes = FaultCause::ALL.iter();
        serializer.collect_map(causes.map(|&cause| (cause.words(), self.0.by_cause(cause))))
    }
}

struct NewestFaults<'d>(&'d FaultLog<'d>);

impl Serialize for NewestFaults<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let newest = self.0.newest_first().take(LISTED_FAULTS);
        serializer.collect_seq(newest.map(|fault| Fault {
            time_ns: fault.time,
            address: Hex(fault.address.as_u64()),
            instruction: Hex(fault.instruction.as_u64()),
            cause: fault.cause.words(),
            outcome: fault.end.map(|end| end.outcome.words()),
            cost_ns: fault.end.map(|end| end.nanoseconds),
        }))
    }
}

/// Pages of each size.
struct BySize<'d>(&'d Mappings);

impl Serialize for BySize<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sizes = [
            ("4 KiB", PageSize::Size4KiB),
            ("2 MiB", PageSize::Size2MiB),
            ("1 GiB", PageSize::Size1GiB),
        ];
        let entry = |(words, size)| (words, self.0.pages[size as usize]);
        serializer.collect_map(sizes.map(entry))
    }
}

/// Windows of each policy.
struct Windows<'d>(&'d Mappings);

impl Serialize for Windows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let policies = WindowPolicy::ALL.iter();
        serializer.collect_map(policies.map(|&policy| (policy.words(), self.0.windows(policy))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::with_dashboard;
    use crate::input::{Action, MapMode};
    use mm::event::{Event, Payload};
    use mm::memory_map::RegionKind;
    use mm::paging::{
        Access, ErrorCode, FaultCause, FaultOutcome, PageSize, TableLevel, WindowPolicy,
    };
    use mm::tag::Tag;
    use serde_json::{Value, json};
    use x86_64::{PhysAddr, VirtAddr};

    const HEAP: VirtAddr = VirtAddr::new(0xffff_c000_0010_0000);

    fn written(payloads: &[Payload]) -> Value {
        with_dashboard(|dashboard| {
            for (time, &payload) in (1..).zip(payloads) {
                let event = Event {
                    time,
                    cpu: 0,
                    site: 0,
                    payload,
                };
                dashboard.apply(&event);
            }
            dashboard.handle(Action::Show(MapMode::Tags));
            serde_json::to_value(dashboard.state()).unwrap()
        })
    }

    #[test]
    fn figures_are_where_their_names_say() {
        let (start, frame) = (PhysAddr::new(0x10_0000), PhysAddr::new(0x20_0000));
        let page = VirtAddr::new(0xffff_e000_0000_0000);
        let state = written(&[
            Payload::Region {
                start,
                bytes: 64 << 20,
                kind: RegionKind::Usable,
            },
            Payload::FrameAllocate {
                first: frame,
                frames: 3,
                tag: Tag::USER,
            },
            Payload::FrameReference {
                frame,
                from: 1,
                to: 2,
                tag: Tag::USER,
            },
            Payload::HeapGrow {
                start: HEAP,
                bytes: 1 << 20,
            },
            Payload::HeapAllocate {
                block: HEAP,
                order: 13,
                from: 14,
                requested: 300_000,
                owner: Tag::CACHE,
            },
            Payload::WindowOpen {
                start: page,
                bytes: 8192,
                policy: WindowPolicy::DemandZero,
                owner: Tag::USER,
            },
            Payload::FaultBegin {
                address: page + 5,
                instruction: HEAP,
                code: ErrorCode::WRITE,
                cause: FaultCause::DemandZero,
            },
            Payload::Map {
                page,
                frame,
                size: PageSize::Size4KiB,
                access: Access::WRITE,
            },
            Payload::FaultEnd {
                address: page + 5,
                nanoseconds: 777,
                cause: FaultCause::DemandZero,
                outcome: FaultOutcome::Mapped,
            },
            Payload::HeapRefuse {
                heap: HEAP,
                requested: 1 << 30,
                owner: Tag::CACHE,
            },
            Payload::Caption {
                number: 2,
                previous: 0,
            },
        ]);
        let at = |pointer: &str| {
            state
                .pointer(pointer)
                .unwrap_or_else(|| panic!("no {pointer} in {state}"))
        };
        let expected = [
            ("/events", json!(11)),
            ("/lost", json!(0)),
            ("/contradictions", json!(0)),
            ("/map/mode", json!("tags")),
            (
                "/caption",
                json!({"number": 2, "lesson": "count", "title": "Counting", "step": 2, "steps": 4, "part": "answer", "words": "two"}),
            ),
            ("/frames/usable", json!(16384)),
            ("/frames/used", json!(3)),
            ("/frames/free", json!(16381)),
            ("/frames/shared", json!(1)),
            ("/frames/by_owner/user", json!(3)),
            ("/frames/by_owner/kernel", json!(0)),
            (
                "/regions/0",
                json!({"start": "0x100000", "bytes": 64 << 20, "kind": "usable"}),
            ),
            ("/heap/start", json!("0xffffc00000100000")),
            ("/heap/bytes", json!(1 << 20)),
            ("/heap/live_bytes", json!(512 << 10)),
            ("/heap/requested_bytes", json!(300_000)),
            ("/heap/largest_free_bytes", json!(512 << 10)),
            ("/heap/refused", json!(1)),
            ("/heap/waste_bytes", json!((512 << 10) - 300_000)),
            ("/heap/last/steps", json!(1)),
            ("/heap/orders/14/unusable_thousandths", json!(1000)),
            ("/race", json!([])),
            ("/story/cause", json!("demand-zero")),
            ("/story/last_level", json!(1)),
            ("/story/present", json!(false)),
            ("/story/window", json!("demand-zero")),
            ("/graphs/used frames", Value::Null),
            (
                "/heap/orders/13",
                json!({"bytes": 512 << 10, "live": 1, "free": 1, "unusable_thousandths": 0}),
            ),
            ("/faults/total", json!(1)),
            ("/faults/mean_ns", json!(777)),
            ("/faults/by_cause/demand-zero", json!(1)),
            (
                "/faults/newest_first/0",
                json!({
                    "time_ns": 7, "address": "0xffffe00000000005", "instruction": "0xffffc00000100000",
                    "cause": "demand-zero", "outcome": "frame mapped", "cost_ns": 777,
                }),
            ),
            ("/mappings/by_size/4 KiB", json!(1)),
            ("/mappings/windows/demand-zero", json!(1)),
        ];
        for (pointer, value) in expected {
            assert_eq!(at(pointer), &value, "{pointer}");
        }
    }

    #[test]
    fn a_walk_and_a_process_are_told() {
        let (table, frame) = (PhysAddr::new(0x5000), PhysAddr::new(0x20_0000));
        let address = VirtAddr::new(0x40_0123);
        let page = address.align_down(4096_u64);
        let link = |level: TableLevel| Payload::TableLink {
            table: table + level as u64 * 4096,
            base: match level {
                TableLevel::PageTable => page.align_down(2_u64 << 20),
                _ => VirtAddr::zero(),
            },
            level,
            access: Access::WRITE | Access::EXECUTE | Access::USER,
        };
        let [pt, pd, pdpt, pml4] = [1, 2, 3, 4].map(|number| {
            let level = TableLevel::from_number(number).expect("four levels");
            link(level)
        });
        let state = written(&[
            Payload::SpaceSwitch {
                number: 7,
                previous: 0,
            },
            pml4,
            pdpt,
            pd,
            pt,
            Payload::WindowOpen {
                start: page,
                bytes: 4096,
                policy: WindowPolicy::Fixed,
                owner: Tag::USER,
            },
            Payload::Map {
                page,
                frame,
                size: PageSize::Size4KiB,
                access: Access::USER | Access::EXECUTE,
            },
            Payload::ProcessStart {
                number: 7,
                parent: 3,
                program: 1,
                started: 99,
            },
            Payload::FaultBegin {
                address,
                instruction: address,
                code: ErrorCode::WRITE | ErrorCode::USER | ErrorCode::PROTECTION,
                cause: FaultCause::WriteReadOnly,
            },
        ]);
        let entry = |number: u64, flags: &str, is_table: bool| json!({"leads_to": format!("{number:#x}"), "is_table": is_table, "allows": flags});
        let all = "read write execute user";
        let step = |table: &str, at: u64, index: u16, entry: Value| json!({"table": table, "at": format!("{at:#x}"), "index": index, "entry": entry});
        let expected = json!({
            "space": 7,
            "address": "0x400123",
            "steps": [
                step("PML4", 0x9000, 0, entry(0x8000, all, true)),
                step("PDPT", 0x8000, 0, entry(0x7000, all, true)),
                step("PD", 0x7000, 2, entry(0x6000, all, true)),
                step("PT", 0x6000, 0, entry(0x20_0000, "read execute user", false)),
            ],
            "end": {
                "mapped": true, "physical": "0x200123", "page_bytes": 4096,
                "allows": "read execute user",
            },
        });
        assert_eq!(state["page_walk"], expected);
        let process = json!({
            "number": 7, "live": true, "parent": 3, "program": "fork", "state": "ready",
            "started_ms": 99, "pages": 1, "shared": 0, "copy_on_write": 0, "tables": 4, "faults": 1,
            "windows": [{"start": "0x400000", "bytes": 4096, "policy": "fixed", "owner": "user"}],
        });
        assert_eq!(state["process_list"], json!([process]));
        assert_eq!(state["tables"]["entries"], json!(5));
        assert_eq!(state["contradictions"], json!(0));
    }

    #[test]
    fn nothing_known_is_no_panic() {
        let state = written(&[]);
        assert_eq!(state["heap"]["start"], Value::Null);
        assert_eq!(state["faults"]["newest_first"], json!([]));
    }
}
