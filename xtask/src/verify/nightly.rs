//! The nightly compiler, and subcommands of cargo that users install.

use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::{build, setup};

/// Returns cargo with the nightly compiler, in the root of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new("rustup");
    command
        .args(["run", "nightly", "cargo"])
        .current_dir(build::root());
    // The variables of the compiler that built this tool would override the choice.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(variable);
    }
    command
}

/// Fails, with the command that installs it, if the nightly compiler is missing.
pub fn require() -> Result<()> {
    ensure!(
        succeeds(cargo().arg("--version")),
        "the nightly compiler is missing: rustup toolchain install nightly --profile minimal"
    );
    Ok(())
}

/// Fails, with the command that installs them, if components of the nightly compiler are missing.
pub fn require_components(names: &[&str]) -> Result<()> {
    require()?;
    let mut list = Command::new("rustup");
    list.args(["component", "list", "--installed", "--toolchain", "nightly"]);
    let output = list.output()?;
    let installed = String::from_utf8_lossy(&output.stdout);
    let is_missing = |name: &str| !installed.lines().any(|line| line.starts_with(name));
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| is_missing(name))
        .collect();
    ensure!(
        missing.is_empty(),
        "the nightly compiler lacks {0}: rustup component add {0} --toolchain nightly",
        missing.join(" ")
    );
    Ok(())
}

/// Fails, with the command that installs it, if this subcommand of cargo is missing.
pub fn require_subcommand(program: &str) -> Result<()> {
    ensure!(
        setup::find(program).is_some(),
        "{program} is missing: cargo install --locked {program}"
    );
    Ok(())
}

fn succeeds(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
