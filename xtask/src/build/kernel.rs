//! Builds the kernel and its symbol file.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use cargo_metadata::Message;

use super::symbols;
use super::workspace::{build_for_the_machine, metadata, target};
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
    build(&name_with("kernel-with", features), &only(features))
}

/// If this variable is set, every kernel is built by the [`QUICK`] settings.
const QUICK_VARIABLE: &str = "MEMVIZ_QUICK";

/// Settings of a build that takes a third of the time: its code is slower, but does the same.
const QUICK: [&str; 4] = [
    "--config",
    "profile.release.lto=\"off\"",
    "--config",
    "profile.release.codegen-units=16",
];

/// Builds a kernel with only these enhancements, for tests that measure no costs.
pub fn quick_kernel_with(features: &[&str]) -> Result<Kernel> {
    let options: Vec<String> = QUICK
        .map(String::from)
        .into_iter()
        .chain(only(features))
        .collect();
    build(&name_with("quick-kernel-with", features), &options)
}

fn name_with(start: &str, features: &[&str]) -> String {
    let name = [start].into_iter().chain(features.iter().copied());
    name.collect::<Vec<_>>().join("-")
}

/// Returns cargo's arguments for a build with only these enhancements.
pub fn only(features: &[&str]) -> [String; 3] {
    [
        "--no-default-features".into(),
        "--features".into(),
        features.join(","),
    ]
}

/// Returns the enhancements of the kernel in the order of its manifest.
pub fn enhancements() -> Result<Vec<String>> {
    let mut packages = metadata()?.packages.iter();
    let kernel = packages.find(|package| package.name.as_str() == "kernel");
    let kernel = kernel.context("no kernel among the packages")?;
    let features = kernel.features.get("default");
    Ok(features.context("no default features")?.clone())
}

fn build(name: &str, options: &[String]) -> Result<Kernel> {
    let folder = target().join("kernels");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    // Cargo writes every variant to the same path. The lock is held until this one is copied.
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("cannot lock target/kernels/lock")?;
    let made = compile(options)?;
    let elf = folder.join(name);
    let bytes = std::fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
    // Atomically: a machine that reads the old file now can read it to its end.
    files::replace_with(&elf, &bytes)?;
    let symbols = elf.with_extension("symbols");
    let text = symbols::extract(&bytes).with_context(|| format!("in {}", elf.display()))?;
    files::replace_with(&symbols, text.as_bytes())?;
    Ok(Kernel { elf, symbols })
}

/// Compiles the kernel and returns the path of the ELF.
fn compile(options: &[String]) -> Result<PathBuf> {
    let is_quick = std::env::var_os(QUICK_VARIABLE).is_some();
    let quick = is_quick.then_some(QUICK).into_iter().flatten();
    let mut cargo = build_for_the_machine()
        .args(["--package", "kernel"])
        .args(quick)
        .arg("--message-format=json-render-diagnostics")
        .args(options)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let messages = BufReader::new(cargo.stdout.take().expect("piped"));
    let mut made = None;
    for message in Message::parse_stream(messages) {
        if let Message::CompilerArtifact(artifact) = message?
            && artifact.target.name == "kernel"
        {
            made = artifact.executable.or(made);
        }
    }
    ensure!(cargo.wait()?.success(), "the kernel does not build");
    Ok(made
        .context("cargo does not report the path of the kernel")?
        .into())
}
