//! The results as text: the table, differences, life times.

use mm::heap::fragmentation::Thousandths;
use mm::heap::strategy::Strategy;
use mm::heap::workload::Lifetimes;

use super::play::Played;
use super::row::Row;
use crate::numbers::grouped;
use crate::trace::Trace;

/// Prints the table of all strategies.
pub fn table(trace: &Trace, arena: u64, rows: &[Row]) {
    println!(
        "{} requests, at most {} B requested at a time, arenas of {} MiB.\n",
        grouped(trace.requests.len() as u64),
        grouped(trace.peak_requested()),
        arena >> 20
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
    print_best(rows);
    println!(
        "\nutilisation: peak of requested bytes / peak heap. Fragmentation and the largest free \
         block: at the peak.\nmoves: resizes that moved their block. ns: host time a request. instr.: instructions \
         of the kernel a request (--instructions).\nplacements: a checksum of all offsets."
    );
}

/// Prints which strategies have the highest utilisation of those that served all requests.
fn print_best(rows: &[Row]) {
    let complete = || rows.iter().filter(|row| row.failures == 0);
    let Some(best) = complete().map(|row| row.utilisation_thousandths).max() else {
        println!("\nNo strategy serves all requests.");
        return;
    };
    let names = complete().filter(|row| row.utilisation_thousandths == best);
    let names: Vec<&str> = names.map(|row| row.strategy).collect();
    let utilisation = Thousandths(best);
    println!(
        "\nBest utilisation of a strategy that serves all requests: {utilisation}, {}.",
        names.join(", ")
    );
}

/// Prints the first request that each two strategies place differently.
pub fn differences(played: &[(Strategy, Played)]) {
    println!("\nfirst request that two strategies place differently:");
    let words = |offset: Option<u32>| match offset {
        Some(offset) => format!("offset {}", grouped(offset.into())),
        None => "no block".into(),
    };
    for (at, (one, one_played)) in played.iter().enumerate() {
        for (other, other_played) in &played[at + 1..] {
            let (one, other) = (one.key(), other.key());
            match one_played.first_difference(other_played) {
                Some((number, offsets)) => {
                    let [first, second] = offsets.map(words);
                    let number = grouped(number as u64);
                    println!("{one:14} {other:14} {number:>9}  {first}, {second}");
                }
                None => println!("{one:14} {other:14} {:>9}", "none"),
            }
        }
    }
}

/// Prints how long the freed blocks lived, by size.
pub fn lifetimes(strategy: Strategy, lifetimes: &Lifetimes) {
    println!(
        "\nmean life time of freed blocks, in requests ({}):\n{:>13} {:>9} {:>9}",
        strategy.key(),
        "bytes, from",
        "blocks",
        "requests"
    );
    for (bytes, class) in lifetimes.classes() {
        let (bytes, blocks) = (grouped(bytes), grouped(class.blocks.into()));
        println!("{bytes:>13} {blocks:>9} {:>9}", grouped(class.mean()));
    }
}
