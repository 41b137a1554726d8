//! `miri`: runs unit tests in an interpreter that finds undefined behaviour, races and overflows.

use anyhow::Result;

use super::nightly;
use crate::build;
use crate::runner::{self, Test, Verdict};

/// The package, and the parts of its tests that finish in minutes.
const PARTS: [(&str, &[&str]); 2] = [
    ("mm", &[]),
    (
        "memviz",
        &["input::", "model::", "truth::event", "view::terminal"],
    ),
];

/// Runs the parts whose names contain `filter`.
pub fn miri(filter: &str) -> Result<()> {
    nightly::require_components(&["miri", "rust-src"])?;
    let test = |(package, parts): (&'static str, &'static [&str])| {
        Test::new(format!("miri: {package}"), move || {
            run(package, parts).map(|()| Verdict::Passed)
        })
    };
    runner::run(PARTS.map(test).into(), filter)
}

fn run(package: &str, parts: &[&str]) -> Result<()> {
    let mut command = nightly::cargo();
    command
        .args(["miri", "test", "--lib", "--package", package, "--"])
        .args(parts)
        // Property tests read their settings and old failures from the host.
        .env("MIRIFLAGS", "-Zmiri-disable-isolation")
        .env("PROPTEST_CASES", "2");
    build::run_quietly(&mut command)
}
