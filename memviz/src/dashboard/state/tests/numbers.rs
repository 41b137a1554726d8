//! Figures that could be confused: each has a distinct value here.

use super::*;
use crate::dashboard::actions::Magnify;
use crate::graphics::canvas::Canvas;
use crate::view::meter::FrameCosts;
use crate::view::selection::Selection;
use embedded_graphics::geometry::Size;
use mm::frame::Run;
use mm::heap::strategy::Strategy;
use mm::heat::Level;

fn state(dashboard: &Dashboard) -> Value {
    serde_json::to_value(dashboard.state()).unwrap()
}

fn draw(dashboard: &mut Dashboard) {
    let (mut pixels, mut marks) = (vec![0; 800 * 600], vec![0; 600]);
    let mut canvas = Canvas::new(&mut pixels, &mut marks, Size::new(800, 600)).unwrap();
    dashboard.draw(&mut canvas).unwrap();
}

fn at(frame: u64) -> PhysAddr {
    PhysAddr::new(frame * 4096)
}

fn allocated(frame: u64, frames: u64, tag: Tag) -> Payload {
    let first = at(frame);
    Payload::FrameAllocate { first, frames, tag }
}

#[test]
fn frames_and_a_refused_run() {
    let shared = |frame, to| Payload::FrameReference {
        frame: at(frame),
        from: 1,
        to,
        tag: Tag::USER,
    };
    let warm = |frame, frames, to| Payload::FrameHeat {
        first: at(frame),
        frames,
        from: Level::COLD,
        to: Level::new(to).unwrap(),
    };
    let region = Payload::FirmwareRegion {
        start: at(0),
        bytes: 64 * 4096,
        kind: MemoryKind::Usable,
    };
    let run = Run {
        frames: 12,
        align_frames: 8,
        ceiling: Some(at(48)),
    };
    let refused = Payload::FrameRefuse {
        refused: run.into(),
        tag: Tag::DEVICE,
    };
    let expected = [
        ("/frames/on_map", json!(40_000)),
        ("/frames/pinned", json!(5)),
        ("/frames/shared", json!(3)),
        ("/frames/by_references", json!([10, 1, 0, 2])),
        ("/frames/by_heat", json!([0, 4, 0, 0, 3])),
        ("/frames/refused", json!(2)),
        ("/why_not/frames", json!(12)),
        ("/why_not/align_frames", json!(8)),
        ("/why_not/ceiling", json!("0x30000")),
        // 0 and 1, 7 to 9, 11 to 17, 19 to 29, 31 to 47; 32 to 47 are a block of 16.
        ("/why_not/free", json!(40)),
        ("/why_not/runs", json!(5)),
        ("/why_not/longest", json!(17)),
        ("/why_not/unusable_index", json!(600)),
        ("/why_not/best_range", json!("0x20000")),
        ("/why_not/must_move", json!(0)),
        ("/map/zoom", json!(1)),
        ("/map/first_frame", json!(0)),
    ];
    with_dashboard(|dashboard| {
        let kernel = Tag::KERNEL | Tag::PINNED;
        apply(
            dashboard,
            &[region, allocated(2, 5, kernel), allocated(10, 1, Tag::USER)],
        );
        apply(
            dashboard,
            &[
                allocated(18, 1, Tag::USER),
                allocated(30, 1, Tag::USER),
                allocated(48, 5, Tag::USER),
            ],
        );
        apply(dashboard, &[shared(10, 2), shared(18, 5), shared(30, 9)]);
        apply(
            dashboard,
            &[warm(48, 4, 64), warm(2, 3, 1), refused, refused],
        );
        dashboard.handle(Action::WhyNot);
        draw(dashboard);
        assert_figures(&state(dashboard), &expected);
        dashboard.handle(Action::Back);
        dashboard.select(Some(Selection::Frames {
            first: 30_000,
            count: 1,
        }));
        dashboard.handle(Action::Zoom(Magnify::Nearer));
        dashboard.handle(Action::Zoom(Magnify::Nearer));
        let state = state(dashboard);
        let first = dashboard.view().first;
        assert!(first > 0);
        assert_figures(
            &state,
            &[("/map/zoom", json!(16)), ("/map/first_frame", json!(first))],
        );
    });
}

#[test]
fn the_heap_and_the_arenas_of_a_race() {
    let race = HEAP + (1_u64 << 30);
    let second = race + (1_u64 << 20);
    let open = |start, strategy| Payload::ArenaOpen {
        start,
        chunks: 1,
        workload: 0,
        requests: 0,
        strategy,
    };
    let took = |offset, order, from, requested| Payload::HeapAllocate {
        block: race + offset,
        granules: 1_u16 << order,
        from,
        requested,
        owner: Tag::HEAP,
    };
    let freed = Payload::HeapFree {
        block: race + (1_u64 << 14),
        granules: 1 << 8,
        into: 9,
        requested: 16_384,
        owner: Tag::HEAP,
    };
    let piece = |offset, bytes, requested| Payload::ArenaAllocate {
        block: second + offset,
        bytes,
        requested,
        owner: Tag::HEAP,
    };
    let refused = Payload::HeapRefuse {
        heap: race,
        requested: 1 << 20,
        owner: Tag::HEAP,
    };
    let own = |offset, requested| Payload::HeapAllocate {
        block: HEAP + offset,
        granules: 1 << 13,
        from: if offset == 0 { 14 } else { 13 },
        requested,
        owner: Tag::CACHE,
    };
    let grow = Payload::HeapGrow {
        start: HEAP,
        bytes: 2 << 20,
    };
    let expected = [
        ("/heap/bytes", json!(2 << 20)),
        ("/heap/maximum_bytes", json!(4 << 20)),
        ("/heap/live_blocks", json!(2)),
        ("/heap/live_bytes", json!(1 << 20)),
        ("/heap/requested_bytes", json!(300_007)),
        ("/heap/free_bytes", json!(1 << 20)),
        ("/race/0/strategy", json!("buddy, whole blocks")),
        ("/race/0/served", json!(3)),
        ("/race/0/refused", json!(1)),
        ("/race/0/splits", json!(6)),
        ("/race/0/merges", json!(1)),
        ("/race/0/allocated_bytes", json!(2 << 14)),
        ("/race/0/requested_bytes", json!(30_000)),
        ("/race/0/internal_fragmentation_thousandths", json!(84)),
        ("/race/0/external_thousandths", json!(484)),
        ("/race/0/largest_free_bytes", json!(512 << 10)),
        ("/race/0/best", json!(false)),
        ("/race/1/served", json!(2)),
        ("/race/1/requested_bytes", json!(95)),
        ("/race/1/allocated_bytes", json!(96)),
        ("/race/1/largest_free_bytes", json!((1 << 20) - 112)),
        ("/race/1/best", json!(true)),
    ];
    with_dashboard(|dashboard| {
        apply(dashboard, &[grow, own(0, 300_000), own(512 << 10, 7)]);
        apply(
            dashboard,
            &[
                open(race, Strategy::BuddyWhole),
                open(second, Strategy::FirstFit),
            ],
        );
        apply(
            dashboard,
            &[took(0, 8, 14, 15_000), took(1 << 14, 8, 8, 16_384), freed],
        );
        apply(dashboard, &[took(1 << 15, 8, 8, 15_000), refused]);
        apply(dashboard, &[piece(0, 32, 31), piece(48, 64, 64)]);
        let state = state(dashboard);
        assert_eq!(state["contradictions"], json!(0));
        assert_figures(&state, &expected);
    });
}

#[test]
fn pages_by_their_access_rights() {
    let map = |number: u64, access, size: PageSize| Payload::Map {
        page: VirtAddr::new(0xffff_d000_0000_0000 + (number << 30)),
        frame: at(0),
        size,
        access,
    };
    let (write, execute, user) = (Access::WRITE, Access::EXECUTE, Access::USER);
    let small = PageSize::Size4KiB;
    let pages = [
        map(0, write, small),
        map(1, write, small),
        map(2, write | user, small),
        map(3, write | execute | user, small),
        map(4, execute | user, small),
        map(5, user | Access::COPY_ON_WRITE, small),
        map(6, write, PageSize::Size2MiB),
    ];
    let expected = [
        ("/mappings/pages", json!(7)),
        ("/mappings/bytes", json!((2 << 20) + 6 * 4096)),
        ("/mappings/writable", json!(5)),
        ("/mappings/executable", json!(2)),
        ("/mappings/writable_executable", json!(1)),
        ("/mappings/user", json!(4)),
        ("/process_list/0/pages", json!(7)),
        ("/process_list/0/copy_on_write", json!(1)),
        ("/process_list/0/shared", json!(0)),
        ("/tables/entries", json!(7)),
        ("/tables/regions", json!(0)),
    ];
    assert_figures(&written(&pages), &expected);
}

#[test]
fn a_nested_fault_past_the_end_of_a_stack() {
    let stack = VirtAddr::new(0x7000_0000);
    let guard = stack - 4096_u64;
    let region = |start, bytes, policy| Payload::RegionOpen {
        start,
        bytes,
        policy,
        owner: Tag::STACK,
    };
    let fault = |address, cause| Payload::FaultBegin {
        address,
        instruction: HEAP,
        code: ErrorCode::WRITE,
        cause,
    };
    let end = |address, cause| Payload::FaultEnd {
        address,
        nanoseconds: 5,
        cause,
        outcome: FaultOutcome::AccessCaught,
    };
    let (outer, inner) = (stack + 8_u64, guard + 96_u64);
    let payloads = [
        Payload::SpaceSwitch {
            number: 7,
            previous: 0,
        },
        region(stack, 8192, RegionPolicy::Stack),
        region(guard, 4096, RegionPolicy::Guard),
        fault(outer, FaultCause::StackGrowth),
        fault(inner, FaultCause::Guard),
        end(inner, FaultCause::Guard),
        end(outer, FaultCause::StackGrowth),
    ];
    let expected = [
        ("/story/number", json!(1)),
        ("/story/space", json!(7)),
        ("/story/past_end_bytes", json!(4000)),
        ("/story/nearest_guard", json!("0x6ffff000")),
        ("/story/inside_fault", json!(0)),
        ("/story/known", json!(true)),
        ("/space", json!(7)),
        ("/tables/regions", json!(2)),
        ("/process_list/0/faults", json!(2)),
    ];
    let mut ended = payloads.to_vec();
    with_dashboard(|dashboard| {
        apply(dashboard, &ended);
        assert_figures(&state(dashboard), &expected);
    });
    // The tables at the time of the fault are evicted.
    let switch = |number| Payload::SpaceSwitch {
        number,
        previous: 8 - number,
    };
    ended.extend((0..500).map(|turn| switch([1, 7][turn % 2])));
    assert_figures(&written(&ended), &[("/story/known", json!(false))]);
}

/// Entries, regions and processes without a slot are counted.
#[test]
fn full_tables_are_counted() {
    let start = |number| Payload::ProcessStart {
        number,
        parent: 0,
        program: 0,
        started: 1,
    };
    let switch = |number: u32| Payload::SpaceSwitch {
        number,
        previous: number - 1,
    };
    let region = |number: u32| Payload::RegionOpen {
        start: VirtAddr::new(u64::from(number) << 12),
        bytes: 4096,
        policy: RegionPolicy::Fixed,
        owner: Tag::USER,
    };
    let far = 1 << 30;
    let root = Payload::TableLink {
        table: at(1),
        base: VirtAddr::zero(),
        level: TableLevel::Pml4,
        access: Access::empty(),
    };
    let mut payloads: Vec<_> = (1..=70).map(start).collect();
    payloads.push(switch(1));
    payloads.extend((1..=800).map(region));
    payloads.extend([
        Payload::SpaceSwitch {
            number: far,
            previous: 1,
        },
        root,
        root,
        root,
    ]);
    let expected = [
        ("/processes", json!(70)),
        ("/tables/processes_missing", json!(6)),
        ("/tables/regions", json!(768)),
        ("/tables/regions_missing", json!(32)),
        ("/tables/entries_missing", json!(3)),
    ];
    assert_figures(&written(&payloads), &expected);
}

#[test]
fn time_and_overlays() {
    let costs = |lost| FrameCosts {
        nanoseconds: 3000,
        lost,
    };
    let free = Payload::FrameFree {
        first: at(9),
        frames: 1,
        tag: Tag::USER,
    };
    with_dashboard(|dashboard| {
        apply(dashboard, &[free; 3]);
        apply(
            dashboard,
            &[allocated(1, 1, Tag::USER), allocated(2, 1, Tag::USER)],
        );
        dashboard.handle(Action::Bookmark);
        dashboard.handle(Action::StepBack);
        dashboard.handle(Action::Bookmark);
        dashboard.handle(Action::Maximise);
        dashboard.tick(250_000_000, costs(11));
        dashboard.tick(500_000_000, costs(11));
        dashboard.handle(Action::Lessons);
        let expected = [
            ("/contradictions", json!(3)),
            ("/timeline/bookmarks", json!(2)),
            ("/timeline/live", json!(false)),
            ("/maximised", json!(true)),
            ("/lessons", json!(true)),
            ("/lost", json!(11)),
            ("/events_per_second", json!(10)),
            ("/pictures_per_second", json!(4)),
            ("/picture_ns", json!(3000)),
            ("/memory_bytes", json!(40_000 * 4096)),
        ];
        assert_figures(&state(dashboard), &expected);
    });
}
