//! `bench`: prints costs in guest instructions.
//!
//! Instructions are counted, not timed: the figures do not depend on the load of the host. Only the
//! comparison with published crates is timed, by the program in `peers/`.

use anyhow::{Context, Result, bail, ensure};
use object::{Object, ObjectSegment};

use crate::boot::Way;
use crate::build::Kernel;
use crate::numbers::grouped;
use crate::options::{BenchOptions, Memory, RunOptions};
use crate::scene::{self, Scene, Silent};
use crate::serial::{self, Marker};
use crate::{build, setup};

pub fn bench(options: &BenchOptions) -> Result<()> {
    if let Some(words) = &options.peers {
        return peers(words);
    }
    setup::setup()?;
    if options.enhancements {
        return compare();
    }
    let costs = measure(&build::kernel()?, options.memory)?;
    let width = widest(costs.iter().map(|(name, _)| name.as_str()));
    println!("{:width$} {:>14}", "", "instructions");
    for (name, instructions) in costs {
        println!("{name:width$} {:>14}", grouped(instructions));
    }
    Ok(())
}

/// Builds and starts the program that measures memviz beside published crates. It has a workspace
/// of its own, so the crates are not dependencies of memviz.
fn peers(words: &[String]) -> Result<()> {
    let mut program = build::cargo();
    // Names of files are relative to the user's current folder.
    program.current_dir(std::env::current_dir()?);
    program.args(["run", "--release", "--locked", "--quiet", "--manifest-path"]);
    program
        .arg(build::root().join("peers/Cargo.toml"))
        .arg("--")
        .args(words);
    let status = program.status().context("cannot start cargo")?;
    ensure!(status.success(), "the comparison with other crates failed");
    Ok(())
}

/// Prints the cost of each enhancement: compares the whole kernel with one that lacks it.
fn compare() -> Result<()> {
    const COSTS: [&str; 3] = ["a frame, zeroed", "kmalloc of 64 B", "a first touch"];
    let names = build::enhancements()?;
    let figures = |kernel: &Kernel| -> Result<Vec<u64>> {
        let costs = measure(kernel, Memory::USUAL)?;
        let mut figures = vec![image_bytes(kernel)?];
        for wanted in COSTS {
            let found = costs.iter().find(|(name, _)| name == wanted);
            let (_, instructions) =
                found.with_context(|| format!("the kernel does not measure “{wanted}”"))?;
            figures.push(*instructions);
        }
        Ok(figures)
    };
    let all = figures(&build::kernel()?)?;
    let width = widest(names.iter().map(String::as_str)).max("everything".len());
    println!(
        "{:width$} {:>16} {}",
        "",
        "image, bytes",
        COSTS.map(|name| format!("{name:>16}")).join(" ")
    );
    let row = |name: &str, cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>16}")).collect();
        println!("{name:width$} {}", cells.join(" "));
    };
    row(
        "everything",
        all.iter().map(|&figure| grouped(figure)).collect(),
    );
    for name in &names {
        let others: Vec<&str> = names
            .iter()
            .filter(|other| *other != name)
            .map(String::as_str)
            .collect();
        let without = figures(&build::kernel_with(&others)?)?;
        let added = all.iter().zip(without).map(|(&all, without)| {
            let sign = if all < without { '−' } else { '+' };
            format!("{sign}{}", grouped(all.abs_diff(without)))
        });
        row(name, added.collect());
    }
    Ok(())
}

/// Returns the bytes of the image in memory: code, constants, variables.
fn image_bytes(kernel: &Kernel) -> Result<u64> {
    let bytes = std::fs::read(&kernel.elf)?;
    let file = object::File::parse(&*bytes)?;
    Ok(file.segments().map(|segment| segment.size()).sum())
}

/// Returns the costs that a kernel prints in `mode=bench`, on a machine with this much memory.
pub fn measure(kernel: &Kernel, memory: Memory) -> Result<Vec<(String, u64)>> {
    let scene = Scene {
        name: "bench",
        arguments: "--cmdline mode=bench",
    };
    let options = RunOptions {
        memory,
        ..scene.options()?
    };
    let run = scene::start(&Way::Direct, kernel, &options, &mut Silent::default())?;
    if let Some(fault) = run.fault() {
        bail!("{fault}\n{}", serial::tail(&run.log));
    }
    let costs: Vec<(String, u64)> = run.log.iter().filter_map(|line| cost(line)).collect();
    ensure!(
        !costs.is_empty(),
        "the kernel printed no costs\n{}",
        serial::tail(&run.log)
    );
    Ok(costs)
}

fn widest<'n>(names: impl Iterator<Item = &'n str>) -> usize {
    names
        .map(|name| name.chars().count())
        .max()
        .unwrap_or_default()
}

fn cost(line: &str) -> Option<(String, u64)> {
    match Marker::parse(line)? {
        Marker::Cost { name, instructions } => Some((name.into(), instructions)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (7_123_456, "7,123,456"),
            (10_000, "10,000"),
        ];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }
}
