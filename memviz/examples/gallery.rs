//! Draws the dashboard over real allocators into `target/gallery-*.png`, to look at it.

use embedded_graphics::geometry::Size;
use memviz::board::Board;
use memviz::canvas::Canvas;
use memviz::caption::{Caption, Part, Words};
use memviz::dashboard::{Dashboard, Info, needs};
use memviz::input::{Action, Arrow, MapMode};
use memviz::meter::FrameCosts;
use memviz::model::tables::Slot;
use memviz::model::windows::SpaceWindow;
use memviz::model::{
    Accent, Cell, Fault, Frame, HeapFrame, ModelStorage, Process, Region, Subtotal, heap::Granule,
};
use memviz::panels::Names;
use memviz::theme::DARK;
use memviz::timeline::{self, Timeline};
use mm::event::{Event, Payload};
use mm::frame::{FrameAllocator, FrameInfo, FrameStorage, Run};
use mm::heap::arena::ArenaTracer;
use mm::heap::free_list::{Fit, FreeList, FreeListStorage};
use mm::heap::strategy::{Buddy, Held, RequestTrace, Strategy, race};
use mm::heap::{Heap, HeapError, HeapStorage};
use mm::memory_map::{MemoryMap, RawRegion, RegionKind};
use mm::paging::{Access, ErrorCode, FaultCause, FaultOutcome, PageSize, WindowPolicy};
use mm::tag::Tag;
use mm::tracer::Tracer;
use std::cell::RefCell;
use std::io::BufWriter;
use std::path::Path;
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

const MIB: u64 = 1 << 20;

fn main() {
    for (width, height) in [(800, 600), (1280, 800), (1920, 1080), (3840, 2160)] {
        for (memory, mode) in [
            (256, MapMode::State),
            (256, MapMode::Tags),
            (256, MapMode::Heat),
            (256, MapMode::References),
            (8192, MapMode::Tags),
            (16, MapMode::Tags),
        ] {
            if memory == 256 || width == 1280 {
                let name = format!("{}-{memory}M-{width}x{height}", mode.label().1);
                draw(
                    &name,
                    Size::new(width, height),
                    memory,
                    &[Action::Show(mode)],
                );
            }
        }
    }
    boards();
}

/// Each board, small, usual and large; with its first panel alone; for a projector.
fn boards() {
    let sizes = [(800, 600), (1280, 800), (1920, 1080), (3840, 2160)];
    for (width, height) in sizes {
        for board in Board::ALL {
            let show = Action::ShowBoard(board);
            let select = [Action::NextPanel, Action::Move(Arrow::Right), Action::Back];
            for (what, actions) in [
                ("", &[show][..]),
                ("-selected", &[show, select[0], select[1], select[2]]),
                ("-alone", &[show, Action::Maximise]),
                ("-projector", &[show, Action::Projector]),
            ] {
                let name = format!("{}{what}-{width}x{height}", board.label().1);
                draw(&name, Size::new(width, height), 256, actions);
            }
        }
    }
}

/// Keeps what the allocators tell.
#[derive(Default)]
struct Recorder(RefCell<Vec<Event>>);

impl Tracer for Recorder {
    fn record(&self, payload: Payload) {
        let mut events = self.0.borrow_mut();
        let time = events.len() as u64 * 1_000_000;
        events.push(Event {
            time,
            cpu: 0,
            site: 0,
            payload,
        });
    }
}

fn draw(name: &str, size: Size, memory: u64, actions: &[Action]) {
    // Only the pictures that were asked for, if any were.
    let mut asked = std::env::args().skip(1).peekable();
    if asked.peek().is_some() && !asked.any(|asked| name.starts_with(&asked)) {
        return;
    }
    let (frames, events) = events(memory * MIB);
    let needs = needs(frames, 16 << 20, size).expect("large enough");
    let info = Info {
        caption: |number| {
            let words = "The first touch of a page faults, and brings a zeroed frame.";
            (number > 0).then(|| Caption {
                lesson: "demand-paging",
                title: "Demand paging",
                step: 2,
                steps: 9,
                part: Part::Answer,
                words: Words::try_from(words).expect("it is short"),
                board: Board::Overview,
                mode: MapMode::Tags,
                selection: None,
                zoom: None,
            })
        },
        lessons: |_| None,
        memory: memory * MIB,
        theme: &DARK,
        name_of: |_| None,
        names: Names::NONE,
        projector: false,
        classroom: false,
    };
    let mut storage = (
        vec![Frame::default(); needs.frames],
        vec![Cell::default(); needs.cells],
        vec![0; needs.dirty_cells],
        vec![Accent::default(); needs.accents],
        vec![Subtotal::default(); needs.subtotals],
        vec![Granule::default(); needs.granules],
        vec![HeapFrame::default(); needs.heap_frames],
        vec![0; needs.dirty_heap_frames],
        vec![Fault::default(); needs.faults],
        vec![Region::EMPTY; needs.regions],
        vec![Slot::default(); needs.tables],
        vec![SpaceWindow::default(); needs.windows],
        vec![Process::default(); needs.processes],
    );
    let storage = ModelStorage {
        frames: &mut storage.0,
        cells: &mut storage.1,
        dirty_cells: &mut storage.2,
        accents: &mut storage.3,
        subtotals: &mut storage.4,
        granules: &mut storage.5,
        heap_frames: &mut storage.6,
        dirty_heap_frames: &mut storage.7,
        faults: &mut storage.8,
        regions: &mut storage.9,
        arena_blocks: &mut vec![Default::default(); needs.arena_blocks],
        samples: &mut vec![Default::default(); needs.samples],
        tables: &mut storage.10,
        windows: &mut storage.11,
        processes: &mut storage.12,
    };
    let mut slots = vec![[0; 4]; timeline::EVENTS];
    let mut ghosts = [Fault::default(); timeline::GHOST_FAULTS];
    let timeline = Timeline::new(&mut slots, &mut ghosts);
    let mut dashboard = Dashboard::new(storage, timeline, size, info).expect("large enough");
    let mut pixels = vec![0; (size.width * size.height) as usize];
    let mut marks = vec![0; size.height as usize];
    let mut canvas = Canvas::new(&mut pixels, &mut marks, size).expect("buffers of the right size");
    let costs = FrameCosts {
        nanoseconds: 412_000,
        lost: 0,
    };
    for (number, event) in events.iter().enumerate() {
        dashboard.apply(event);
        if number % 40 == 0 {
            dashboard.tick(event.time, costs);
            dashboard
                .draw(&mut canvas)
                .unwrap_or_else(|never| match never {});
        }
    }
    assert_eq!(dashboard.model().contradictions, 0);
    for &action in actions {
        dashboard.handle(action);
    }
    dashboard
        .draw(&mut canvas)
        .unwrap_or_else(|never| match never {});
    save(name, &pixels, size);
}

/// A plausible life of a machine with this much memory: how many frames it has, and what happened.
fn events(memory: u64) -> (usize, Vec<Event>) {
    let recorder = Recorder::default();
    let raw = |start, bytes, kind| RawRegion { start, bytes, kind };
    let low = memory.min(3 << 30);
    let firmware = [
        raw(0, 0x9fc00, RegionKind::Usable),
        raw(0x9fc00, 0x60400, RegionKind::Reserved),
        raw(MIB, low - MIB - 0x20000, RegionKind::Usable),
        raw(low - 0x20000, 0x20000, RegionKind::AcpiReclaimable),
        raw(MIB, 3 * MIB / 2, RegionKind::KernelAndModules),
        raw(0xfd00_0000, 16 * MIB, RegionKind::Framebuffer),
        raw(0xfffc_0000, 0x40000, RegionKind::Reserved),
        raw(4 << 30, memory - low, RegionKind::Usable),
    ];
    let mut table = [Region::EMPTY; 32];
    let map = MemoryMap::build(&firmware, &mut table).expect("a good map");
    let frames = map.frames();
    let (words, infos) = FrameStorage::sizes(frames);
    let mut bits = vec![0; words];
    let mut info = vec![FrameInfo::default(); infos];
    let storage = FrameStorage {
        bits: &mut bits,
        info: &mut info,
    };
    let mut allocator = FrameAllocator::new(&map, storage, &recorder).expect("large enough");
    live(&mut allocator, &recorder, frames);
    live_on_the_heap(&recorder);
    live_with_faults(&recorder);
    race_heaps(&recorder);
    (frames, recorder.0.into_inner())
}

fn live(allocator: &mut FrameAllocator<&Recorder>, recorder: &Recorder, frames: usize) {
    let frame = |address| PhysFrame::containing_address(PhysAddr::new(address));
    let reserved = Tag::PINNED;
    allocator
        .reserve(frame(0), 16, Tag::KERNEL | reserved)
        .expect("free");
    let metadata = frames as u64 / 200 + 1;
    let start = frame(4 * MIB);
    allocator
        .reserve(start, metadata, Tag::KERNEL | reserved)
        .expect("free");
    let start = start + metadata;
    allocator
        .reserve(start, metadata * 2, Tag::MEMVIZ | reserved)
        .expect("free");

    let mut random = 1u64;
    let mut next = |below: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let tags = [
        Tag::PAGE_TABLE,
        Tag::STACK,
        Tag::USER,
        Tag::USER,
        Tag::CACHE,
        Tag::HEAP,
    ];
    let mut held = Vec::new();
    for turn in 0..6_000u64 {
        let tag = tags[next(6) as usize];
        if turn % 50 == 0 {
            let run = Run {
                frames: 1 << next(7),
                align_frames: 1 << next(7),
                ceiling: None,
            };
            let tag = Tag::DEVICE | Tag::DMA_SAFE;
            if let Ok(first) = allocator.allocate_run(run, tag) {
                held.extend((0..run.frames).map(|number| first + number));
            }
        } else if turn % 3 > 0 {
            for place in 0..next(9) {
                if let Ok(frame) = allocator.allocate(tag) {
                    held.push(frame);
                    if turn % 7 == 0 {
                        allocator.share(frame).expect("allocated");
                        held.push(frame);
                    }
                    recorder.record(Payload::Map {
                        page: VirtAddr::new(0x40_0000_0000 + (turn * 16 + place) * 4096),
                        frame: frame.start_address(),
                        size: PageSize::Size4KiB,
                        access: Access::WRITE,
                    });
                }
            }
        } else {
            for _ in 0..next(8).min(held.len() as u64) {
                let frame = held.swap_remove(next(held.len() as u64) as usize);
                allocator.free(frame).expect("allocated");
            }
        }
    }
    recorder.record(Payload::WindowOpen {
        start: VirtAddr::new(0x50_0000_0000),
        bytes: 4096,
        policy: WindowPolicy::Guard,
        owner: Tag::STACK,
    });
    let (number, previous) = (1, 0);
    recorder.record(Payload::Caption { number, previous });
}

/// Blocks of mixed sizes, some of which are given back.
fn live_on_the_heap(recorder: &Recorder) {
    let maximum = 16 * MIB;
    let sizes = HeapStorage::sizes(maximum);
    let (mut bits, mut headers, mut references) = (
        vec![0; sizes.bits],
        vec![Default::default(); sizes.headers],
        vec![0; sizes.references],
    );
    let storage = HeapStorage {
        bits: &mut bits,
        headers: &mut headers,
        references: &mut references,
    };
    let start = VirtAddr::new(0xffff_c000_0000_0000);
    let mut heap = Heap::new(start, maximum, storage, recorder).expect("a good heap");
    let owners = [
        Tag::KERNEL,
        Tag::USER,
        Tag::CACHE,
        Tag::STACK,
        Tag::DEVICE,
        Tag::KERNEL,
    ];
    let mut random = 7u64;
    let mut next = |below: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut held = Vec::new();
    for _ in 0..900 {
        if next(3) > 0 || held.is_empty() {
            let bytes = ((20 + next(60)) << next(11)) as usize;
            let owner = owners[next(6) as usize];
            let block = heap.allocate(bytes, 1, owner).or_else(|error| match error {
                HeapError::MustGrow { .. } => {
                    heap.grow().and_then(|()| heap.allocate(bytes, 1, owner))
                }
                error => Err(error),
            });
            held.extend(
                block
                    .ok()
                    .filter(|_| heap.statistics().committed_bytes <= 2 * MIB),
            );
        } else {
            let block = held.swap_remove(next(held.len() as u64) as usize);
            heap.free(block.address).expect("live");
        }
    }
}

/// Four arenas, in the middle of a race.
fn race_heaps(recorder: &Recorder) {
    for &strategy in Strategy::ALL {
        let start = VirtAddr::new(0xffff_a000_0000_0000 + ((strategy as u64) << 30));
        let tracer = ArenaTracer::open(recorder, start, 1, strategy);
        let trace = RequestTrace {
            seed: 5,
            steps: 400,
            smallest: 256,
            largest: 32 << 10,
        };
        let mut held = [Held::default(); 90];
        if strategy.is_buddy() {
            let sizes = HeapStorage::sizes(tracer.bytes());
            let storage = HeapStorage {
                bits: &mut vec![0; sizes.bits],
                headers: &mut vec![Default::default(); sizes.headers],
                references: &mut vec![0; sizes.references],
            };
            let heap = Heap::new(start, tracer.bytes(), storage, &tracer).expect("a good heap");
            let mut buddy = Buddy::new(heap, strategy == Strategy::BuddyTrimmed);
            race(&mut buddy, trace, &mut held);
        } else {
            let sizes = FreeListStorage::sizes(tracer.bytes(), held.len());
            let storage = FreeListStorage {
                pieces: &mut vec![Default::default(); sizes.pieces],
                live: &mut vec![0; sizes.live],
            };
            let fit = match strategy {
                Strategy::FirstFit => Fit::First,
                _ => Fit::Best,
            };
            let mut list = FreeList::traced(start, tracer.bytes(), fit, storage, &tracer);
            race(&mut list, trace, &mut held);
        }
    }
}

/// One fault of each cause, after a few dozen of the usual kind.
fn live_with_faults(recorder: &Recorder) {
    let usual = [FaultCause::DemandZero; 40];
    for (number, &cause) in usual.iter().chain(FaultCause::ALL).enumerate() {
        let address = VirtAddr::new(0xffff_9000_0000_0000 + number as u64 * 4096);
        let instruction = VirtAddr::new(0xffff_ffff_8010_0000 + number as u64 * 37);
        let code = ErrorCode::WRITE;
        recorder.record(Payload::FaultBegin {
            address,
            instruction,
            code,
            cause,
        });
        let outcome = match cause {
            FaultCause::DemandZero | FaultCause::StackGrowth => FaultOutcome::Mapped,
            FaultCause::CopyOnWrite => FaultOutcome::Copied,
            _ => FaultOutcome::ProbeRefused,
        };
        let nanoseconds = 900 + number as u64 * 331;
        if cause != FaultCause::KernelTouchedUser {
            recorder.record(Payload::FaultEnd {
                address,
                nanoseconds,
                cause,
                outcome,
            });
        }
    }
}

fn save(name: &str, pixels: &[u32], size: Size) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../target/gallery-{name}.png"));
    let file = BufWriter::new(std::fs::File::create(&path).expect("target/ can be written"));
    let mut encoder = png::Encoder::new(file, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a header");
    let bytes: Vec<u8> = pixels
        .iter()
        .flat_map(|pixel| [(pixel >> 16) as u8, (pixel >> 8) as u8, *pixel as u8])
        .collect();
    writer.write_image_data(&bytes).expect("a picture");
    println!("{}", path.display());
}
