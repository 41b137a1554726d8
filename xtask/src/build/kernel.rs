//! Builds the kernel and the symbol file that goes with it.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::symbols;
use super::workspace::{TARGET, cargo, target};
use crate::files;

/// What the machine boots.
pub struct Kernel {
    pub elf: PathBuf,
    /// One line a function, see `symbols`.
    pub symbols: PathBuf,
}

/// With everything.
pub fn kernel() -> Result<Kernel> {
    build("kernel", &[])
}

/// With these enhancements alone; the ELF is kept under a name of its own.
pub fn kernel_with(features: &[&str]) -> Result<Kernel> {
    let name = ["kernel-with"].into_iter().chain(features.iter().copied());
    let name = name.collect::<Vec<_>>().join("-");
    build(&name, &only(features))
}

/// What tells cargo to build these enhancements and no other.
pub fn only(features: &[&str]) -> [String; 3] {
    [
        "--no-default-features".into(),
        "--features".into(),
        features.join(","),
    ]
}

/// The enhancements of the kernel, as its manifest lists them.
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
    // Cargo writes every variant to the same place: nobody else may build one before this one was
    // copied from there.
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
    // In one go: a machine that reads the old one now reads it to its end.
    files::replace_with(&elf, &bytes)?;
    let symbols = elf.with_extension("symbols");
    let text = symbols::extract(&bytes).with_context(|| format!("in {}", elf.display()))?;
    files::replace_with(&symbols, text.as_bytes())?;
    Ok(Kernel { elf, symbols })
}

/// A setting that keeps the place of cargo's home out of the kernel: panic messages name source
/// files, and a longer path makes a larger image. With it, everybody builds the same kernel, and
/// sees the same pictures.
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
