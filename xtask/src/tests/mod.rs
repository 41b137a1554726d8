//! `test`: everything, one line a test and a summary.
//!
//! Quick checks of the host come first, then whole machines in QEMU. A test that cannot run here
//! (Limine's files are not part of the project) says `skipped` and why; that is no failure.

mod costs;
mod desk;
mod dialogue;
#[cfg(test)]
mod documents;
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
mod time;

use anyhow::Result;

use crate::build::{self, Kernel};
use crate::{runner, setup};

/// Runs the tests whose names contain `filter`. `bless` takes the screens as they are for right.
pub fn run(filter: &str, bless: bool) -> Result<()> {
    setup::setup()?;
    setup::components(&["clippy"])?;
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
    runner::run(tests, filter)
}
