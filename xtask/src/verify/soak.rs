//! `soak`: plays the demo for hours of guest time, and compares memory after each lesson.
//!
//! ```text
//! lesson ─► balance ─► lesson ─► balance ─► … ─► the end: events lost, mismatches
//!            └──────── equal ──────┘
//! ```

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::boot::Way;
use crate::machine::Watch;
use crate::pictures::Picture;
use crate::scene::{self, Scene};
use crate::serial::{self, Balance, Marker};
use crate::{build, setup};

/// The kernel's last line after a run without errors.
const ALL_WELL: &str = "0 events lost, 0 mismatches between picture and machine, 0 ever";

/// The run says how far it is after this number of lessons.
const LESSONS_BETWEEN_LINES: usize = 50;

/// Plays the demo for this many seconds of guest time.
pub fn soak(seconds: u32) -> Result<()> {
    setup::setup()?;
    let kernel = build::kernel()?;
    let scene = Scene {
        name: "soak",
        arguments: "--cmdline log=debug",
    };
    let mut options = scene.options()?;
    options.seconds = Some(seconds);
    println!("playing the demo for {seconds} s of guest time…");
    let start = Instant::now();
    let mut balances = Balances::default();
    let run = scene::start(&Way::Direct, &kernel, &options, &mut balances)?;
    if let Some(fault) = run.fault() {
        bail!("{fault}\n{}", serial::tail(&run.log));
    }
    let (first, last) = balances.ends()?;
    println!("after the first lesson: {}", words(first));
    println!("after the last of {}: {}", balances.0.len(), words(last));
    println!("{} s of host time", start.elapsed().as_secs());
    balances.check()?;
    let is_well = run.log.iter().any(|line| line.contains(ALL_WELL));
    ensure!(
        is_well,
        "events were lost, or there were mismatches between picture and machine\n{}",
        serial::tail(&run.log)
    );
    println!("{ALL_WELL}");
    Ok(())
}

fn words(balance: Balance) -> String {
    let Balance {
        free_frames,
        live_bytes,
    } = balance;
    format!("{free_frames} free frames, {live_bytes} B in live heap blocks")
}

/// The balance after each lesson.
#[derive(Default)]
struct Balances(Vec<Balance>);

impl Balances {
    fn ends(&self) -> Result<(Balance, Balance)> {
        let ends = self.0.first().copied().zip(self.0.last().copied());
        ends.context("no lesson ended: soak for longer")
    }

    /// Checks that all balances are equal.
    fn check(&self) -> Result<()> {
        let (first, _) = self.ends()?;
        let other = self.0.iter().position(|balance| *balance != first);
        match other {
            None => Ok(()),
            Some(at) => bail!(
                "memory grows: after lesson {}, {}",
                at + 1,
                words(self.0[at])
            ),
        }
    }
}

impl Watch for Balances {
    fn line(&mut self, line: &str) -> Result<()> {
        ensure!(!line.contains("[memviz] error"), "{line}");
        if let Some(Marker::Balance(balance)) = Marker::parse(line) {
            self.0.push(balance);
            let lessons = self.0.len();
            if lessons.is_multiple_of(LESSONS_BETWEEN_LINES) {
                println!("{lessons} lessons: {}", words(balance));
            }
        }
        Ok(())
    }

    fn picture(&mut self, _: &str, _: Picture) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_found_and_names_the_lesson() {
        let mut balances = Balances::default();
        assert!(balances.check().is_err(), "no lesson");
        for _ in 0..2 {
            balances.line("[memviz] balance 58054 4096").unwrap();
            balances.line("[MM] something else").unwrap();
        }
        let failure = balances.line("[memviz] error: ✗ lesson swap, step 2: …");
        assert!(failure.is_err(), "a lesson that fails ends the run");
        assert!(balances.check().is_ok());
        balances.line("[memviz] balance 58053 4096").unwrap();
        let message = balances.check().unwrap_err().to_string();
        assert!(
            message.contains("after lesson 3, 58053 free frames"),
            "{message}"
        );
    }
}
