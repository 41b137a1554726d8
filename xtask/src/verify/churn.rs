//! `churn`: random reads and writes over more pages than frames, for each replacement policy.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::boot::Way;
use crate::machine::Watch;
use crate::options::DiskSize;
use crate::pictures::Picture;
use crate::scene::{self, Scene};
use crate::{build, serial, setup};

/// Guest time after which the run has failed.
const SECONDS: u32 = 86_400;

/// Runs so many operations for each policy, with pages in compressed memory or on a disk.
pub fn churn(operations: u64, disk: Option<DiskSize>) -> Result<()> {
    setup::setup()?;
    let kernel = build::kernel()?;
    let scene = Scene {
        name: "churn",
        arguments: "--headless --boot direct",
    };
    let mut options = scene.options()?;
    options.cmdline = format!("mode=churn operations={operations}");
    options.swap = disk;
    options.seconds = Some(SECONDS);
    let start = Instant::now();
    let run = scene::start(&Way::Direct, &kernel, &options, &mut Results)?;
    if let Some(fault) = run.fault() {
        bail!("{fault}\n{}", serial::tail(&run.log));
    }
    println!("{} s of host time", start.elapsed().as_secs());
    Ok(())
}

/// Prints the results of the policies as they come.
struct Results;

impl Watch for Results {
    fn line(&mut self, line: &str) -> Result<()> {
        const RESULTS: [&str; 4] = ["policy ", "clock of the machine", "left over", "error: "];
        if let Some(result) = line.strip_prefix("[kernel] ")
            && RESULTS.iter().any(|begin| result.starts_with(begin))
        {
            println!("{result}");
        }
        if let Some((_, device)) = line.split_once("swap: ") {
            println!("pages that leave go to {device}");
        }
        Ok(())
    }

    fn picture(&mut self, _: &str, _: Picture) -> Result<()> {
        Ok(())
    }
}
