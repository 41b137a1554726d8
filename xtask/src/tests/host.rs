//! What needs no machine: unit and property tests, and the state of the source.

use std::process::Stdio;

use anyhow::{Result, bail};

use super::test::{Test, Verdict};
use crate::build;

pub fn tests() -> Vec<Test> {
    let checks: [(&str, &[&str]); 6] = [
        ("formatted", &["fmt", "--all", "--check"]),
        (
            "clippy is content",
            &["clippy", "--all-targets", "--", "--deny=warnings"],
        ),
        (
            "clippy is content with the kernel",
            &[
                "clippy",
                "--package=kernel",
                "--release",
                "--target",
                build::TARGET,
                "--",
                "--deny=warnings",
            ],
        ),
        ("mm", &["test", "--package=mm"]),
        ("memviz", &["test", "--package=memviz"]),
        ("xtask", &["test", "--package=xtask"]),
    ];
    checks
        .into_iter()
        .map(|(name, arguments)| Test::new(format!("host: {name}"), move || cargo(arguments)))
        .collect()
}

/// Runs cargo; what it says is shown only when it fails.
fn cargo(arguments: &[&str]) -> Result<Verdict> {
    let output = build::cargo()
        .args(arguments)
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(Verdict::Passed);
    }
    let said = [output.stdout, output.stderr].concat();
    bail!(
        "cargo {}\n{}",
        arguments.join(" "),
        String::from_utf8_lossy(&said)
    );
}
