//! `test`: unit tests of the host, then machines in QEMU; one line for each test, and a summary.
//!
//! A test that cannot run on this host prints `skipped` and the reason, for example missing files
//! of Limine. This is not a failure.

mod browser;
mod clock;
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
mod references;
#[cfg(test)]
mod requirements;
mod screens;
mod shell;
mod swap_disk;
mod time;
mod tool;
mod traces;
mod web;
mod workloads;

use anyhow::Result;

use crate::build::{self, Kernel};
use crate::{runner, setup};

/// Runs the tests whose names contain `filter`. `bless` saves the screens as references.
pub fn run(filter: &str, bless: bool) -> Result<()> {
    setup::setup()?;
    setup::components(&["clippy"])?;
    let kernel: &'static Kernel = Box::leak(Box::new(build::kernel()?));
    let mut tests = host::tests();
    tests.extend(guest::tests(kernel));
    tests.extend(machines::tests(kernel));
    tests.extend(clock::tests(kernel));
    tests.extend(costs::tests(kernel));
    tests.extend(features::tests(kernel));
    tests.extend(shell::tests(kernel));
    tests.extend(swap_disk::tests(kernel));
    tests.extend(keys::tests(kernel));
    tests.extend(mouse::tests(kernel));
    tests.extend(time::tests(kernel));
    tests.extend(tool::tests());
    tests.extend(traces::tests(kernel));
    tests.extend(lessons::tests(kernel));
    tests.extend(figures::tests(kernel));
    tests.extend(references::tests(kernel));
    tests.extend(workloads::tests(kernel));
    tests.extend(web::tests(kernel));
    tests.extend(screens::tests(kernel, bless));
    runner::run(tests, filter)
}
