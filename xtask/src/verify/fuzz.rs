//! `fuzz`: runs each target of `fuzz/` for some seconds, and reports a finding with the command
//! that repeats it.
//!
//! ```text
//! fuzz/seeds/TARGET   in the repository ─┐
//! fuzz/corpus/TARGET  found here         ├─► target ─► fuzz/artifacts/TARGET/crash-…, a finding
//! ```

use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::nightly;
use crate::build::{self, run_quietly};
use crate::runner::{self, Test, Verdict};

/// Options of cargo-fuzz. The sanitizers detect misuse of unsafe code, and the code under test has
/// none.
const SANITIZER: [&str; 2] = ["--sanitizer", "none"];

/// Runs the targets whose names contain `filter`, each for this many seconds.
pub fn fuzz(seconds: u32, filter: &str) -> Result<()> {
    nightly::require()?;
    nightly::require_subcommand("cargo-fuzz")?;
    println!("building the targets…");
    run_quietly(nightly::cargo().args(["fuzz", "build"]).args(SANITIZER))?;
    let test = |target: String| {
        Test::new(format!("fuzz: {target}"), move || {
            run(&target, seconds).map(|()| Verdict::Passed)
        })
    };
    runner::run(targets()?.into_iter().map(test).collect(), filter)
}

/// Returns the names of the targets.
fn targets() -> Result<Vec<String>> {
    let folder = build::root().join("fuzz/targets");
    let mut names = Vec::new();
    for file in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = file?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

fn run(target: &str, seconds: u32) -> Result<()> {
    let folder = |name| format!("fuzz/{name}/{target}");
    fs::create_dir_all(build::root().join(folder("corpus")))?;
    let output = nightly::cargo()
        .args(["fuzz", "run"])
        .args(SANITIZER)
        .args([target, &folder("corpus"), &folder("seeds"), "--"])
        .args([&format!("-max_total_time={seconds}"), "-timeout=60"])
        .stdin(Stdio::null())
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    bail!(
        "{}",
        finding(target, &String::from_utf8_lossy(&output.stderr))
    )
}

/// Returns the report of a finding: what failed, and the command that repeats it.
fn finding(target: &str, messages: &str) -> String {
    let artifact = messages
        .lines()
        .find_map(|line| line.split_once("Test unit written to "))
        .map(|(_, path)| &path[path.find("fuzz/artifacts/").unwrap_or_default()..]);
    let Some(artifact) = artifact else {
        return format!("it did not run\n{messages}");
    };
    let panic = messages
        .lines()
        .skip_while(|line| !line.contains("panicked at"));
    let panic: Vec<&str> = panic
        .take_while(|line| !line.contains("RUST_BACKTRACE"))
        .collect();
    let why = match panic.is_empty() {
        true => "too slow, or out of memory".into(),
        false => panic.join("\n"),
    };
    let sanitizer = SANITIZER.join(" ");
    format!("{why}\nrepeat it: cargo +nightly fuzz run {sanitizer} {target} {artifact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_its_cause_and_the_command_that_repeats_it() {
        let messages = "#12 NEW\n\nthread '<unnamed>' (1) panicked at mm/src/a.rs:1:2:\nno\n\
            note: run with `RUST_BACKTRACE=1`\nartifact_prefix='/x/fuzz/artifacts/heap/'; \
            Test unit written to /x/fuzz/artifacts/heap/crash-ab\n";
        assert_eq!(
            finding("heap", messages),
            "thread '<unnamed>' (1) panicked at mm/src/a.rs:1:2:\nno\nrepeat it: cargo +nightly \
             fuzz run --sanitizer none heap fuzz/artifacts/heap/crash-ab"
        );
        assert!(finding("heap", "error: no such command").contains("no such command"));
    }

    #[test]
    fn each_target_has_seeds_and_an_entry_in_the_manifest() {
        let root = build::root().join("fuzz");
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        for target in targets().unwrap() {
            let path = format!("path = \"targets/{target}.rs\"");
            assert!(manifest.contains(&path), "fuzz/Cargo.toml lacks {target}");
            let seeds = fs::read_dir(root.join("seeds").join(&target));
            assert!(
                seeds.is_ok_and(|mut seeds| seeds.next().is_some()),
                "{target}: no seeds"
            );
        }
    }
}
