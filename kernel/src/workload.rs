//! `mode=workload`: a process with real pages plays a workload to the heap strategies.
//!
//! ```text
//! file opt/memviz/workload:   see mm/src/heap/workload/encoding.rs
//! each strategy:   workload first-fit: 60 requests, 0 failures (first 0), … placements 8c1f…
//! ```
//! The figure of the heap over time is shown meanwhile. The host tool prints the same line for the
//! same file. Success means that each read saw the content written to its block, and that live and
//! free blocks fill each arena.

use crate::boot::options::{Options, Pace};
use crate::dashboard::DashboardSession;
use crate::machine::fw_cfg::File;
use crate::memory::heap::arena_watch::is_recorded;
use crate::memory::physical::slices::Slices;
use crate::process::{TABLE, kill, workload};
use crate::replay;
use memviz::dashboard::actions::Action;
use memviz::view::figure::Figure;
use mm::heap::strategy::Strategy;
use mm::heap::workload::Workload;
use mm::tag::Tag;

const FILE: &str = "opt/memviz/workload";

/// A workload that is played to one strategy after another.
pub struct Playing {
    workload: Workload<'static>,
    pace: Pace,
    /// The key of the only strategy, or “all”.
    chosen: &'static str,
    /// The number of the next strategy in [`Strategy::ALL`].
    next: usize,
    /// The strategy that plays, and its process.
    current: Option<(Strategy, u32)>,
    passed: bool,
    _memory: Slices,
}

impl Playing {
    /// Reads the workload of the host. `None`, with a line in the log, if there is none.
    pub fn new(options: &Options<'static>) -> Option<Playing> {
        let mut memory = Slices::new(Tag::KERNEL);
        let workload = read(&mut memory)?;
        if !is_recorded(&workload) {
            log::info!(
                "the workload is too large for the picture: {} requests, an arena of {} MiB",
                workload.len,
                workload.arena >> 20
            );
        }
        Some(Playing {
            workload,
            pace: options.pace,
            chosen: options.strategy,
            next: 0,
            current: None,
            passed: true,
            _memory: memory,
        })
    }

    /// Returns whether keys allow each request.
    pub fn is_by_hand(&self) -> bool {
        self.pace == Pace::Hand
    }

    /// Allows the request of the next picture.
    pub fn allow_for_picture(&self) {
        if self.pace == Pace::Request && workload::is_waiting() {
            workload::allow(1);
        }
    }

    /// The process that plays now.
    pub fn process(&self) -> Option<u32> {
        self.current.map(|(_, process)| process)
    }

    /// Ends a strategy whose process has ended, and starts the next one. Returns whether all went
    /// well if there is no further strategy.
    pub fn advance(&mut self) -> Option<bool> {
        if let Some((strategy, process)) = self.current {
            if TABLE.lock().get_mut(process).is_some() {
                return None;
            }
            self.passed &= report(strategy);
            self.current = None;
        }
        while let Some(&strategy) = Strategy::ALL.get(self.next) {
            self.next += 1;
            if self.chosen != "all" && self.chosen != strategy.key() {
                continue;
            }
            match workload::start(&self.workload, strategy, self.pace) {
                Ok(process) => {
                    self.current = Some((strategy, process));
                    return None;
                }
                Err(error) => {
                    log::error!("no process for the workload: {error}");
                    self.passed = false;
                }
            }
        }
        Some(self.passed)
    }
}

impl Drop for Playing {
    /// Ends the process in the middle of a workload, which must not outlive its memory.
    fn drop(&mut self) {
        if let Some(process) = self.process() {
            kill(process);
            let _ = workload::finish();
        }
    }
}

/// Plays the workload to each strategy of the options, without a pause. Returns whether all went
/// well.
pub fn run(mut session: Option<&mut DashboardSession>, options: &Options<'static>) -> bool {
    let Some(mut playing) = Playing::new(options) else {
        return false;
    };
    if let Some(session) = session.as_deref_mut() {
        let _ = session.handle(Action::ShowFigure(Figure::HeapMap));
    }
    loop {
        if let Some(passed) = playing.advance() {
            return passed;
        }
        if let Some(process) = playing.process() {
            replay::run_process(process, session.as_deref_mut());
        }
    }
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

/// Logs the result of a strategy. Returns whether all went well.
fn report(strategy: Strategy) -> bool {
    let name = strategy.key();
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
