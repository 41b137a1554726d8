//! The checks by other programs: rustfmt, clippy, rustdoc, cargo-deny.

use anyhow::Result;

use crate::build::{TARGET, cargo, run_quietly};
use crate::runner::{Test, Verdict};
use crate::setup;

/// Arguments for cargo that choose the kernel, which builds for the bare machine only.
const KERNEL: [&str; 4] = ["--package=kernel", "--release", "--target", TARGET];

/// The crates that are workspaces of their own. They use `mm` and `memviz`, whose tests do not
/// compile them.
const OUTSIDE: [&str; 3] = ["fuzz/Cargo.toml", "loom/Cargo.toml", "peers/Cargo.toml"];

pub fn checks() -> Vec<Test> {
    vec![
        Test::new("lint: formatted", || {
            done(cargo().args(["fmt", "--all", "--check"]))?;
            for manifest in OUTSIDE {
                done(cargo().args(["fmt", "--check", "--manifest-path", manifest]))?;
            }
            Ok(Verdict::Passed)
        }),
        Test::new("lint: clippy passes", || {
            done(cargo().args(["clippy", "--all-targets", "--", "--deny=warnings"]))
        }),
        Test::new("lint: clippy passes for the kernel", || {
            done(
                cargo()
                    .arg("clippy")
                    .args(KERNEL)
                    .args(["--", "--deny=warnings"]),
            )
        }),
        Test::new(
            "lint: clippy passes for the crates outside of the workspace",
            || {
                for manifest in OUTSIDE {
                    let mut command = cargo();
                    command.args(["clippy", "--all-targets", "--manifest-path", manifest]);
                    command.args(["--target-dir", "target"]);
                    // Clippy does not link, so the library of libFuzzer need not be built.
                    command.env("CUSTOM_LIBFUZZER_PATH", "none/libfuzzer.a");
                    done(command.args(["--", "--deny=warnings"]))?;
                }
                Ok(Verdict::Passed)
            },
        ),
        Test::new("lint: docs build without a warning", || {
            done(documentation().args(["--package=mm", "--package=memviz", "--package=xtask"]))
        }),
        Test::new("lint: docs of the kernel build without a warning", || {
            done(documentation().args(KERNEL))
        }),
        Test::new("deny: licences, bans and sources of dependencies", || {
            deny(&["bans", "licenses", "sources"])
        }),
        Test::new("deny: advisories on dependencies", advisories),
    ]
}

fn done(command: &mut std::process::Command) -> Result<Verdict> {
    run_quietly(command)?;
    Ok(Verdict::Passed)
}

fn documentation() -> std::process::Command {
    let mut command = cargo();
    command.env("RUSTDOCFLAGS", "--deny=warnings").args([
        "doc",
        "--no-deps",
        "--document-private-items",
    ]);
    command
}

/// Checks dependencies: `deny.toml` says what is allowed.
fn deny(checks: &[&str]) -> Result<Verdict> {
    if setup::find("cargo-deny").is_none() {
        return Ok(Verdict::Skipped(
            "cargo-deny is missing: cargo install --locked cargo-deny".into(),
        ));
    }
    // A build does not download crates of other platforms. Without a network, they may be there.
    let _ = run_quietly(cargo().args(["fetch", "--locked"]));
    let mut command = cargo();
    command.args(["deny", "--offline", "check"]).args(checks);
    done(&mut command)
}

/// Checks dependencies against a database of advisories, if the network provides it.
fn advisories() -> Result<Verdict> {
    if setup::find("cargo-deny").is_some()
        && let Err(error) = run_quietly(cargo().args(["deny", "fetch", "db"]))
    {
        let text = format!("{error:#}");
        let reason = text.lines().rev().find(|line| !line.trim().is_empty());
        let reason = reason.unwrap_or("no reason given").trim();
        return Ok(Verdict::Skipped(format!(
            "the advisory database cannot be fetched ({reason})"
        )));
    }
    deny(&["advisories"])
}
