//! Runs named tests: one line each, and a summary.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use crate::signals;

/// The outcome of a test that has not failed.
pub enum Verdict {
    Passed,
    Skipped(String),
}

/// A named test: `area: what holds`.
pub struct Test {
    pub name: String,
    pub run: Box<dyn Fn() -> Result<Verdict>>,
}

impl Test {
    pub fn new(name: impl Into<String>, run: impl Fn() -> Result<Verdict> + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// Runs the tests whose names contain `filter`. Fails if a test fails.
pub fn run(mut tests: Vec<Test>, filter: &str) -> Result<()> {
    tests.retain(|test| test.name.contains(filter));
    ensure!(!tests.is_empty(), "no test is called “{filter}”");

    let bar = ProgressBar::new(tests.len() as u64);
    bar.set_style(ProgressStyle::with_template(
        "{spinner} {pos}/{len} {msg} ({elapsed})",
    )?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let (mut passed, mut skipped, mut failed) = (0, 0, Vec::new());
    for test in &tests {
        bar.set_message(test.name.clone());
        match run_one(test, &bar) {
            Ok(Verdict::Passed) => passed += 1,
            Ok(Verdict::Skipped(_)) => skipped += 1,
            Err(_) => failed.push(test.name.as_str()),
        }
        ensure!(!signals::interrupted(), "{}", signals::INTERRUPTED_WORDS);
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!(
        "{passed} passed, {} failed, {skipped} skipped",
        failed.len()
    );
    ensure!(failed.is_empty(), "failed: {}", failed.join("; "));
    Ok(())
}

/// Runs a test and prints its line.
fn run_one(Test { name, run }: &Test, bar: &ProgressBar) -> Result<Verdict> {
    let start = Instant::now();
    let verdict = run();
    let seconds = start.elapsed().as_secs_f32();
    bar.suspend(|| match &verdict {
        Ok(Verdict::Passed) => println!("✓ {name} ({seconds:.1} s)"),
        Ok(Verdict::Skipped(why)) => println!("– {name}: skipped, {why}"),
        Err(error) => println!("✗ {name} ({seconds:.1} s): {error:#}"),
    });
    verdict
}
