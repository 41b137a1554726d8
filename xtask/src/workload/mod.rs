//! `just workload`: the requests of a file, played to every heap strategy.
//!
//! ```text
//! file ──trace──► requests ──► each strategy in an arena of its own ──► table, or JSON
//! ```
//! The strategies are those of the kernel's crate `mm`, without a machine.

mod play;
#[cfg(test)]
mod tests;

use anyhow::Result;
use mm::heap::fragmentation::Thousandths;
use mm::heap::strategy::Strategy;
use serde::Serialize;

use crate::numbers::grouped;
use crate::options::WorkloadOptions;
use crate::trace::{self, Trace};
use play::Outcome;

const MIB: u64 = 1 << 20;
/// An arena is smaller than 4 GiB.
const LARGEST_ARENA: u64 = 4095 * MIB;

#[derive(Serialize)]
struct Row {
    strategy: &'static str,
    requests: u64,
    failures: u64,
    first_failure: u64,
    corruptions: u64,
    arena_bytes: u64,
    peak_requested_bytes: u64,
    peak_heap_bytes: u64,
    utilisation_thousandths: u32,
    internal_fragmentation_thousandths: u32,
    external_fragmentation_thousandths: u32,
    largest_free_bytes: u64,
    nanoseconds_a_request: u64,
    placements: String,
}

pub fn workload(options: &WorkloadOptions) -> Result<()> {
    let trace = trace::read_file(&options.file)?;
    let arena = options.arena.unwrap_or_else(|| usual_arena(&trace));
    let chosen = |strategy: &&Strategy| match &options.strategy {
        Some(name) => strategy.key() == name,
        None => true,
    };
    let rows = Strategy::ALL.iter().filter(chosen).map(|&strategy| {
        let outcome = play::play(&trace, strategy, arena)?;
        Ok(row(strategy, &trace, arena, &outcome))
    });
    let rows = rows.collect::<Result<Vec<Row>>>()?;
    match options.json {
        true => println!("{}", serde_json::to_string_pretty(&rows)?),
        false => print(&trace, arena, &rows),
    }
    Ok(())
}

/// Twice the requested bytes at their peak, in whole MiB.
fn usual_arena(trace: &Trace) -> u64 {
    let twice = trace.peak_requested().saturating_mul(2);
    twice.clamp(1, LARGEST_ARENA).next_multiple_of(MIB)
}

fn row(strategy: Strategy, trace: &Trace, arena: u64, outcome: &Outcome) -> Row {
    let requests = trace.requests.len() as u64;
    Row {
        strategy: strategy.key(),
        requests,
        failures: outcome.failures,
        first_failure: outcome.first_failure,
        corruptions: outcome.corruptions,
        arena_bytes: arena,
        peak_requested_bytes: outcome.peak_requested,
        peak_heap_bytes: outcome.peak_heap,
        utilisation_thousandths: Thousandths::of(outcome.peak_requested, outcome.peak_heap).0,
        internal_fragmentation_thousandths: outcome.internal.0,
        external_fragmentation_thousandths: outcome.free.external().0,
        largest_free_bytes: outcome.free.largest,
        nanoseconds_a_request: outcome.nanoseconds / requests.max(1),
        placements: format!("{:016x}", outcome.checksum),
    }
}

fn print(trace: &Trace, arena: u64, rows: &[Row]) {
    println!(
        "{} requests, at most {} B requested at a time, arenas of {} MiB.\n",
        grouped(trace.requests.len() as u64),
        grouped(trace.peak_requested()),
        arena / MIB
    );
    println!(
        "{:14} {:>11} {:>9} {:>9} {:>13} {:>8} {:>11} {:>6}",
        "strategy",
        "utilisation",
        "internal",
        "external",
        "largest free",
        "failures",
        "corruptions",
        "ns"
    );
    for row in rows {
        println!(
            "{:14} {:>11} {:>9} {:>9} {:>13} {:>8} {:>11} {:>6}",
            row.strategy,
            Thousandths(row.utilisation_thousandths).to_string(),
            Thousandths(row.internal_fragmentation_thousandths).to_string(),
            Thousandths(row.external_fragmentation_thousandths).to_string(),
            grouped(row.largest_free_bytes),
            grouped(row.failures),
            grouped(row.corruptions),
            row.nanoseconds_a_request
        );
    }
    println!(
        "\nutilisation: peak of requested bytes / peak heap. Fragmentation and the largest free \
         block: at the peak.\nns: host time a request."
    );
}
