//! Heat sampling with the page tables of all processes.
//!
//! The process table is locked before the heat registers: `fork` holds the table while it takes
//! frames, which are counted there.

use super::table::TABLE;
use crate::memory::paging::heat_sampler;

/// Does the next slice of the heat period, if one is running or due at `now`.
pub fn sample_heat(now: u64) {
    let table = TABLE.lock();
    heat_sampler::sample(now, table.roots());
}

/// Does the rest of the heat period, or all of the next one.
pub fn end_heat_period(now: u64) {
    let table = TABLE.lock();
    heat_sampler::end_period(now, table.roots());
}
