//! The result of a boot on an unusual machine, in one sentence.

use std::fmt;

use anyhow::{Result, bail, ensure};

use crate::machine::{End, Run};

/// The outcome of a boot.
#[derive(Debug)]
pub enum Outcome {
    /// The dashboard appeared, and agreed with the machine.
    Dashboard { passed: u32, skipped: u32 },
    /// The machine has no display; its tests passed.
    Tests { passed: u32, skipped: u32 },
    /// The kernel ended the run with this reason.
    Refusal(String),
    /// This host cannot start the machine.
    Skipped(String),
}

impl Outcome {
    /// Reads it from the log. A reset, a hang, a failed test or a mismatch is an error.
    pub fn of(run: &Run) -> Result<Outcome> {
        let says = |what: &str| run.log.iter().any(|line| line.contains(what));
        if run.end == End::Failure
            && let Some(line) = run.log.iter().find(|line| line.contains(" error: "))
            && !says("panic at")
        {
            return Ok(Outcome::Refusal(line.clone()));
        }
        if let Some(fault) = run.fault() {
            bail!("{fault}");
        }
        ensure!(run.end == End::Success, "the run ended by {:?}", run.end);
        // “49 passed, 0 failed”, and how many were skipped.
        let counts = run.log.iter().find(|line| line.contains(" passed, "));
        let counts = counts.map_or("", String::as_str);
        let count = |word: &str| {
            let before = counts.split_once(word).map_or("", |parts| parts.0);
            let number = before.rsplit(' ').next();
            number.and_then(|number| number.parse().ok()).unwrap_or(0)
        };
        let (passed, skipped) = (count(" passed"), count(" skipped"));
        ensure!(passed > 0, "no test passed");
        if says("0 events lost, 0 mismatches between picture and machine, 0 ever") {
            return Ok(Outcome::Dashboard { passed, skipped });
        }
        ensure!(
            says("running without a dashboard"),
            "no dashboard that agrees"
        );
        Ok(Outcome::Tests { passed, skipped })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skips = |skipped: &u32| match skipped {
            0 => String::new(),
            count => format!(", {count} skipped"),
        };
        match self {
            Self::Dashboard { passed, skipped } => {
                write!(
                    f,
                    "dashboard, {passed} tests{}, 0 mismatches",
                    skips(skipped)
                )
            }
            Self::Tests { passed, skipped } => {
                write!(f, "no display, {passed} tests{}", skips(skipped))
            }
            Self::Refusal(line) => {
                let words = line.split_once(" error: ").map_or(&**line, |parts| parts.1);
                write!(f, "refused: {words}")
            }
            Self::Skipped(reason) => write!(f, "skipped: {reason}"),
        }
    }
}
