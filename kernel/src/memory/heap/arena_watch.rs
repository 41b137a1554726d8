//! Where the events of a workload's arena go: to the dashboard, or nowhere.
//!
//! ```text
//! request ──► strategy ──► arena allocate, arena free, …  ┐
//!    └── ticks of the strategy ──► arena request          ┴──► event ring, if recorded
//! ```

use crate::machine::clock;
use crate::memory::trace::KernelTracer;
use mm::event::Payload;
use mm::heap::CHUNK_BYTES;
use mm::heap::arena::{ArenaTracer, WorkloadId};
use mm::heap::strategy::Strategy;
use mm::heap::workload::{Player, Request, Step, Workload};
use mm::tracer::Tracer;
use x86_64::VirtAddr;

/// The most requests, live blocks and MiB of an arena that is recorded: the history keeps 250,000
/// events, the model 4,096 blocks, the event that opens an arena a size of 255 MiB.
const RECORDED: (usize, usize, u64) = (50_000, 4_000, 255);

/// The tracer of an arena.
pub enum ArenaWatch {
    /// Drops the events.
    Silent,
    /// Records the events of the arena that begins at this address.
    Recorded(ArenaTracer<KernelTracer>, VirtAddr),
}

impl ArenaWatch {
    /// Records that an arena of this many bytes opened.
    pub fn open(start: VirtAddr, bytes: u64, strategy: Strategy, id: WorkloadId) -> ArenaWatch {
        let chunks = (bytes / CHUNK_BYTES) as u8;
        let tracer = ArenaTracer::open_for(KernelTracer, start, chunks, strategy, id);
        ArenaWatch::Recorded(tracer, start)
    }

    /// Opens an arena for a workload, or stays silent if the dashboard has no room for it.
    pub fn for_workload(
        workload: &Workload<'_>,
        start: VirtAddr,
        strategy: Strategy,
    ) -> ArenaWatch {
        match is_recorded(workload) {
            true => ArenaWatch::open(start, workload.arena, strategy, workload.id()),
            false => ArenaWatch::Silent,
        }
    }
}

/// Returns whether the dashboard has room for the events of a workload.
pub fn is_recorded(workload: &Workload<'_>) -> bool {
    let (requests, blocks, chunks) = RECORDED;
    workload.len <= requests
        && workload.most_live() <= blocks
        && workload.arena <= chunks * CHUNK_BYTES
}

impl Tracer for ArenaWatch {
    fn record(&self, payload: Payload) {
        if let ArenaWatch::Recorded(tracer, _) = self {
            tracer.record(payload);
        }
    }
}

/// Plays a request. Returns what it did, and the ticks of the strategy.
pub fn play(player: &mut Player<'static, ArenaWatch>, request: Request) -> (Step, u64) {
    let begin = clock::ticks();
    let step = player.request(request);
    let ticks = clock::ticks() - begin;
    if let ArenaWatch::Recorded(tracer, start) = player.arena().tracer() {
        tracer.record(player.event(step, *start, ticks));
    }
    (step, ticks)
}

/// Frees all blocks, and closes the arena. The events of an arena end with it empty.
pub fn close(player: &mut Player<'static, ArenaWatch>) {
    if let ArenaWatch::Silent = player.arena().tracer() {
        return;
    }
    player.clear();
    if let ArenaWatch::Recorded(tracer, _) = player.arena().tracer() {
        tracer.close();
    }
}
