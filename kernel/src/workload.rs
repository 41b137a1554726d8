//! `mode=workload`: a process with real pages plays a workload to the heap strategies.
//!
//! ```text
//! file opt/memviz/workload:   see mm/src/heap/workload/encoding.rs
//! each strategy:   workload first-fit: 60 requests, 0 failures (first 0), … placements 8c1f…
//! ```
//! The figure of the heap over time is shown meanwhile. The host tool prints the same line for the
//! same file. Success means that each read saw the content written to its block, and that live and
//! free blocks fill each arena.

use crate::boot::options::Options;
use crate::dashboard::DashboardSession;
use crate::machine::fw_cfg::File;
use crate::memory::physical::slices::Slices;
use crate::process::workload;
use crate::replay;
use memviz::dashboard::actions::Action;
use memviz::view::figure::Figure;
use mm::heap::strategy::Strategy;
use mm::heap::workload::Workload;
use mm::tag::Tag;

const FILE: &str = "opt/memviz/workload";

/// Plays the workload to each strategy of the options. Returns whether all of them succeeded.
pub fn run(mut session: Option<&mut DashboardSession>, options: &Options<'_>) -> bool {
    let mut memory = Slices::new(Tag::KERNEL);
    let Some(workload) = read(&mut memory) else {
        return false;
    };
    let chosen = |strategy: &&Strategy| {
        matches!(options.strategy, "all") || strategy.key() == options.strategy
    };
    if let Some(session) = session.as_deref_mut() {
        let _ = session.handle(Action::ShowFigure(Figure::HeapMap));
    }
    let mut passed = true;
    for &strategy in Strategy::ALL.iter().filter(chosen) {
        passed &= play(session.as_deref_mut(), &workload, strategy);
    }
    passed
}

/// Reads the file into `memory`, which outlives every use of the workload.
fn read(memory: &mut Slices) -> Option<Workload<'static>> {
    let Some(mut file) = File::open(FILE) else {
        log::error!("no workload: the host passes none ({FILE})");
        return None;
    };
    // SAFETY: zeros are valid bytes, and the caller keeps `memory` while it uses the workload.
    let bytes = match unsafe { memory.add::<u8>(file.len()) } {
        Ok(bytes) => bytes,
        Err(error) => {
            log::error!("no memory for a workload of {} bytes: {error}", file.len());
            return None;
        }
    };
    for byte in bytes.iter_mut() {
        *byte = file.read()?;
    }
    match Workload::read(bytes) {
        Ok(workload) if workload.blocks <= workload.len => Some(workload),
        Ok(workload) => {
            log::error!(
                "a workload of {} blocks and {} requests",
                workload.blocks,
                workload.len
            );
            None
        }
        Err(error) => {
            log::error!("the workload is malformed: {error}");
            None
        }
    }
}

/// Plays the workload to a strategy, and logs the result.
fn play(
    session: Option<&mut DashboardSession>,
    workload: &Workload<'static>,
    strategy: Strategy,
) -> bool {
    let name = strategy.key();
    match workload::start(workload, strategy) {
        Ok(process) => replay::run_process(process, session),
        Err(error) => {
            log::error!("no process for the workload: {error}");
            return false;
        }
    }
    let Some(played) = workload::finish() else {
        log::error!("workload {name}: the process did not end");
        return false;
    };
    log::info!("workload {name}: {}", played.outcome);
    log::info!(
        "workload {name}: {} pages touched, {} ticks a request",
        played.pages,
        played.ticks / played.outcome.requests.max(1)
    );
    if played.wrong_values > 0 {
        log::error!(
            "{} blocks do not have what was written to them",
            played.wrong_values
        );
    }
    if let Some(offset) = played.invalid {
        log::error!("live and free blocks disagree at {offset:#x}");
    }
    played.wrong_values == 0 && played.invalid.is_none()
}
