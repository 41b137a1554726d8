//! Page replacement: the page-fault handler of the booted kernel counts what the host computes.

use std::io::Write;

use anyhow::{Result, ensure};

use crate::boot::Way;
use crate::build::Kernel;
use crate::policies;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene, Silent};

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    type Case = (&'static str, fn(&Kernel) -> Result<()>);
    let tests: [Case; 2] = [
        (
            "references: the kernel has the faults of the textbooks",
            textbooks,
        ),
        (
            "references: kernel and host agree for every policy and number of frames, and no page is lost",
            agreement,
        ),
    ];
    let test = |(name, run): Case| Test::new(name, move || run(kernel).map(|()| Verdict::Passed));
    tests.map(test).into()
}

/// Replays the string with every policy, and returns the results of the kernel.
fn replay(kernel: &Kernel, string: &str, frames: &str) -> Result<Vec<String>> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(string.as_bytes())?;
    let scene = Scene {
        name: "references",
        arguments: "--headless --boot direct --for 1 --policy all --references unset",
    };
    let mut options = scene.options()?;
    options.references = Some(file.path().into());
    options.frames = frames.parse().map_err(anyhow::Error::msg)?;
    let run = scene::start(&Way::Direct, kernel, &options, &mut Silent::default())?;
    if let Some(fault) = run.fault() {
        anyhow::bail!("{fault}");
    }
    let lines = run.log.iter();
    let results = lines.filter_map(|line| line.strip_prefix("[kernel] references "));
    Ok(results.map(str::to_string).collect())
}

fn textbooks(kernel: &Kernel) -> Result<()> {
    let belady = replay(kernel, "1 2 3 4 1 2 5 1 2 3 4 5", "3-4")?;
    let known = [("fifo", 9, 10), ("lru", 10, 8), ("opt", 7, 6)];
    for (policy, three, four) in known {
        for (frames, faults) in [(3, three), (4, four)] {
            has(&belady, 12, frames, policy, faults)?;
        }
    }
    let string = "7,0,1,2,0,3,0,4,2,3,0,3,2,1,2,0,1,7,0,1";
    let textbook = replay(kernel, string, "3")?;
    for (policy, faults) in [("fifo", 15), ("lru", 12), ("opt", 9)] {
        has(&textbook, 20, 3, policy, faults)?;
    }
    Ok(())
}

fn has(results: &[String], count: u64, frames: u64, policy: &str, faults: u64) -> Result<()> {
    let hits = count - faults;
    let line = format!("{count}, frames {frames}, policy {policy}: {hits} hits, {faults} faults");
    ensure!(results.contains(&line), "no “{line}” in {results:?}");
    Ok(())
}

/// Tests a string in which some pages are used often, and a third of the references are writes.
fn agreement(kernel: &Kernel) -> Result<()> {
    let mut state = 1_u32;
    let mut random = |bound: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % bound
    };
    let mut string = String::new();
    for _ in 0..400 {
        let bound = 1 + random(40);
        let page = random(bound);
        string += &format!("{page}{} ", if random(3) == 0 { "w" } else { "" });
    }
    let kernel = replay(kernel, &string, "1-6")?;
    let host = policies::results(&string, "1-6")?;
    ensure!(kernel == host, "kernel {kernel:#?}, host {host:#?}");
    Ok(())
}
