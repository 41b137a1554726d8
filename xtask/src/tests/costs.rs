//! The cost of pictures in guest instructions. They are counted, so the result is the same on every
//! host.
//!
//! Costs grow with the changes, not with memory, so the limits are the same at 256 MiB and at 64
//! GiB.

use anyhow::{Context, Result, ensure};

use crate::bench;
use crate::build::Kernel;
use crate::options::Memory;
use crate::runner::{Test, Verdict};

/// Instructions at 1280×800 that no picture may exceed.
const LIMITS: [(&str, u64); 6] = [
    ("idle-frame", 50_000),
    ("thousand-cells", 1_150_000),
    ("full-redraw", 8_000_000),
    ("switch-view", 8_000_000),
    ("switch-board", 8_000_000),
    ("late-pictures", 0),
];

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    let sizes = [("256 MiB", 256), ("64 GiB", 64 << 10)];
    let test = |(name, mib)| {
        let name = format!(
            "costs: pictures keep to their limits, and 100,000 events a second are kept up with, at {name}"
        );
        Test::new(name, move || {
            within_limits(kernel, Memory::from_mib(mib)).map(|()| Verdict::Passed)
        })
    };
    sizes.map(test).into()
}

fn within_limits(kernel: &Kernel, memory: Memory) -> Result<()> {
    let costs = bench::measure(kernel, memory)?;
    for (name, limit) in LIMITS {
        let cost = costs.iter().find(|(found, _)| found == name);
        let &(_, cost) = cost.with_context(|| format!("{name} was not measured"))?;
        ensure!(cost <= limit, "{name}: {cost}, more than {limit}");
    }
    Ok(())
}
