//! Each figure of the state has its name, and follows from the events.

use crate::dashboard::Dashboard;
use crate::dashboard::actions::Action;
use crate::dashboard::tests::with_dashboard;
use crate::view::map_mode::MapMode;
use mm::event::{Event, Payload};
use mm::memory_map::MemoryKind;
use mm::paging::{Access, ErrorCode, FaultCause, FaultOutcome, PageSize, RegionPolicy, TableLevel};
use mm::tag::Tag;
use serde_json::{Value, json};
use x86_64::{PhysAddr, VirtAddr};

mod numbers;

const HEAP: VirtAddr = VirtAddr::new(0xffff_c000_0010_0000);

fn written(payloads: &[Payload]) -> Value {
    with_dashboard(|dashboard| {
        apply(dashboard, payloads);
        dashboard.handle(Action::Show(MapMode::Tags));
        serde_json::to_value(dashboard.state()).unwrap()
    })
}

/// Applies events, one each nanosecond.
fn apply(dashboard: &mut Dashboard, payloads: &[Payload]) {
    for &payload in payloads {
        let event = Event {
            time: dashboard.timeline().end() + 1,
            cpu: 0,
            site: 0,
            payload,
        };
        dashboard.apply(&event);
    }
}

/// Asserts that the state has each of these figures.
fn assert_figures(state: &Value, expected: &[(&str, Value)]) {
    for (pointer, value) in expected {
        assert_eq!(state.pointer(pointer), Some(value), "{pointer}");
    }
}

#[test]
fn each_figure_stands_under_its_name() {
    let (start, frame) = (PhysAddr::new(0x10_0000), PhysAddr::new(0x20_0000));
    let page = VirtAddr::new(0xffff_e000_0000_0000);
    let state = written(&[
        Payload::FirmwareRegion {
            start,
            bytes: 64 << 20,
            kind: MemoryKind::Usable,
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
            granules: 1 << 13,
            from: 14,
            requested: 300_000,
            owner: Tag::CACHE,
        },
        Payload::RegionOpen {
            start: page,
            bytes: 8192,
            policy: RegionPolicy::DemandZero,
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
            json!({"number": 2, "lesson": "count", "title": "Counting", "step": 2, "steps": 4, "part": "answer", "words": "two", "question": null, "choices": [], "right": null, "because": "", "choice": null, "votes": [null, null, null, null]}),
        ),
        ("/frames/usable", json!(16384)),
        ("/frames/used", json!(3)),
        ("/frames/free", json!(16381)),
        ("/frames/shared", json!(1)),
        ("/frames/by_owner/user", json!(3)),
        ("/frames/by_owner/kernel", json!(0)),
        (
            "/firmware_map/0",
            json!({"start": "0x100000", "bytes": 64 << 20, "kind": "usable"}),
        ),
        ("/heap/start", json!("0xffffc00000100000")),
        ("/heap/bytes", json!(1 << 20)),
        ("/heap/live_bytes", json!(512 << 10)),
        ("/heap/requested_bytes", json!(300_000)),
        ("/heap/largest_free_bytes", json!(512 << 10)),
        ("/heap/refused", json!(1)),
        (
            "/heap/internal_fragmentation_bytes",
            json!((512 << 10) - 300_000),
        ),
        ("/heap/last/steps", json!(1)),
        ("/heap/orders/14/unusable_thousandths", json!(1000)),
        ("/race", json!([])),
        ("/story/cause", json!("demand-zero")),
        ("/story/last_level", json!(1)),
        ("/story/present", json!(false)),
        ("/story/region", json!("demand-zero")),
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
        ("/mappings/regions/demand-zero", json!(1)),
    ];
    for (pointer, value) in expected {
        assert_eq!(at(pointer), &value, "{pointer}");
    }
}

#[test]
fn the_state_has_the_walk_and_the_process() {
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
        Payload::RegionOpen {
            start: page,
            bytes: 4096,
            policy: RegionPolicy::Fixed,
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
        "regions": [{"start": "0x400000", "bytes": 4096, "policy": "fixed", "owner": "user"}],
    });
    assert_eq!(state["process_list"], json!([process]));
    assert_eq!(state["tables"]["entries"], json!(5));
    assert_eq!(state["contradictions"], json!(0));
}

#[test]
fn a_state_without_events_is_no_panic() {
    let state = written(&[]);
    assert_eq!(state["heap"]["start"], Value::Null);
    assert_eq!(state["faults"]["newest_first"], json!([]));
}
