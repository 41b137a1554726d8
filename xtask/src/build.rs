//! Builds the kernel and the symbol file that goes with it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::symbols;

/// The bare machine, as Rust calls it.
pub const TARGET: &str = "x86_64-unknown-none";

/// What the machine boots.
pub struct Kernel {
    pub elf: PathBuf,
    /// One line a function, see `symbols`.
    pub symbols: PathBuf,
}

pub fn kernel() -> Result<Kernel> {
    let status = cargo()
        .args([
            "build",
            "--package",
            "kernel",
            "--release",
            "--target",
            TARGET,
            "--config",
            &nameless_paths(),
        ])
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the kernel does not build");
    let elf = target().join(TARGET).join("release/kernel");
    let symbols = elf.with_extension("symbols");
    let bytes = std::fs::read(&elf).with_context(|| format!("cannot read {}", elf.display()))?;
    let text = symbols::extract(&bytes).with_context(|| format!("in {}", elf.display()))?;
    std::fs::write(&symbols, text)
        .with_context(|| format!("cannot write {}", symbols.display()))?;
    Ok(Kernel { elf, symbols })
}

/// A setting that keeps the place of cargo's home out of the kernel: panic messages name source files, and a
/// longer path makes a larger image. With it, everybody builds the same kernel, and sees the same pictures.
fn nameless_paths() -> String {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| {
            let home = std::env::var_os("HOME")?;
            Some(Path::new(&home).join(".cargo"))
        });
    let prefix = home.unwrap_or_else(|| "/cargo".into());
    format!(
        "target.{TARGET}.rustflags=[{:?}]",
        format!("--remap-path-prefix={}=cargo", prefix.display())
    )
}

/// The cargo that runs this tool, in the root of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask/ lies in the workspace")
}

/// Where everything goes that can be made again.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(path) => root().join(path),
        None => root().join("target"),
    }
}
