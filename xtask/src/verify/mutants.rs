//! `mutants`: changes the source of `mm` in many small ways, and lists the changes that no test
//! notices.

use anyhow::{Context, Result, ensure};

use super::nightly;
use crate::build;

/// Passes these options on to cargo-mutants: `--file mm/src/heat/mod.rs` for one file.
pub fn mutants(options: &[String]) -> Result<()> {
    nightly::require_subcommand("cargo-mutants")?;
    let mut command = build::cargo();
    command
        .args(["mutants", "--package=mm", "--output=target/mutants"])
        .args(["--no-shuffle", "--colors=never"])
        .args(options);
    let status = command.status().context("cannot start cargo")?;
    ensure!(
        status.success(),
        "target/mutants/mutants.out/missed.txt lists the changes that no test notices"
    );
    Ok(())
}
