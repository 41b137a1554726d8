//! One run: samples of all contenders, interleaved, on one CPU.
//!
//! ```text
//! row 1   warm-up of each, then  A B C  A B C  A B C  …      the same round: comparable
//! row 2   …
//! ```
//! A sample during which the kernel took the CPU away is taken again, six times at most.

use crate::contest::{Contest, Unit, Work};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::{Deserialize, Serialize};

/// Attempts at a sample that nothing disturbs.
const ATTEMPTS: usize = 6;

/// The samples of a run.
#[derive(Serialize, Deserialize)]
pub struct Run {
    /// One entry a row and contender that does its work.
    pub series: Vec<Series>,
}

/// The samples of a contender in a row.
#[derive(Serialize, Deserialize)]
pub struct Series {
    /// The row's name.
    pub row: String,
    /// The contender's name.
    pub contender: String,
    /// One figure a round.
    pub samples: Vec<f64>,
}

/// Measures the rows whose names contain `filter`.
pub fn run(contest: &Contest, filter: &str, samples: usize) -> Run {
    pin();
    let mut series = vec![];
    for row in contest.rows.iter().filter(|row| row.name.contains(filter)) {
        let prepared = contest.contenders.iter().filter_map(|contender| {
            let work = (contender.prepare)(row.name)?;
            Some((contender.name, work, vec![]))
        });
        let mut entries: Vec<(&str, Work, Vec<f64>)> = prepared.collect();
        let rounds = match row.unit {
            Unit::Nanoseconds => {
                for (_, work, _) in &mut entries {
                    work();
                }
                samples
            }
            Unit::Percent => 1,
        };
        for _ in 0..rounds {
            for (_, work, figures) in &mut entries {
                figures.push(undisturbed(work));
            }
        }
        series.extend(entries.into_iter().map(|(contender, _, samples)| Series {
            row: row.name.into(),
            contender: contender.into(),
            samples,
        }));
    }
    Run { series }
}

/// Takes a sample, again if the kernel preempted it.
fn undisturbed(work: &mut Work) -> f64 {
    for _ in 1..ATTEMPTS {
        let before = preemptions();
        let figure = work();
        if preemptions() == before {
            return figure;
        }
    }
    work()
}

/// How often the kernel took the CPU away from this thread; 0 where it does not say.
fn preemptions() -> u64 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    let count = status
        .lines()
        .find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"));
    count
        .and_then(|count| count.trim().parse().ok())
        .unwrap_or(0)
}

/// Keeps this process on the last CPU that it may use. A failure costs precision only.
fn pin() {
    let Ok(allowed) = sched_getaffinity(None) else {
        return;
    };
    if let Some(last) = (0..CpuSet::MAX_CPU).rev().find(|&cpu| allowed.is_set(cpu)) {
        let mut only = CpuSet::new();
        only.set(last);
        _ = sched_setaffinity(None, &only);
    }
}
