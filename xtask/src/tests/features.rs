//! Enhancements: the kernel works without each of them.
//!
//! Kernels are built with none, with each alone, and with all but each. The kernels that differ
//! most run their self-test. A kernel with all enhancements switched off on its command line runs
//! it too.

use anyhow::{Result, bail, ensure};

use super::guest::{run, says, succeeded};
use crate::boot::Way;
use crate::build::{self, Kernel};
use crate::runner::{Test, Verdict};
use crate::serial;

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    vec![
        Test::new(
            "features: none, each alone and all but each build without a warning",
            build_each,
        ),
        Test::new(
            "features: a kernel with none tests itself, greets and ends",
            || {
                let plain = build::quick_kernel_with(&[])?;
                self_test(&plain, "mode=selftest")?;
                plain_boot(&plain)
            },
        ),
        Test::new(
            "features: a kernel with the shell alone tests itself",
            || self_test(&build::quick_kernel_with(&["shell"])?, "mode=selftest"),
        ),
        Test::new(
            "features: a kernel with the dashboard alone tests itself",
            || self_test(&build::quick_kernel_with(&["dashboard"])?, "mode=selftest"),
        ),
        Test::new(
            "features: everything is off where the command line says so",
            move || {
                let off: Vec<String> = build::enhancements()?
                    .iter()
                    .map(|name| format!("{name}=off"))
                    .collect();
                self_test(kernel, &format!("mode=selftest swap=off {}", off.join(" ")))
            },
        ),
    ]
}

/// Checks each kernel with clippy, which does everything except code generation.
fn build_each() -> Result<Verdict> {
    let all = build::enhancements()?;
    let names = || all.iter().map(String::as_str);
    let alone = names().map(|name| vec![name]);
    let all_but = names().map(|left_out| names().filter(|&name| name != left_out).collect());
    for features in alone.chain(all_but).chain([vec![]]) {
        let output = build::cargo()
            .args([
                "clippy",
                "--package=kernel",
                "--release",
                "--target",
                build::TARGET,
            ])
            .args(build::only(&features))
            .args(["--", "--deny=warnings"])
            .output()?;
        ensure!(
            output.status.success(),
            "with {features:?}:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(Verdict::Passed)
}

fn self_test(kernel: &Kernel, cmdline: &str) -> Result<Verdict> {
    let run = run(&Way::Direct, kernel, "--memory 128M", cmdline)?;
    says(&run, serial::ALL_PASSED)?;
    says(&run, "Hello from memviz ✨")?;
    succeeded(&run)
}

/// Boots with a word on the command line that has no effect.
fn plain_boot(kernel: &Kernel) -> Result<Verdict> {
    let run = run(&Way::Direct, kernel, "--memory 32M", "tags=off")?;
    for line in [
        "\"tags=off\" on the command line has no effect: this kernel was built without it",
        "usable",
        serial::ALL_PASSED,
        "Hello from memviz ✨",
        "power off (Success)",
    ] {
        says(&run, line)?;
    }
    if run.log.iter().any(|line| line.contains("framebuffer")) {
        bail!(
            "a plain kernel sets up a screen\n{}",
            serial::tail(&run.log)
        );
    }
    succeeded(&run)
}
