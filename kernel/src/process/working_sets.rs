//! Working sets: the pages that each process used since the last measurement, as events.
//!
//! ```text
//! measurement                       measurement
//!      │── process 5 runs, process 6 runs ──│ ─► 1 event, and 1 for each process
//!      └──── accessed bits, time, faults ───┘
//! ```
//! The CPU sets the accessed bits. They are cleared here, by the sampler of heat, and by the code
//! that pages out. Each of these marks the entry for the others.

use super::table::TABLE;
use crate::memory::physical::{frames, watermarks};
use crate::memory::trace;
use mm::event::Payload;

/// The sums over all processes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// The frames that pages can have.
    pub frames: u64,
    /// The pages that were used.
    pub used: u64,
    /// How long the processes ran, in nanoseconds.
    pub ran: u64,
}

/// Measures the working sets of all processes. No process runs meanwhile.
pub fn measure() -> Measured {
    let mut table = TABLE.lock();
    let resident: u64 = table.spaces().map(|space| space.resident()).sum();
    let free = frames::lock().statistics().free;
    let frames = resident + free.saturating_sub(watermarks::low());
    let mut sums = Measured {
        frames,
        ..Measured::default()
    };
    trace::record(Payload::WorkingSets { frames });
    for process in table.iter_mut() {
        let nanoseconds = process.take_time();
        let space = &mut process.space;
        let (resident, used) = (space.resident(), space.measure_working_set());
        let limit = space.limit().map_or(0, |limit| limit.frames());
        trace::record(Payload::WorkingSet {
            process: process.number,
            nanoseconds: nanoseconds.try_into().unwrap_or(u32::MAX),
            used: used.try_into().unwrap_or(u32::MAX),
            resident,
            limit: limit.try_into().unwrap_or(u16::MAX),
        });
        sums.used += used;
        sums.ran += nanoseconds;
    }
    sums
}
