//! What drawing costs, in ticks of the time-stamp counter: under QEMU's `-icount shift=0` one tick
//! is one instruction.

use super::Live;
use crate::machine::clock;
use crate::memory::physical::{frames, heat};
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

/// Families of two processes that live while boards are measured.
const FAMILIES: u64 = 4;

/// Slices of heat that are measured: a period at least.
const HEAT_SLICES: usize = 100;

/// Measures pictures of some kinds, and the sampling that goes with one, and logs a line for each.
///
/// # Errors
/// When there are no frames for the cells that change.
pub fn measure(live: &mut Live) -> Result<(), AllocateError> {
    live.show();
    report("fill-screen", || {
        // Drawn over by the next picture.
        let Ok(()) = live.canvas.clear(Rgb888::new(1, 2, 3));
    });
    live.dashboard.redraw();
    report("full-redraw", || live.draw());
    report("idle-frame", || {
        live.drain();
        live.dashboard.tick(clock::now(), live.costs);
        live.draw();
    });

    // Another view, and other panels: the dearest of them.
    let mut dearest = 0;
    for mode in MapMode::ALL {
        dearest = dearest.max(live.travel(Action::Show(mode)));
    }
    log::info!("cost switch-view {dearest}");
    let mut dearest = 0;
    for _ in 0..FAMILIES {
        if process::spawn(Program::Family).is_err() {
            log::warn!("drawing is measured with fewer processes");
        }
    }
    // Each forks, and both of it write to some of their pages.
    for _ in 0..4 * FAMILIES {
        process::run_slice();
    }
    live.show();
    // As on a machine that has been up for a while: everything was compared, and summed up by that.
    live.verify_all();
    // From the last one on, so that the first is another one as well.
    live.dashboard.handle(Action::ShowBoard(Board::Faults));
    live.show();
    for board in Board::ALL {
        let cost = live.travel(Action::ShowBoard(board));
        log::info!("cost board-{} {cost}", board.label().1);
        dearest = dearest.max(cost);
    }
    process::kill_all();
    live.show();
    log::info!("cost switch-board {dearest}");
    live.dashboard.handle(Action::ShowBoard(Board::default()));
    live.dashboard.handle(Action::Show(MapMode::default()));
    live.show();

    let per_cell = live.dashboard.model().cells.view().frames_per_cell() as u64;
    let run = Run {
        frames: CELLS * per_cell,
        align_frames: 1,
        ceiling: None,
    };
    let first = frames::allocate_run(run, Tag::KERNEL)?;
    live.show();
    for cell in 0..CELLS {
        let frame = first + cell * per_cell;
        frames::lock()
            .retag(frame, 1, Tag::CACHE)
            .expect("the run is ours");
    }
    report("thousand-cells", || {
        live.drain();
        live.dashboard.tick(clock::now(), live.costs);
        live.draw();
    });
    frames::lock()
        .free_run(first, run.frames)
        .expect("the run is ours");
    live.show();
    report_heat();
    live.show();
    Ok(())
}

/// Logs the dearest slice of a period of heat.
fn report_heat() {
    let mut dearest = 0;
    for _ in 0..HEAT_SLICES {
        let now = clock::now() + mm::heat::PERIOD_NANOSECONDS;
        let begin = clock::ticks();
        heat::sample(now);
        dearest = dearest.max(clock::ticks() - begin);
    }
    log::info!("cost heat-slice {dearest}");
}

/// Logs how many ticks `part` takes.
fn report(name: &str, part: impl FnOnce()) {
    let begin = clock::ticks();
    part();
    log::info!("cost {name} {}", clock::ticks() - begin);
}
