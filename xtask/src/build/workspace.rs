//! The workspace: its folders, its cargo, and the target of the kernel.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Rust's name of the bare-metal target.
pub const TARGET: &str = "x86_64-unknown-none";

/// The cargo that started this tool, in the root of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs cargo to its end. Its messages are part of the error, and are not shown otherwise.
pub fn run_cargo(arguments: &[&str]) -> Result<()> {
    run_quietly(cargo().args(arguments))
}

/// Runs a command to its end, as [`run_cargo`] does.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let messages = [output.stdout, output.stderr].concat();
    let messages = String::from_utf8_lossy(&messages);
    let arguments: Vec<_> = command
        .get_args()
        .map(|word| word.to_string_lossy())
        .collect();
    ensure!(
        output.status.success(),
        "{}\n{messages}",
        arguments.join(" ")
    );
    Ok(())
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask/ lies in the workspace")
}

/// The folder for build products.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(path) => root().join(path),
        None => root().join("target"),
    }
}
