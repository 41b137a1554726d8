//! `just workload`: the requests of a file, played to every heap strategy.
//!
//! ```text
//! file ──trace──► requests ──► each strategy in an arena of its own ──► table, or JSON
//! ```
//! The strategies are those of the kernel's crate `mm`, without a machine.

mod guest;
mod picture;
mod play;
mod print;
mod row;
mod spans;
#[cfg(test)]
mod tests;

use anyhow::Result;
use mm::heap::fragmentation::Thousandths;
use mm::heap::strategy::Strategy;
use mm::units::Bytes;

use crate::numbers::grouped;
use crate::options::WorkloadOptions;
use crate::trace::{self, Trace};
use picture::{HeapMap, HeapMaps};
use play::Played;
use row::Row;

pub fn workload(options: &WorkloadOptions) -> Result<()> {
    let trace = trace::read_file(&options.file)?;
    let arena = options.arena.unwrap_or_else(|| trace.usual_arena());
    let is_chosen = |strategy: &&Strategy| match &options.strategy {
        Some(name) => strategy.key() == name,
        None => true,
    };
    let chosen = Strategy::ALL.iter().filter(is_chosen);
    let played = chosen.map(|&strategy| Ok((strategy, play::play(&trace, strategy, arena)?)));
    let played = played.collect::<Result<Vec<_>>>()?;
    let rows = rows(options, &trace, &played, arena)?;
    if let Some(file) = &options.picture {
        maps(&trace, &played, arena).save(file)?;
        // Not among the JSON.
        eprintln!("picture {}", file.display());
    }
    match options.json {
        true => println!("{}", serde_json::to_string_pretty(&rows)?),
        false => print::table(&trace, arena, &rows),
    }
    if options.differences {
        print::differences(&played);
    }
    if let Some((strategy, first)) = played.first().filter(|_| options.lifetimes) {
        print::lifetimes(*strategy, &first.lifetimes);
    }
    Ok(())
}

/// Returns a row for each strategy, with its instructions in the kernel if they are wanted.
fn rows(
    options: &WorkloadOptions,
    trace: &Trace,
    played: &[(Strategy, Played)],
    arena: u64,
) -> Result<Vec<Row>> {
    let row = |(strategy, played): &(Strategy, Played)| Row::new(*strategy, arena, played);
    let mut rows: Vec<Row> = played.iter().map(row).collect();
    if let Some(((first, first_played), others)) = played.split_first() {
        for (row, (_, other)) in rows[1..].iter_mut().zip(others) {
            row.compare(first.key(), first_played.first_difference(other));
        }
    }
    if options.instructions {
        let outcomes = played.iter();
        let outcomes: Vec<_> = outcomes
            .map(|(name, played)| (*name, played.outcome))
            .collect();
        let all = guest::instructions(options, trace, arena, &outcomes)?;
        for (row, instructions) in rows.iter_mut().zip(all) {
            row.instructions_a_request = Some(instructions);
        }
    }
    Ok(rows)
}

/// Returns the picture of the heap over time.
fn maps(trace: &Trace, played: &[(Strategy, Played)], arena: u64) -> HeapMaps {
    let first = played.first().map(|(_, first)| first);
    let map = |(strategy, played): &(Strategy, Played)| {
        let outcome = played.outcome;
        let difference = first.and_then(|first| first.first_difference(played));
        HeapMap {
            strategy: *strategy,
            utilisation: Thousandths::of(outcome.peak_requested, outcome.peak_heap).to_string(),
            spans: spans::spans(trace, *strategy, arena),
            first_failure: outcome.first_failure as usize,
            difference: difference.map(|(number, _)| number),
        }
    };
    let heaps = played.iter().map(|(_, played)| played.outcome.peak_heap);
    let bytes = heaps.max().unwrap_or_default();
    HeapMaps {
        subtitle: format!(
            "addresses up to {}, {} requests across",
            Bytes(bytes),
            grouped(trace.requests.len() as u64)
        ),
        requests: trace.requests.len(),
        bytes,
        maps: played.iter().map(map).collect(),
        lifetimes: first.map(|first| first.lifetimes).unwrap_or_default(),
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
