//! Measures the cost of drawing, in ticks of the time-stamp counter: under QEMU's `-icount shift=0`
//! one tick is one guest instruction.

use super::DashboardSession;
use crate::machine::clock;
use crate::memory::physical::frames;
use crate::process::{self, programs::Program};
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::pixelcolor::Rgb888;
use memviz::dashboard::actions::Action;
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::frame::{AllocateError, Run};
use mm::tag::Tag;

/// Cells that change in the measured picture.
const CELLS: u64 = 1000;

/// Pairs of parent and child process that live while boards are measured.
const FAMILIES: u64 = 4;

/// Slices of heat sampling that are measured: at least a period.
const HEAT_SLICES: usize = 100;

/// Measures several kinds of pictures and the heat sampling, and logs a line for each.
///
/// # Errors
/// No frames are free for the cells that change.
pub fn measure(session: &mut DashboardSession) -> Result<(), AllocateError> {
    session.show();
    report("fill-screen", || {
        // The next picture overwrites it.
        let Ok(()) = session.canvas.clear(Rgb888::new(1, 2, 3));
    });
    session.dashboard.redraw();
    report("full-redraw", || session.draw());
    report("idle-frame", || {
        session.drain();
        session.tick(clock::now());
        session.draw();
    });

    measure_views(session);
    measure_boards(session);
    measure_cells(session)?;
    report_heat();
    session.show();
    Ok(())
}

/// Logs the most expensive change of view.
fn measure_views(session: &mut DashboardSession) {
    let mut maximum = 0;
    for mode in MapMode::ALL {
        maximum = maximum.max(session.travel(Action::Show(mode)));
    }
    log::info!("cost switch-view {maximum}");
}

/// Logs the cost of a change to each board, with some processes, and the most expensive one.
fn measure_boards(session: &mut DashboardSession) {
    let mut maximum = 0;
    for _ in 0..FAMILIES {
        if process::spawn(Program::Family).is_err() {
            log::warn!("drawing is measured with fewer processes");
        }
    }
    // Each process forks; parent and child write to some of their pages.
    for _ in 0..4 * FAMILIES {
        process::run_slice();
    }
    session.show();
    // A comparison computes the sums, so the state is that of a machine that has run for a while.
    session.verify_all();
    // Starts at the last board, so that the first one is a change too.
    session.handle(Action::ShowBoard(Board::Faults));
    session.show();
    for board in Board::ALL {
        let cost = session.travel(Action::ShowBoard(board));
        log::info!("cost board-{} {cost}", board.label().1);
        maximum = maximum.max(cost);
    }
    process::kill_all();
    session.show();
    log::info!("cost switch-board {maximum}");
    session
        .dashboard
        .handle(Action::ShowBoard(Board::default()));
    session.handle(Action::Show(MapMode::default()));
    session.show();
}

/// Logs the cost of a picture in which a thousand cells changed.
fn measure_cells(session: &mut DashboardSession) -> Result<(), AllocateError> {
    let per_cell = session.dashboard.view().frames_per_cell() as u64;
    let run = Run {
        frames: CELLS * per_cell,
        align_frames: 1,
        ceiling: None,
    };
    // Not zeroed: the cells of a large memory cover gigabytes, and only their tags matter.
    let first = frames::lock().allocate_run(run, Tag::KERNEL)?;
    session.show();
    for cell in 0..CELLS {
        let frame = first + cell * per_cell;
        frames::lock()
            .retag(frame, 1, Tag::CACHE)
            .expect("this function allocated the run");
    }
    report("thousand-cells", || {
        session.drain();
        session.tick(clock::now());
        session.draw();
    });
    frames::lock()
        .free_run(first, run.frames)
        .expect("this function allocated the run");
    session.show();
    Ok(())
}

/// Logs the most expensive slice of a heat period.
fn report_heat() {
    let mut maximum = 0;
    for _ in 0..HEAT_SLICES {
        let now = clock::now() + mm::heat::PERIOD_NANOSECONDS;
        let begin = clock::ticks();
        process::sample_heat(now);
        maximum = maximum.max(clock::ticks() - begin);
    }
    log::info!("cost heat-slice {maximum}");
}

/// Logs the number of ticks that `part` takes.
fn report(name: &str, part: impl FnOnce()) {
    let begin = clock::ticks();
    part();
    log::info!("cost {name} {}", clock::ticks() - begin);
}
