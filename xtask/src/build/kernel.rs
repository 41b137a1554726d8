//! Builds the kernel and the symbol file that goes with it.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::symbols;
use super::workspace::{TARGET, cargo, target};
use crate::files;

/// A built kernel.
pub struct Kernel {
    pub elf: PathBuf,
    /// One line for each function: see [`symbols`].
    pub symbols: PathBuf,
}

/// Builds the kernel with all enhancements.
pub fn kernel() -> Result<Kernel> {
    build("kernel", &[])
}

/// Builds a kernel with only these enhancements. Its ELF has a name of its own.
pub fn kernel_with(features: &[&str]) -> Result<Kernel> {
    let name = ["kernel-with"].into_iter().chain(features.iter().copied());
    let name = name.collect::<Vec<_>>().join("-");
    build(&name, &only(features))
}

/// Cargo's arguments for a build with only these enhancements.
pub fn only(features: &[&str]) -> [String; 3] {
    [
        "--no-default-features".into(),
        "--features".into(),
        features.join(","),
    ]
}

/// Returns the enhancements of the kernel in the order of its manifest.
pub fn enhancements() -> Result<Vec<String>> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version=1"])
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "cargo cannot read the manifests");
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let kernel = packages
        .iter()
        .find(|package| package["name"] == "kernel")
        .context("no kernel among the packages")?;
    let features = kernel["features"]["default"]
        .as_array()
        .context("no default features")?;
    let names = features.iter().filter_map(Value::as_str);
    Ok(names.map(str::to_string).collect())
}

fn build(name: &str, options: &[String]) -> Result<Kernel> {
    let folder = target().join("kernels");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    // Cargo writes every variant to the same path. The lock is held until this one is copied.
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("cannot lock target/kernels/lock")?;
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
        .args(options)
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the kernel does not build");
    let made = target().join(TARGET).join("release/kernel");
    let elf = folder.join(name);
    let bytes = std::fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
    // Atomically: a machine that reads the old file now can read it to its end.
    files::replace_with(&elf, &bytes)?;
    let symbols = elf.with_extension("symbols");
    let text = symbols::extract(&bytes).with_context(|| format!("in {}", elf.display()))?;
    files::replace_with(&symbols, text.as_bytes())?;
    Ok(Kernel { elf, symbols })
}

/// A setting that keeps the path of cargo's home out of the kernel. Panic messages contain the
/// paths of source files, so a longer path makes a larger image. With this setting the kernel and
/// its pictures are the same on every host.
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
