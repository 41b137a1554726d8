//! `just workload`: the requests of a file, played to every heap strategy.
//!
//! ```text
//! file ──trace──► requests ──► each strategy in an arena of its own ──► table, or JSON
//! ```
//! The strategies are those of the kernel's crate `mm`, without a machine.

mod guest;
mod lifetimes;
mod picture;
mod play;
#[cfg(test)]
mod tests;

use std::fs;

use anyhow::{Context, Result};
use mm::heap::fragmentation::Thousandths;
use mm::heap::strategy::Strategy;
use serde::Serialize;

use crate::numbers::grouped;
use crate::options::WorkloadOptions;
use crate::trace::{self, Trace};
use picture::{HeapMap, HeapMaps};
use play::Played;

const MIB: u64 = 1 << 20;

#[derive(Serialize)]
struct Row {
    strategy: &'static str,
    requests: u64,
    failures: u64,
    first_failure: u64,
    corruptions: u64,
    moves: u64,
    arena_bytes: u64,
    peak_requested_bytes: u64,
    peak_heap_bytes: u64,
    utilisation_thousandths: u32,
    internal_fragmentation_thousandths: u32,
    external_fragmentation_thousandths: u32,
    largest_free_bytes: u64,
    nanoseconds_a_request: u64,
    /// In the kernel, if it was booted.
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions_a_request: Option<u64>,
    placements: String,
}

pub fn workload(options: &WorkloadOptions) -> Result<()> {
    let trace = trace::read_file(&options.file)?;
    let arena = options.arena.unwrap_or_else(|| trace.usual_arena());
    let chosen = |strategy: &&Strategy| match &options.strategy {
        Some(name) => strategy.key() == name,
        None => true,
    };
    let chosen: Vec<Strategy> = Strategy::ALL.iter().filter(chosen).copied().collect();
    let rows = rows(options, &trace, &chosen, arena)?;
    match options.json {
        true => println!("{}", serde_json::to_string_pretty(&rows)?),
        false => print(&trace, arena, &rows),
    }
    if options.differences {
        print_differences(&trace, &chosen, arena);
    }
    if let Some(file) = &options.picture {
        let maps = maps(&trace, &chosen, arena, &rows);
        fs::write(file, maps.svg()).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Plays the requests to each strategy: on the host, and in the kernel if instructions are wanted.
fn rows(
    options: &WorkloadOptions,
    trace: &Trace,
    strategies: &[Strategy],
    arena: u64,
) -> Result<Vec<Row>> {
    let (mut rows, mut outcomes) = (Vec::new(), Vec::new());
    for &strategy in strategies {
        let played = play::play(trace, strategy, arena)?;
        rows.push(row(strategy, arena, &played));
        outcomes.push((strategy, played.outcome));
    }
    if options.instructions {
        let all = guest::instructions(options, trace, arena, &outcomes)?;
        for (row, instructions) in rows.iter_mut().zip(all) {
            row.instructions_a_request = Some(instructions);
        }
    }
    Ok(rows)
}

/// Prints the first request that each two strategies place differently.
fn print_differences(trace: &Trace, strategies: &[Strategy], arena: u64) {
    println!("\nfirst request that two strategies place differently:");
    let words = |offset: Option<u64>| match offset {
        Some(offset) => format!("offset {}", grouped(offset)),
        None => "refused".into(),
    };
    for (at, &one) in strategies.iter().enumerate() {
        for &other in &strategies[at + 1..] {
            let (one_key, other_key) = (one.key(), other.key());
            match lifetimes::first_difference(trace, [one, other], arena) {
                Some((number, offsets)) => {
                    let [one, other] = offsets.map(words);
                    let number = grouped(number as u64);
                    println!("{one_key:14} {other_key:14} {number:>9}  {one}, {other}");
                }
                None => println!("{one_key:14} {other_key:14} {:>9}", "none"),
            }
        }
    }
}

/// Returns the heap over time, for each strategy.
fn maps(trace: &Trace, strategies: &[Strategy], arena: u64, rows: &[Row]) -> HeapMaps {
    let map = |(&strategy, row): (&Strategy, &Row)| HeapMap {
        title: format!(
            "{}: utilisation {}, refused: {}",
            row.strategy,
            Thousandths(row.utilisation_thousandths),
            grouped(row.failures)
        ),
        first_failure: row.first_failure as usize,
        lifetimes: lifetimes::lifetimes(trace, strategy, arena),
    };
    HeapMaps {
        title: format!(
            "Heap over time, address up: {} requests, arenas of {} MiB",
            grouped(trace.requests.len() as u64),
            arena / MIB
        ),
        requests: trace.requests.len(),
        bytes: rows
            .iter()
            .map(|row| row.peak_heap_bytes)
            .max()
            .unwrap_or_default(),
        maps: strategies.iter().zip(rows).map(map).collect(),
    }
}

/// For tests: returns the line of each strategy, as the kernel logs it.
pub fn results(requests: &str, arena: u64) -> Result<Vec<String>> {
    let trace = trace::read(requests.as_bytes())?;
    let line = |&strategy: &Strategy| {
        let outcome = play::play(&trace, strategy, arena)?.outcome;
        Ok(format!("{}: {outcome}", strategy.key()))
    };
    Strategy::ALL.iter().map(line).collect()
}

fn row(strategy: Strategy, arena: u64, played: &Played) -> Row {
    let outcome = played.outcome;
    Row {
        strategy: strategy.key(),
        requests: outcome.requests,
        failures: outcome.failures,
        first_failure: outcome.first_failure,
        corruptions: outcome.corruptions,
        moves: outcome.moves,
        arena_bytes: arena,
        peak_requested_bytes: outcome.peak_requested,
        peak_heap_bytes: outcome.peak_heap,
        utilisation_thousandths: Thousandths::of(outcome.peak_requested, outcome.peak_heap).0,
        internal_fragmentation_thousandths: played.internal.0,
        external_fragmentation_thousandths: played.free.external().0,
        largest_free_bytes: played.free.largest,
        nanoseconds_a_request: played.nanoseconds / outcome.requests.max(1),
        instructions_a_request: None,
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
        "{:14} {:>11} {:>9} {:>9} {:>13} {:>8} {:>11} {:>9} {:>6} {:>6}  placements",
        "strategy",
        "utilisation",
        "internal",
        "external",
        "largest free",
        "failures",
        "corruptions",
        "moves",
        "ns",
        "instr."
    );
    for row in rows {
        let instructions = row.instructions_a_request;
        let instructions = instructions.map_or("–".into(), grouped);
        println!(
            "{:14} {:>11} {:>9} {:>9} {:>13} {:>8} {:>11} {:>9} {:>6} {:>6}  {}",
            row.strategy,
            Thousandths(row.utilisation_thousandths).to_string(),
            Thousandths(row.internal_fragmentation_thousandths).to_string(),
            Thousandths(row.external_fragmentation_thousandths).to_string(),
            grouped(row.largest_free_bytes),
            grouped(row.failures),
            grouped(row.corruptions),
            grouped(row.moves),
            row.nanoseconds_a_request,
            instructions,
            row.placements
        );
    }
    println!(
        "\nutilisation: peak of requested bytes / peak heap. Fragmentation and the largest free \
         block: at the peak.\nmoves: resizes that moved their block. ns: host time a request. instr.: instructions \
         of the kernel a request (--instructions).\nplacements: a checksum of all offsets."
    );
}
