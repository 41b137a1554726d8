//! Guest instructions of a request: the booted kernel plays the same requests.
//!
//! ```text
//! file ──► kernel, a process with real pages for each strategy ──► its log: placements, ticks
//! ```
//! Invariant: host and kernel agree on every placement. A difference is an error.

use anyhow::{Context, Result, bail, ensure};
use mm::heap::strategy::Strategy;
use mm::heap::workload::Outcome;

use crate::boot::Way;
use crate::options::{Memory, WorkloadOptions};
use crate::scene::{self, Scene, Silent};
use crate::trace::Trace;
use crate::{build, serial, setup};

/// Memory of the kernel without a workload, in bytes.
const KERNEL_BYTES: u64 = 96 << 20;
/// The largest metadata of a block that a strategy or the player has, in bytes.
const BLOCK_BYTES: u64 = 64;

/// Returns the mean instructions of a request, for each of these strategies with its counts on the
/// host.
pub fn instructions(
    options: &WorkloadOptions,
    trace: &Trace,
    arena: u64,
    played: &[(Strategy, Outcome)],
) -> Result<Vec<u64>> {
    setup::setup()?;
    let kernel = build::kernel()?;
    let scene = Scene {
        name: "workload",
        arguments: "--headless --boot direct --for 1 --workload unset",
    };
    let mut run = scene.options()?;
    run.workload = Some(options.file.clone());
    run.strategy = options.strategy.clone().unwrap_or("all".into());
    run.arena = Some(arena);
    run.memory = memory(trace, arena);
    let run = scene::start(&Way::Direct, &kernel, &run, &mut Silent::default())?;
    if let Some(fault) = run.fault() {
        bail!("{fault}\n{}", serial::tail(&run.log));
    }
    let found = played.iter();
    found
        .map(|&(strategy, outcome)| of_strategy(&run.log, strategy, outcome))
        .collect()
}

/// Returns enough memory for the file, the touched pages of an arena, and all metadata.
fn memory(trace: &Trace, arena: u64) -> Memory {
    let file = trace.to_kernel(arena).len() as u64;
    let bytes = KERNEL_BYTES + 3 * arena + file + BLOCK_BYTES * trace.blocks as u64;
    Memory::from_mib(bytes >> 20)
}

/// Finds the two lines of a strategy in the log of the kernel.
fn of_strategy(log: &[String], strategy: Strategy, host: Outcome) -> Result<u64> {
    let name = strategy.key();
    let prefix = format!("[kernel] workload {name}: ");
    let lines = || log.iter().filter_map(|line| line.strip_prefix(&prefix));
    let counts = lines().next();
    let counts = counts.with_context(|| format!("{name}: the kernel logged no result"))?;
    let host = host.to_string();
    ensure!(
        counts == host,
        "{name}: the kernel differs from the host\nkernel: {counts}\nhost:   {host}"
    );
    let ticks = lines().find_map(|line| line.strip_suffix(" ticks a request"));
    let ticks = ticks.and_then(|line| line.split_whitespace().last()?.parse().ok());
    ticks.with_context(|| format!("{name}: the kernel logged no ticks"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace;

    #[test]
    fn a_kernel_that_differs_from_the_host_is_an_error() {
        let trace = trace::read(b"0\n1\n2\n1\na 0 100\nf 0\n").unwrap();
        let strategy = Strategy::FirstFit;
        let host = super::super::play::play(&trace, strategy, 1 << 20).unwrap();
        let log = |counts: String| {
            vec![
                format!("[kernel] workload first-fit: {counts}"),
                "[kernel] workload first-fit: 1 pages touched, 570 ticks a request".into(),
            ]
        };
        let same = log(host.outcome.to_string());
        assert_eq!(of_strategy(&same, strategy, host.outcome).unwrap(), 570);
        let other = log(host.outcome.to_string().replace("0 moves", "1 moves"));
        let error = of_strategy(&other, strategy, host.outcome).unwrap_err();
        assert!(error.to_string().contains("differs"), "{error}");
        assert!(of_strategy(&[], strategy, host.outcome).is_err());
    }
}
