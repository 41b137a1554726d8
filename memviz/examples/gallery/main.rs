//! Draws the dashboard over real allocators into `target/gallery-*.png`. Each argument is a prefix
//! of the names to draw; without arguments, it draws all.

mod heaps;
mod life;
#[path = "../picture/mod.rs"]
mod picture;
mod recorder;

use embedded_graphics::geometry::Size;
use memviz::dashboard::actions::Action;
use memviz::dashboard::{Dashboard, DashboardStorage, Info, needs};
use memviz::graphics::canvas::Canvas;
use memviz::graphics::theme::DARK;
use memviz::input::keyboard_layout::KeyboardLayout;
use memviz::input::keys::Arrow;
use memviz::model::{Fault, FirmwareRegion, ModelStorage};
use memviz::timeline::{self, Timeline};
use memviz::view::board::Board;
use memviz::view::caption::{Caption, Part, Words};
use memviz::view::changes::ChangesStorage;
use memviz::view::map_mode::MapMode;
use memviz::view::meter::FrameCosts;
use memviz::view::names::Names;
use recorder::MIB;

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

fn draw(name: &str, size: Size, memory: u64, actions: &[Action]) {
    // Only the requested pictures, if there are arguments.
    let mut asked = std::env::args().skip(1).peekable();
    if asked.peek().is_some() && !asked.any(|asked| name.starts_with(&asked)) {
        return;
    }
    let (frames, events) = life::events(memory * MIB);
    let needs = needs(frames, 16 << 20, size).expect("large enough");
    let storage = DashboardStorage {
        model: ModelStorage {
            frames: &mut vec![Default::default(); needs.model.frames],
            granules: &mut vec![Default::default(); needs.model.granules],
            heap_frames: &mut vec![Default::default(); needs.model.heap_frames],
            faults: &mut vec![Default::default(); needs.model.faults],
            firmware_map: &mut vec![FirmwareRegion::EMPTY; needs.model.firmware_map],
            arena_blocks: &mut vec![Default::default(); needs.model.arena_blocks],
            tables: &mut vec![Default::default(); needs.model.tables],
            swapped_pages: &mut vec![Default::default(); needs.model.swapped_pages],
            swap_slots: &mut vec![Default::default(); needs.model.swap_slots],
            regions: &mut vec![Default::default(); needs.model.regions],
            processes: &mut vec![Default::default(); needs.model.processes],
        },
        changes: ChangesStorage {
            cells: &mut vec![Default::default(); needs.changes.cells],
            dirty_cells: &mut vec![0; needs.changes.dirty_cells],
            accents: &mut vec![Default::default(); needs.changes.accents],
            subtotals: &mut vec![Default::default(); needs.changes.subtotals],
            dirty_heap_frames: &mut vec![0; needs.changes.dirty_heap_frames],
        },
        samples: &mut vec![Default::default(); needs.samples],
        matches: &mut [],
    };
    let mut slots = vec![[0; 4]; timeline::EVENTS];
    let mut evicted = [Fault::default(); timeline::EVICTED_FAULTS];
    let timeline = Timeline::new(&mut slots, &mut evicted);
    let mut dashboard =
        Dashboard::new(storage, timeline, size, info(memory * MIB)).expect("large enough");
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
    picture::save(&format!("gallery-{name}"), &pixels, size);
}

/// The facts about the example machine.
fn info(memory: u64) -> Info {
    Info {
        caption: &|number| {
            let words = "A fault: the page is not mapped. The kernel maps a zeroed frame.";
            let question = "The process touches its first page. What happens?";
            (number > 0).then(|| Caption {
                lesson: "demand-paging",
                title: "Demand paging",
                step: 2,
                steps: 9,
                part: Part::Answer,
                words: Words::try_from(words).expect("it is short"),
                question: Words::try_from(question).ok(),
                choices: &[
                    "The process ends",
                    "A fault, then a retry",
                    "It reads old data",
                ],
                right: 1,
                is_answered: true,
                because: "Not A: the address is reserved, so the kernel can resolve the fault.",
                conceals: false,
                figure: None,
                board: Board::Overview,
                mode: MapMode::Tags,
                selection: None,
                zoom: None,
            })
        },
        lessons: &|_| None,
        memory,
        theme: &DARK,
        keyboard: KeyboardLayout::Us,
        names: Names::NONE,
        projector: false,
        only: None,
        classroom: false,
        from_trace: false,
    }
}
