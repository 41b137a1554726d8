//! `test`: everything, one line a test and a summary.
//!
//! Quick checks of the host come first, then whole machines in QEMU. A test that cannot run here
//! (Limine's files are not part of the project) says `skipped` and why; that is no failure.

mod costs;
mod desk;
mod dialogue;
mod features;
mod figures;
mod guest;
mod host;
mod keys;
mod lessons;
mod machines;
mod mouse;
#[cfg(test)]
mod requirements;
mod screens;
mod shell;
mod test;
mod time;

use std::time::Instant;

use anyhow::{Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use test::{Test, Verdict};

use crate::build::{self, Kernel};
use crate::{setup, signals};

/// Runs the tests whose names contain `filter`. `bless` takes the screens as they are for right.
pub fn run(filter: &str, bless: bool) -> Result<()> {
    setup::setup()?;
    setup::components(&["rustfmt", "clippy"])?;
    let kernel: &'static Kernel = Box::leak(Box::new(build::kernel()?));
    let mut tests = host::tests();
    tests.extend(guest::tests(kernel));
    tests.extend(machines::tests(kernel));
    tests.extend(costs::tests(kernel));
    tests.extend(features::tests(kernel));
    tests.extend(shell::tests(kernel));
    tests.extend(keys::tests(kernel));
    tests.extend(mouse::tests(kernel));
    tests.extend(time::tests(kernel));
    tests.extend(lessons::tests(kernel));
    tests.extend(figures::tests(kernel));
    tests.extend(screens::tests(kernel, bless));
    tests.retain(|test| test.name.contains(filter));
    ensure!(!tests.is_empty(), "no test is called “{filter}”");

    let bar = ProgressBar::new(tests.len() as u64);
    bar.set_style(ProgressStyle::with_template(
        "{spinner} {pos}/{len} {msg} ({elapsed})",
    )?);
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let (mut passed, mut skipped, mut failed) = (0, 0, Vec::new());
    for Test { name, run } in &tests {
        bar.set_message(name.clone());
        let start = Instant::now();
        let verdict = run();
        let seconds = start.elapsed().as_secs_f32();
        bar.suspend(|| match &verdict {
            Ok(Verdict::Passed) => println!("✓ {name} ({seconds:.1} s)"),
            Ok(Verdict::Skipped(why)) => println!("– {name}: skipped, {why}"),
            Err(error) => println!("✗ {name} ({seconds:.1} s): {error:#}"),
        });
        match verdict {
            Ok(Verdict::Passed) => passed += 1,
            Ok(Verdict::Skipped(_)) => skipped += 1,
            Err(_) => failed.push(name.as_str()),
        }
        ensure!(!signals::interrupted(), "interrupted");
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
